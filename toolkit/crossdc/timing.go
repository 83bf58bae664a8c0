package crossdc

import (
	"math"
	"time"
)

// Timing states the bounds of section 6 in closed form. All durations are toolkit time: what the toolkit calls 1 s is
// time.Second here, whatever the speed of the emulator. Delays are one-way. Sums that do not fit saturate at about
// 292 years, so that the code defaults (I = 14 years) stay ordered.
type Timing struct {
	Interval         time.Duration // I, heartbeatExchangeInterval
	Misses           uint8         // N, consecutiveHeartbeatMissesAllowed
	SnapshotInterval time.Duration // S, dataSnapshotExchangeInterval
	InitDelay        time.Duration // D0, crossDCInitDelay
	ConnectTimeout   time.Duration // C, httpConnectionTimeout
	ReadTimeout      time.Duration // R, httpReadTimeout
	Machines         int           // M, number of remote machine names
	Pairs            int           // W, numberOfHttpSenderReceiverPairs
}

// Timing returns the timing that the configuration leads to.
func (c *Config) Timing() Timing {
	return Timing{
		Interval:         seconds(c.HeartbeatInterval),
		Misses:           c.MissesAllowed,
		SnapshotInterval: seconds(c.SnapshotInterval),
		InitDelay:        seconds(c.InitDelay),
		ConnectTimeout:   seconds(float64(c.HTTPConnectionTimeout)),
		ReadTimeout:      seconds(float64(c.HTTPReadTimeout)),
		Machines:         len(c.RemoteMachines()),
		Pairs:            int(c.HTTPSenderReceiverPairs),
	}
}

// Interval is a closed range of durations.
type Interval struct{ Min, Max time.Duration }

// seconds converts toolkit seconds, saturating.
func seconds(s float64) time.Duration {
	switch ns := s * float64(time.Second); {
	case math.IsNaN(ns):
		return 0
	case ns >= math.MaxInt64:
		return math.MaxInt64
	case ns <= math.MinInt64:
		return math.MinInt64
	default:
		return time.Duration(math.Round(ns))
	}
}

// times is n intervals, n*I, saturating.
func (t Timing) times(n float64) time.Duration { return seconds(n * t.Interval.Seconds()) }

// add is the saturating sum.
func add(durations ...time.Duration) time.Duration {
	var sum float64
	var exact time.Duration
	for _, d := range durations {
		sum += float64(d)
		exact += d
	}
	if math.Abs(sum) > math.MaxInt64/2 {
		return seconds(sum / float64(time.Second))
	}
	return exact
}
