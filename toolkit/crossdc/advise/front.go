package advise

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
)

// Option is a configuration that keeps the objectives.
type Option struct {
	Interval       float64 `json:"i_s"`
	Misses         int     `json:"n"`
	Snapshot       float64 `json:"s_s"`
	Connect        int32   `json:"connect_timeout_s"`
	Read           int32   `json:"read_timeout_s"`
	Detection      float64 `json:"detection_s"` // longest
	Period         float64 `json:"p_s"`
	FalseFailovers Yearly  `json:"false_failovers"`
	Silences       Yearly  `json:"silences"`
	BootDelay      float64 `json:"boot_delay_s"`      // that a data center is held back before it starts again
	SilentLosses   Yearly  `json:"silent_losses"`     // Q17, by restarts
	Failovers      Yearly  `json:"restart_failovers"` // restarts that are noticed, and so end in DOWN and takeover
	Trade          string  `json:"trade"`             // what it gives and what it takes, in words
}

// Map is failovers for nothing a year over interval and misses.
type Map struct {
	Intervals []float64   `json:"i_s"`
	Misses    []int       `json:"n"`
	False     [][]float64 `json:"false_failovers"` // by interval, then by misses
	Keeps     [][]bool    `json:"keeps_rto"`       // whether the longest detection is within the RTO
}

// mapSamples is how many outages of each kind are drawn for a cell: enough for a map, too few for a number.
const mapSamples = 40

// front fills the map, and the configurations that no other one beats in both failovers for nothing and detection.
func (in *Input) front(ctx context.Context, a *Advice) error {
	intervals, misses := in.Intervals, in.Misses
	if len(intervals) == 0 {
		intervals = []float64{2, 5, 10, 15, 20, 30, 45, 60}
	}
	if len(misses) == 0 {
		misses = []uint8{2, 3, 4, 5, 6, 8}
	}
	a.Map.Intervals = intervals
	for _, n := range misses {
		a.Map.Misses = append(a.Map.Misses, int(n))
	}
	var options []Option
	for _, i := range intervals {
		var row []float64
		var keeps []bool
		for _, n := range misses {
			o, ok, err := in.option(ctx, i, n)
			if err != nil {
				return err
			}
			row = append(row, o.FalseFailovers.Value)
			keeps = append(keeps, in.RTO == 0 || seconds(o.Detection) <= in.RTO)
			if ok {
				options = append(options, o)
			}
		}
		a.Map.False, a.Map.Keeps = append(a.Map.False, row), append(a.Map.Keeps, keeps)
	}
	slices.SortFunc(options, func(x, y Option) int {
		return cmp.Or(cmp.Compare(x.FalseFailovers.Value, y.FalseFailovers.Value), cmp.Compare(x.Detection, y.Detection))
	})
	best := -1.0
	for _, o := range options {
		if best >= 0 && o.Detection >= best {
			continue // another one is as quiet and quicker
		}
		best = o.Detection
		if a.Better = append(a.Better, o); len(a.Better) == maxBetter {
			break
		}
	}
	return in.bootDelays(ctx, a)
}

// maxBetter configurations are told, each with and without a boot that is held back.
const maxBetter = 6

// bootDelays adds the axis of the boot delay: what restarts cost a configuration as it is, and, where they lose state silently, with a
// data center that is held back until its death was certainly noticed. Neither beats the other: one pays in state, one in failovers.
func (in *Input) bootDelays(ctx context.Context, a *Advice) error {
	var all []Option
	for _, o := range a.Better {
		other := *in
		other.Config = o.of(in.Config)
		visible := max(other.Config.Timing().InvisibleRestart().AlwaysVisible, 0)
		delays := []time.Duration{0}
		if visible > in.Profile.Boot {
			delays = append(delays, visible-in.Profile.Boot)
		}
		for _, delay := range delays {
			other.Profile.Boot = in.Profile.Boot + delay
			var held Advice
			if err := other.restarts(ctx, &held, restartSamples); err != nil {
				return err
			}
			o.BootDelay, o.SilentLosses, o.Failovers = delay.Seconds(), held.Year.SilentLosses, held.Restart.Noticed.times(in.Profile.Restarts)
			o.Trade = o.words(a)
			all = append(all, o)
			if o.SilentLosses.Value == 0 {
				break // nothing is lost that holding back could save
			}
		}
	}
	a.Better = all
	return nil
}

// restartSamples are drawn for each boot delay.
const restartSamples = 100

// of is the configuration that an option stands for.
func (o Option) of(c crossdc.Config) crossdc.Config {
	c.HeartbeatInterval, c.MissesAllowed, c.SnapshotInterval = o.Interval, uint8(o.Misses), o.Snapshot //nolint:gosec // misses came from one
	c.HTTPConnectionTimeout, c.HTTPReadTimeout = o.Connect, o.Read
	return c
}

// option is the configuration with an interval and misses, and whether it keeps the objectives.
func (in *Input) option(ctx context.Context, i float64, n uint8) (Option, bool, error) {
	c := in.Config
	c.HeartbeatInterval, c.MissesAllowed = i, n
	snapshot, fits := longestSnapshot(i, in.RPO, c.SnapshotInterval)
	c.SnapshotInterval = snapshot
	// one hung exchange, C + R, must not outlast what is certainly harmless together with the interval before it (Q10)
	spare := max(float64(n-1)*i, 2)
	c.HTTPConnectionTimeout = int32(min(float64(c.HTTPConnectionTimeout), max(1, spare/4)))
	c.HTTPReadTimeout = int32(min(float64(c.HTTPReadTimeout), max(1, spare-float64(c.HTTPConnectionTimeout))))
	other := *in
	other.Config = c
	var a Advice
	if err := other.outages(ctx, &a, mapSamples); err != nil {
		return Option{}, false, err
	}
	timing := c.Timing()
	period, err := timing.SnapshotPeriod()
	if err != nil {
		return Option{}, false, err
	}
	o := Option{Interval: i, Misses: int(n), Snapshot: c.SnapshotInterval, Connect: c.HTTPConnectionTimeout, Read: c.HTTPReadTimeout,
		Detection: timing.CertainGap().Seconds(), Period: period.Seconds(), FalseFailovers: a.Year.FalseFailovers, Silences: a.Year.Silences}
	keeps := fits && (in.RTO == 0 || timing.CertainGap() <= in.RTO)
	return o, keeps, nil
}

// longestSnapshot is the longest snapshot interval, a multiple of i, whose real period is within the objective; without an
// objective the one that is configured.
func longestSnapshot(i float64, rpo time.Duration, configured float64) (s float64, fits bool) {
	if rpo == 0 {
		return max(configured, 1), true
	}
	for k := int(rpo.Seconds()/i) + 1; k >= 1; k-- {
		t := crossdc.Timing{Interval: seconds(i), SnapshotInterval: seconds(float64(k) * i)}
		if period, err := t.SnapshotPeriod(); err == nil && period <= rpo {
			return float64(k) * i, true
		}
	}
	return max(i, 1), false
}

// words say what an option changes against the configuration that was asked about.
func (o Option) words(a *Advice) string {
	var text string
	switch now := a.Timing.Detection; {
	case o.Detection < now:
		text = fmt.Sprintf("detects %.0f s sooner", now-o.Detection)
	case o.Detection > now:
		text = fmt.Sprintf("detects %.0f s later", o.Detection-now)
	default:
		text = "detects as late"
	}
	switch was, is := a.Year.FalseFailovers.Value, o.FalseFailovers.Value; {
	case is < was:
		text += fmt.Sprintf(", %.2g failovers for nothing fewer a year", was-is)
	case is > was:
		text += fmt.Sprintf(", %.2g failovers for nothing more a year", is-was)
	default:
		text += ", as many failovers for nothing"
	}
	if beats := a.Timing.Interval / o.Interval; beats > 1 {
		text += fmt.Sprintf(", %.2g times the heartbeats", beats)
	}
	if rounds := a.Timing.Period / o.Period; rounds > 1.01 {
		text += fmt.Sprintf(", %.2g times the snapshots", rounds)
	}
	switch {
	case o.BootDelay > 0:
		text += fmt.Sprintf("; with a boot that is held back for %.0f s no restart loses state silently, and %.2g restarts a year end in a failover instead", o.BootDelay, o.Failovers.Value)
	case o.SilentLosses.Value > 0:
		text += fmt.Sprintf("; %.2g restarts a year lose state silently (Q17)", o.SilentLosses.Value)
	}
	return text
}
