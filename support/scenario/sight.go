package scenario

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/toolkit"
)

// sight is what a claim about the application rests on: that we could look, at the right places, all the time. Whoever blames
// the application for what did not happen, or not in time, asks it first; this is the one place that decides.
type sight struct {
	since time.Time // the claim is about what happened from here on
	// shows is the kind of event that would have shown it, at each of the sites, by at least so many indicators. Empty where
	// the claim does not rest on the monitor, but on calls of the step's own.
	shows  toolkit.Event
	sites  []*Side
	needed int
	by     []toolkit.Indicator // where these must have, each of them
	// serves says that the claim is about events that are served, which needs events that are sent.
	serves bool
}

// claims returns a Gomega for what rests on a sight: an assertion that fails leaves the step inconclusive where we could not
// have seen what it claims, naming what kept us, and fails it where we could.
func (d *Drill) claims(ctx context.Context, s sight) gomega.Gomega {
	return ended.Unless(func() string { return strings.Join(d.unseen(ctx, s), "; ") })
}

// beforeAnyFault is claims for what must hold before a fault: load that was too low, or a time that ran out, then says nothing
// of the application, and leaves the step inconclusive in any case.
func (d *Drill) beforeAnyFault(ctx context.Context, since time.Time) gomega.Gomega {
	return ended.Unless(func() string {
		if why := d.unseen(ctx, sight{since: since}); len(why) > 0 {
			return strings.Join(why, "; ")
		}
		return "nothing was injected yet"
	})
}

// serveEach sends one event through each data center and expects its result. A probe that fails on our side asks nobody.
func (d *Drill) serveEach(ctx context.Context, when string) {
	ginkgo.GinkgoHelper()
	if !d.judges(application.Through) {
		return
	}
	since := time.Now()
	for _, a := range d.session.Through(ctx) {
		d.serves(ctx, a, since, when)
	}
}

func (d *Drill) serves(ctx context.Context, a toolkit.Availability, since time.Time, when string) {
	ginkgo.GinkgoHelper()
	ended.Doubt().Expect(a.Outcome).NotTo(gomega.Equal(toolkit.Unasked), "whether an event goes through %s %s could not be asked: %v", a.Site, when, a)
	d.claims(ctx, sight{since: since}).Expect(a.Outcome).To(gomega.Equal(toolkit.Served), "an event must go through %s %s: %v", a.Site, when, a)
}

// unseen says, one reason each, why the claim could not have been seen to hold; empty when it could. Where it rests on
// indicators, it gives them the time that they take to look until now.
func (d *Drill) unseen(ctx context.Context, s sight) []string {
	now := time.Now()
	reasons := d.env.StoodStill(s.since, now)
	for _, trouble := range d.env.Starvation(s.since, now, d.instant) { // the verdict asks as well
		d.observe(trouble)
	}
	if len(reasons) > 0 { // typed, for whoever asks later whether a doubt was the machine's
		d.observe(model.Observation{Indicator: timeline.TrafficIndicator, Event: timeline.ObserverStarved, When: d.interval(s.since, now), Evidence: strings.Join(reasons, "; ")})
	}
	if s.serves {
		reasons = append(append(reasons, d.unsent(s.since, now)...), d.session.Trouble()...)
	}
	for _, side := range s.sites {
		if s.shows == "" || d.endsItself(side) {
			continue
		}
		if why := d.looked(ctx, side, s.shows, s.needed, now, s.by...); why != "" {
			reasons = append(reasons, "at "+side.Name()+" "+why)
			d.observe(model.Observation{
				Site: side.Name(), Indicator: "suite", Event: timeline.ObserverBlind, Subject: string(s.shows), When: d.interval(s.since, now), Evidence: why,
			})
		}
	}
	return reasons
}

// unsent says why events that were not served may not have been sent as they should.
func (d *Drill) unsent(since, now time.Time) []string {
	var reasons []string
	if troubles, _ := d.traffic.CanaryTrouble(d.instant(since), d.instant(now)); len(troubles) > 0 {
		for _, t := range troubles {
			if !t.Slow {
				reasons = append(reasons, timeline.CanaryFailed+": "+t.Why)
				break
			}
		}
	}
	window := windowOf("during", d.instant(since), d.instant(now))
	window.Served = false // what is served is the claim; what we must provide is the load
	if window.To-window.From < windowLeast {
		return reasons
	}
	return append(reasons, d.ledger.CheckLoad(window, d.settings.MinimumLoad)...)
}

// windowLeast is the shortest stretch over which load is asked for: the ledger's buckets tell nothing of a shorter one.
const windowLeast = 300e6

// endsItself reports that a side's monitor may be gone by design: that of a passive data center is ended by its own script.
func (d *Drill) endsItself(side *Side) bool { return d.passive && side == d.DC2 }

// looked waits until as many indicators as needed, or each of those named, have shown everything of an event's kind up to an
// instant, and says which have not, how far they have, and what their last failure was; empty when enough have.
func (d *Drill) looked(ctx context.Context, side *Side, event toolkit.Event, needed int, until time.Time, by ...toolkit.Indicator) string {
	end := until.Add(d.wall(2*d.Timing.Interval+metricRefresh) + d.settings.CallTimeout)
	ticker := time.NewTicker(d.wall(d.Timing.Interval) / 20)
	defer ticker.Stop()
	for {
		looks := d.monitor.LookedUntil(side.Name(), event)
		if len(by) > 0 {
			needed = len(by)
			maps.DeleteFunc(looks, func(i toolkit.Indicator, _ time.Time) bool { return !slices.Contains(by, i) })
		}
		missing := d.missingLooks(side.Name(), looks, until)
		if len(looks)-len(missing) >= needed {
			return ""
		}
		if ctx.Err() != nil || time.Now().After(end) {
			return fmt.Sprintf("%d of the indicators that show it must have looked until the end, and %d of %d have; %s",
				needed, len(looks)-len(missing), len(looks), strings.Join(missing, ", "))
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
}

// missingLooks says of each indicator that has not looked until an instant how far it has, and why not further.
func (d *Drill) missingLooks(site string, looks map[toolkit.Indicator]time.Time, until time.Time) []string {
	failures := map[toolkit.Indicator]toolkit.Failure{}
	for _, failure := range d.monitor.Failures() {
		if failure.Site == site {
			failures[failure.Indicator] = failure
		}
	}
	return missingLooks(looks, failures, until)
}

func missingLooks(looks map[toolkit.Indicator]time.Time, failures map[toolkit.Indicator]toolkit.Failure, until time.Time) []string {
	var missing []string
	for _, indicator := range slices.Sorted(maps.Keys(looks)) {
		at := looks[indicator]
		if !at.Before(until) {
			continue
		}
		text := fmt.Sprintf("the %s last did %v before it", indicator, until.Sub(at).Round(time.Millisecond))
		if failure, failed := failures[indicator]; failed && failure.Last.After(at) {
			text += fmt.Sprintf(" (%v)", failure.Problem)
		}
		missing = append(missing, text)
	}
	return missing
}

// metricRefresh is how old a metric may be when it is read (streams contract 4.3), in toolkit time.
const metricRefresh = 3 * time.Second

func windowOf(phase string, from, to model.Instant) traffic.Window {
	return traffic.Window{Phase: phase, From: from, To: to, Served: true}
}

// noticing are the sides that have to declare their peer DOWN.
func (d *Drill) noticing() []*Side {
	if d.injected.Fault().Struck == d.survivor().peer.Name() {
		return []*Side{d.survivor()}
	}
	return []*Side{d.DC1, d.DC2}
}
