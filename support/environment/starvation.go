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

// starvationLimit is how long this process may miss its turn before what was measured meanwhile proves nothing. Less than
// that only widens intervals.
const starvationLimit = 200 * time.Millisecond

// On one machine, what is observed is delayed by the same scheduler as we are. A status tuple, a fragment or a trace line
// passes this many threads from the toolkit's operator to us; each may miss its turn by as much as we saw ourselves miss
// it in the last moments, and needs quietDelay besides. suites/accuracy holds this against the truth.
const (
	quietDelay    = 4 * time.Millisecond
	threadsPassed = 4
	lastMoments   = 500 * time.Millisecond
)

// sameHost is how far the stamps of a process on this machine may be off our own clock: they are of one clock, which is
// read in milliseconds or better, and may be slewed.
const sameHost = time.Millisecond

// watchStarvation starts measuring how late we are scheduled, and lets the client of an embedded environment use it.
func (e *Environment) watchStarvation(client *toolkit.Config) {
	e.pulse = pulse.Start(starvationLimit)
	if e.Kind != config.Embedded {
		return
	}
	client.Delay = e.delay
	for i := range client.Sites {
		client.Sites[i].Clock = &toolkit.ClockBound{Error: sameHost}
	}
}

// delay bounds how long something that reached us at an instant was under way.
func (e *Environment) delay(received time.Time) time.Duration {
	return quietDelay + threadsPassed*e.pulse.Worst(received.Add(-lastMoments), received)
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
