package toolkit

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/crossdc/failover/toolkit/metrics"
)

// Config says which pair of sites to watch and how.
type Config struct {
	Sites  [2]Site
	Timing Timing
	Link   Prober // nil: whether the link between the sites works is not known

	CallTimeout time.Duration // per call, wall time; default 5 s
	Refresh     time.Duration // how old a metric may be when it is read (rest contract 4.3), wall time; default 3 toolkit seconds
	// PushDelayBound is the longest time from the submission of a tuple in the application to its receipt here, wall time,
	// as measured or known of the environment (loopback: a few milliseconds). Zero: not known.
	PushDelayBound time.Duration
	// Delay is the same where it depends on how busy the machines are: the longest that it may have taken from the toolkit's
	// operator to the application's trace or endpoint, and from there to a receipt at that instant. It replaces
	// PushDelayBound. Nil: PushDelayBound.
	Delay func(received time.Time) time.Duration
	// TraceDelay is the part of it up to the application's trace. It counts only together with Site.Clock. Nil: Delay.
	TraceDelay func(Traced) time.Duration

	Now    func() time.Time // default time.Now; must carry a monotonic reading in production
	Random func() uint64    // names of probe streams and jitter; default math/rand/v2
}

// Site is one data center as the client reaches it. Nil sources are indicators that this environment does not have.
type Site struct {
	Name       string // "dc1"
	Management Management
	Exchange   Exchange
	Prometheus Scraper

	PrometheusOrigin metrics.Origin // which of the series are the application's; its zero takes every series of the scrape
	Composite        string         // invocation of the toolkit's composite; default CrossDCFailover
	Endpoints        Endpoints
	Fragments        int            // number of state fragments of the application, for complete or partial takeover; 0 unknown
	Clock            *ClockBound    // nil: the host's clock cannot be compared with ours
	Serving          []OperatorPort // ports of the application's own operators whose tuples tell that it serves; none: it is not told so
	Unused           []Indicator    // not to be used although there is a source for them
}

func (s *Site) uses(i Indicator) bool { return !slices.Contains(s.Unused, i) }

// Endpoints are the operators of the application's endpoints; an empty name means that there is none.
type Endpoints struct{ Events, Control, Results, Status, Takeover, State string }

// DefaultEndpoints are the names in the applications that this project ships.
func DefaultEndpoints() Endpoints {
	return Endpoints{Events: "Events", Control: "Control", Results: "Results", Status: "Status", Takeover: "Takeover", State: "State"}
}

// ClockBound says how the host's clock relates to ours: our instant = host instant + Offset, give or take Error and, for
// an instant that is past, Drift of the time since then: how much the two may have come apart.
type ClockBound struct {
	Offset, Error time.Duration
	Drift         float64 // seconds per second
}

// Traced is a line of an application's trace that tells an event.
type Traced struct {
	Site    string
	At      time.Time // on our clock, at the earliest
	Process string    // id of the process that traced it
	Origin  string    // id of the process in which it happened, from where the news came; empty: not known
}

// Timing is the toolkit's configuration as far as observation needs it, in toolkit seconds.
type Timing struct {
	HeartbeatInterval float64 // I; default 30
	MissesAllowed     int     // N; default 4
	Speedup           float64 // toolkit seconds per wall second; default 1
}

// Wall converts toolkit seconds to wall time.
func (t Timing) Wall(seconds float64) time.Duration {
	return time.Duration(seconds / t.Speedup * float64(time.Second))
}

// Interval is the heartbeat interval I in wall time.
func (t Timing) Interval() time.Duration { return t.Wall(t.HeartbeatInterval) }

// delay bounds how long something that was noticed at an instant may have been under way inside the data center and to
// us; 0 when that is not known.
func (c *Config) delay(received time.Time) time.Duration {
	if c.Delay != nil {
		return c.Delay(received)
	}
	return c.PushDelayBound
}

// traceDelay is delay of a trace line by its own time.
func (c *Config) traceDelay(t Traced) time.Duration {
	if c.TraceDelay != nil {
		return c.TraceDelay(t)
	}
	return c.delay(t.At)
}

// ours bounds a past instant of the host's clock on ours; read is when it was read.
func (b ClockBound) ours(read, host time.Time) bounds {
	at := onOurClock(read, host.Add(b.Offset))
	wrong := b.Error + time.Duration(b.Drift*float64(max(0, read.Sub(at))))
	return bounds{at.Add(-wrong), at.Add(wrong)}
}

func (c Config) withDefaults() (Config, error) {
	set := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	if c.Timing.HeartbeatInterval == 0 {
		c.Timing.HeartbeatInterval, c.Timing.MissesAllowed = 30, 4
	}
	if c.Timing.Speedup == 0 {
		c.Timing.Speedup = 1
	}
	set(&c.CallTimeout, 5*time.Second)
	set(&c.Refresh, c.Timing.Wall(3))
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Uint64
	}
	var errs []error
	if c.Timing.HeartbeatInterval < 0 || c.Timing.Speedup < 0 || c.Timing.MissesAllowed < 0 {
		errs = append(errs, errors.New("timing: heartbeat interval, misses and speedup must not be negative"))
	}
	for i := range c.Sites {
		s := &c.Sites[i]
		if s.Name == "" {
			errs = append(errs, fmt.Errorf("site %d: no name, set Site.Name to the data center's", i+1))
		}
		if s.Composite == "" {
			s.Composite = "CrossDCFailover"
		}
	}
	if c.Sites[0].Name == c.Sites[1].Name && c.Sites[0].Name != "" {
		errs = append(errs, fmt.Errorf("both sites are named %q", c.Sites[0].Name))
	}
	return c, errors.Join(errs...)
}

// Count is one of the toolkit's counters that the inference rests on (toolkit contract 8.2).
type Count string

// The counters, by operator and port of contract 3.2.
const (
	StatusTuples   Count = "watchdog out 0 submitted"     // odd UP, even DOWN, 0 never
	HeartbeatsIn   Count = "heartbeats received"          // watchdog in 0
	Ticks          Count = "ticks"                        // watchdog in 1
	HeartbeatsOut  Count = "heartbeats produced"          // preparer out 0
	OtherOut       Count = "shutdown or return messages"  // preparer out 1: type 3 and file-mode type 4
	SnapshotRounds Count = "snapshot rounds"              // preparer out 2
	Backlog        Count = "heartbeat backlog"            // Sender1 in 0 queued
	SnapshotsIn    Count = "snapshots accepted"           // receiver out 0, all channels
	Delivered      Count = "fragments delivered"          // merger out 0
	PersistBacklog Count = "replicas waiting to be saved" // remote watchdog in 0 queued
)

type countSource struct {
	count    Count
	operator string
	port     metrics.Port
	metric   string
}

// countSources is where each counter comes from; port names are those of contract 3.2, for sources without indexes.
var countSources = []countSource{
	{StatusTuples, "RemoteDataCenterHeartbeatWatchdog", metrics.Out(0, "RemoteDataCenterStatus"), "nTuplesSubmitted"},
	{HeartbeatsIn, "RemoteDataCenterHeartbeatWatchdog", metrics.In(0, "BinData1"), "nTuplesProcessed"},
	{Ticks, "RemoteDataCenterHeartbeatWatchdog", metrics.In(1, "HeartbeatSignal"), "nTuplesProcessed"},
	{HeartbeatsOut, "HeartbeatMessagePreparer", metrics.Out(0, "SerializedHeartbeatMessage"), "nTuplesSubmitted"},
	{OtherOut, "HeartbeatMessagePreparer", metrics.Out(1, "SerializedNonHeartbeatMessage1"), "nTuplesSubmitted"},
	{SnapshotRounds, "HeartbeatMessagePreparer", metrics.Out(2, "DataSnapshotSignal"), "nTuplesSubmitted"},
	{Backlog, "CrossDataCenterSender1", metrics.In(0, "SerializedHeartbeatMessage"), "nTuplesQueued"},
	{SnapshotsIn, "CrossDataCenterReceiver", metrics.Out(0, "BinData2"), "nTuplesSubmitted"},
	{Delivered, "RemoteDCDataMerger", metrics.Out(0, "ProcessDataFromRemoteDC"), "nTuplesSubmitted"},
	{PersistBacklog, "RemoteDataCenterWatchdog", metrics.In(0, "BinData2"), "nTuplesQueued"},
}

// processMetrics are those of the PEs' processes. They move also where an application has nothing to do, and so tell a page that goes on
// from one that is repeated.
var processMetrics = []string{"nCpuMilliseconds", "nMemoryConsumption", "nResidentMemoryConsumption"}

// pageMetrics are the metrics of a page that somebody here looks at.
func pageMetrics() []string {
	names := slices.Clone(processMetrics)
	for _, src := range countSources {
		if !slices.Contains(names, src.metric) {
			names = append(names, src.metric)
		}
	}
	return names
}
