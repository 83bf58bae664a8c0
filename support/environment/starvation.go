package environment

import (
	"fmt"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment/pulse"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/toolkit"
)

// starvationLimit is how long this process may miss its turn before what was measured meanwhile proves nothing: a
// heartbeat interval, within bounds. Less than that only widens intervals.
func (e *Environment) starvationLimit() time.Duration {
	interval := time.Duration(float64(e.Timing.Interval) / e.Speedup)
	return min(max(interval, 200*time.Millisecond), time.Second)
}

// On one machine, what is observed is delayed by the same scheduler as we are. What happens in an operator of the toolkit
// passes some threads until the application traces it, and more until it reaches us; each may miss its turn by as much as
// we saw ourselves miss it in the last moments. Without any such gap, the quiet delays are never exceeded. suites/accuracy
// holds all of this against the truth.
const (
	quietToTrace   = time.Millisecond
	threadsToTrace = 3
	quietToUs      = 2 * time.Millisecond
	threadsToUs    = 5
	lastMoments    = time.Second
)

// sameHost is how far the stamps of a process on this machine may be off our own clock: it is one clock, but between a
// stamp and its reading, less than a second later, it may be slewed against the monotonic one (by 0.05 % at most).
const sameHost = 500 * time.Microsecond

// watchStarvation starts measuring how late we are scheduled, and lets the client of an embedded environment use it.
func (e *Environment) watchStarvation(client *toolkit.Config) {
	e.pulse = pulse.Start(e.starvationLimit())
	if e.Kind != config.Embedded {
		return
	}
	client.Delay = func(received time.Time) time.Duration {
		return quietToUs + threadsToUs*e.pulse.Worst(received.Add(-lastMoments), received)
	}
	client.TraceDelay = func(traced time.Time) time.Duration {
		return quietToTrace + threadsToTrace*e.pulse.Worst(traced.Add(-lastMoments), traced)
	}
	for i := range client.Sites {
		client.Sites[i].Clock = &toolkit.ClockBound{Error: sameHost}
	}
}

// Starvation says when, in a stretch of the run, this process was kept from running for so long that what it saw
// meanwhile proves nothing.
func (e *Environment) Starvation(from, to time.Time, instant func(time.Time) model.Instant) []model.Observation {
	var list []model.Observation
	for _, gap := range e.pulse.Starved(from, to) {
		list = append(list, model.Observation{
			Indicator: timeline.TrafficIndicator, Event: timeline.ObserverStarved,
			When: model.Interval{Earliest: instant(gap.From), Latest: instant(gap.To)},
			Evidence: fmt.Sprintf("this process was not scheduled for %v; give it a machine, or a core, of its own",
				gap.Length().Round(time.Millisecond)),
		})
	}
	return list
}
