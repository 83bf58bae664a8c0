package traffic

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Options of a generator with its ledger.
type Options struct {
	Sites [2]string // names of the two data centers; each is the home of a stream of the same name
	// Idle is the data center whose stream sends nothing, because its application is not there; empty: none.
	Idle string
	// Silent sends nothing at all: the application has its own load.
	Silent bool
	// Within is how long after it was due the result of an event may come, before it is late; 0: none is.
	Within time.Duration
	// Rate is the events per wall second of each stream.
	Rate float64
	// Tick is how often a batch is sent; default 5 ms.
	Tick time.Duration
	// Window is how many ticks' batches of one stream may wait or be under way; default 64. When it is full, the next
	// batch is not sent: its events are refused, and counted by Ledger.QueueFull ("client queue full").
	Window int
	// MaxBatch is the most events of one injection; default 250 (an endpoint's buffer limits it too).
	MaxBatch int
	// Patience is how long an injection into a home that its peer declared DOWN may take before it counts as no
	// answer; default 100 ms. Without that declaration only Timeout limits it.
	Patience time.Duration
	// Timeout of one injection; default 2 s.
	Timeout time.Duration
	// Probe is how often a stream that has left its home asks whether it may come back; default 100 ms.
	Probe time.Duration
	// Bucket is the resolution of throughput; default 50 ms.
	Bucket time.Duration
	// Epoch is the zero of every model.Instant: Run.Started with its monotonic reading.
	Epoch time.Time
	// Speedup is toolkit seconds per wall second; default 1.
	Speedup float64
	// Canary takes one event per 10 ticks on a path that no fault touches; nil = none. Its trouble is trouble of ours.
	Canary Sink
	// CanaryLimit is the answer time above which the canary counts as in trouble; default 250 ms.
	CanaryLimit time.Duration
	// Clock; default SystemClock.
	Clock Clock
}

func (o Options) withDefaults() (Options, error) {
	set := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	set(&o.Tick, 5*time.Millisecond)
	set(&o.Timeout, 2*time.Second)
	set(&o.Probe, 100*time.Millisecond)
	set(&o.Bucket, 50*time.Millisecond)
	set(&o.Patience, 100*time.Millisecond)
	set(&o.CanaryLimit, 250*time.Millisecond)
	if o.MaxBatch == 0 {
		o.MaxBatch = 250
	}
	if o.Window == 0 {
		o.Window = 64
	}
	if o.Speedup == 0 {
		o.Speedup = 1
	}
	if o.Clock == nil {
		o.Clock = SystemClock{}
	}
	if o.Epoch.IsZero() {
		o.Epoch = o.Clock.Now()
	}
	switch {
	case o.Sites[0] == "" || o.Sites[1] == "" || o.Sites[0] == o.Sites[1]:
		return o, fmt.Errorf("start traffic between %q: two different data centers are needed", o.Sites)
	case !(o.Rate > 0 && o.Rate <= 1e6):
		return o, fmt.Errorf("start traffic at %g events per second: allowed are more than 0, at most 1000000", o.Rate)
	case !(o.Speedup > 0) || math.IsInf(o.Speedup, 0):
		return o, fmt.Errorf("start traffic with speedup %g: it must be above 0", o.Speedup)
	case o.Tick < 0 || o.Timeout < 0 || o.Probe < 0 || o.Bucket < 0 || o.Window < 0 || o.MaxBatch < 0 || o.Patience < 0 || o.CanaryLimit < 0:
		return o, errors.New("start traffic: no duration or window may be negative")
	}
	return o, nil
}
