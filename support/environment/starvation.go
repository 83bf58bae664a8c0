package environment

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/environment/busy"
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
// we saw ourselves miss it in the last moments. Without any such gap, the quiet delays are never exceeded. support/prove/accuracy
// holds all of this against the truth.
//
// Where it is known in which PE it happened and in which it was traced, the way to the trace is bounded more closely: the
// one hands it straight to the other, so it takes no longer than the two were busy (package busy). quietBetweenPEs is for
// what is neither running nor waiting for a processor, such as waking one up.
const (
	quietBetweenPEs = time.Millisecond
	quietToTrace    = time.Millisecond
	threadsToTrace  = 3
	quietToUs       = 2 * time.Millisecond
	threadsToUs     = 10
	lastMoments     = time.Second
)

// sameHost is how far the stamps of a process on this machine may be off our own clock: it is one clock, but between a
// stamp and its reading it may be slewed against the monotonic one (adjtimex(2): by 0.05 % at most).
const (
	sameHost = 20 * time.Microsecond
	slewing  = 0.0005
)

// watchStarvation starts measuring how late we are scheduled, and lets the client use it where that says something of what it sees.
func (e *Environment) watchStarvation(client *toolkit.Config) {
	e.pulse = pulse.Start(e.starvationLimit())
	if e.kind.clocks != nil {
		e.kind.clocks(e, client)
	}
}

// oneClock is for data centers on this machine: they read the clock that we read and wait for the processors that we wait for.
func oneClock(e *Environment, client *toolkit.Config) {
	client.Delay = func(received time.Time) time.Duration {
		return quietToUs + threadsToUs*e.pulse.Worst(received.Add(-lastMoments), received)
	}
	e.busy = busy.Start(e.living)
	client.TraceDelay = func(line toolkit.Traced) time.Duration {
		from, errFrom := strconv.Atoi(line.Origin)
		to, errTo := strconv.Atoi(line.Process)
		if errFrom == nil && errTo == nil {
			if bound, ok := e.busy.Before(line.At, from, to); ok {
				return quietBetweenPEs + bound
			}
		}
		return quietToTrace + threadsToTrace*e.pulse.Worst(line.At.Add(-lastMoments), line.At)
	}
	for i := range client.Sites {
		client.Sites[i].Clock = &toolkit.ClockBound{Error: sameHost, Drift: slewing}
	}
}

// Starvation says when, in a stretch of the run, this process was kept from running for so long that what it saw
// meanwhile proves nothing.
func (e *Environment) Starvation(from, to time.Time, instant func(time.Time) model.Instant) []model.Observation {
	var list []model.Observation
	for _, gap := range e.pulse.Starved(from, to) {
		list = append(list, model.Observation{
			Indicator: timeline.TrafficIndicator, Event: timeline.ObserverStarved,
			When:     model.Interval{Earliest: instant(gap.From), Latest: instant(gap.To)},
			Evidence: stoodStill(gap),
		})
	}
	if why := e.slowed(from, to); why != "" {
		list = append(list, model.Observation{
			Indicator: timeline.TrafficIndicator, Event: timeline.ObserverSlow,
			When: model.Interval{Earliest: instant(from), Latest: instant(to)}, Evidence: why,
		})
	}
	return list
}

// Slowed says that the data centers themselves were kept waiting in a stretch of the run, because they are emulated on this machine; empty where
// they were not, or have machines of their own.
func (e *Environment) Slowed(from, to time.Time, instant func(time.Time) model.Instant) []model.Observation {
	why := e.slowed(from, to)
	if why == "" || !e.settings.Kind().Emulated {
		return nil
	}
	return []model.Observation{{
		Indicator: timeline.TrafficIndicator, Event: timeline.DataCentersSlow,
		When: model.Interval{Earliest: instant(from), Latest: instant(to)}, Evidence: why,
	}}
}

func stoodStill(gap pulse.Gap) string {
	if gap.Asleep > 0 {
		return fmt.Sprintf("this machine was suspended for %v; keep it awake while the suite runs", gap.Asleep.Round(time.Millisecond))
	}
	return fmt.Sprintf("this process was not scheduled for %v; give it a machine, or a core, of its own", gap.Length().Round(time.Millisecond))
}

// tolerableShare is the share of a stretch for which this process may wait for its turn before what ran out, or came late,
// in that stretch may have done so because of us. An idle machine stays below a hundredth.
const tolerableShare = 0.2

func (e *Environment) slowed(from, to time.Time) string {
	share := e.pulse.Missed(from, to)
	if share < tolerableShare {
		return ""
	}
	return fmt.Sprintf("this process waited for a processor for %.0f %% of the time; give it a machine, or a core, of its own", 100*share)
}

// StoodStill says why what we saw in a stretch of the run may have come late, or not at all, because of us: this process was
// stopped or starved, or its machine suspended. Empty when it was not. Who blames the application for something that did
// not happen in time asks this first.
func (e *Environment) StoodStill(from, to time.Time) []string {
	var reasons []string
	var worst pulse.Gap
	for _, gap := range e.pulse.Starved(from, to) {
		if gap.Length() > worst.Length() {
			worst = gap
		}
	}
	if worst.Length() > 0 {
		reasons = append(reasons, stoodStill(worst))
	}
	if why := e.slowed(from, to); why != "" {
		reasons = append(reasons, why)
	}
	return reasons
}

// living lists the PEs of both data centers that run. One that is stopped is neither busy nor done with what it does, so
// that nothing follows from how busy it was.
func (e *Environment) living() (ids []int) {
	for _, dc := range []*DataCenter{e.DC1, e.DC2} {
		instance := dc.processes.now.Load()
		members, err := instance.Members()
		if err != nil {
			continue // they cannot be told; what happens in them is bounded less closely
		}
		delete(members, instance.PID()) // nothing is traced there
		maps.DeleteFunc(members, func(_ int, state byte) bool { return state == 'T' || state == 't' })
		ids = slices.AppendSeq(ids, maps.Keys(members))
	}
	return ids
}
