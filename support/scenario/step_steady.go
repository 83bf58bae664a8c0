package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/toolkit"
)

// steadyFor is how long both data centers must serve without a change before a fault is injected, in heartbeat intervals.
const steadyFor = 2

// IsSteady waits until both data centers hold each other UP, every fragment has a replica at the other side, and both
// serve the traffic at its level; then it keeps watching for a few heartbeats. A fault injected into anything less would
// prove nothing.
func (d *Drill) IsSteady(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	limit := d.wall(d.firstReplication())
	d.await(ctx, "both data centers hold each other UP and have replicated every fragment", limit)
	began := time.Now()
	d.markLoad(ctx)
	d.beforeAnyFault(ctx, began).Eventually(ctx, func(ctx context.Context) []string {
		if cause := d.misnamed(); cause != nil {
			d.notTested(*cause)
		}
		return d.notSteady(ctx)
	}).WithTimeout(limit).WithPolling(d.unhurried()).Should(lackNothing(),
		"expected steady operation within D0 + first snapshot + 3 P_s = %s of toolkit time", inSeconds(d.toolkit(limit)))
	d.awaitLoad(ctx)
	quiet := time.Now()
	d.Watch(ctx, steadyFor)
	for _, change := range d.board.Since("", quiet) {
		d.claims(ctx, sight{since: quiet}).Expect(change.Event).NotTo(BeElementOf(string(toolkit.PeerDown), string(toolkit.PeerUp)),
			"the environment was not steady: %s at %s by %s (%s)", change.Event, change.Site, change.Indicator, change.Evidence)
	}
	d.wasLoadedSince(quiet)
	d.phase("steady before", d.interval(began, began), d.interval(quiet, time.Now()))
}

// firstReplication is how long it takes, in toolkit time, from a start until every fragment is replicated: D0, the k-th
// tick, and three snapshot periods for rounds that were lost while the other side was still starting.
func (d *Drill) firstReplication() time.Duration {
	first, err := d.Timing.FirstSnapshot()
	Expect(err).NotTo(HaveOccurred())
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	return first + 3*period + 10*d.Timing.Interval
}

// notSteady says in words what is missing for steady operation; empty when nothing is.
func (d *Drill) notSteady(ctx context.Context) []string {
	return append(d.session.Unsteady(ctx), d.loadTrouble("before", time.Now().Add(-d.loadWindow()), time.Now())...)
}

// countOf is the value of one of the toolkit's counters, 0 when it is not known.
func countOf(e toolkit.Evidence, count toolkit.Count) int64 {
	var value int64
	for _, source := range e.Metrics {
		if track := source.Counts[count]; track.Known {
			value = max(value, track.Value)
		}
	}
	return value
}

// loadWindow is the stretch over which load is asked for: long enough for the resolution of the ledger.
func (d *Drill) loadWindow() time.Duration {
	return max(250*time.Millisecond, d.wall(d.Timing.Interval)/2)
}

func (d *Drill) loadTrouble(phase string, from, to time.Time) []string {
	return d.ledger.CheckLoad(windowOf(phase, d.instant(from), d.instant(to)), d.settings.MinimumLoad)
}

// Watch lets n heartbeat intervals pass while everything is observed. It is part of what is tested (that nothing happens
// in them) and never lies inside a measured time.
func (d *Drill) Watch(ctx context.Context, intervals float64) {
	ginkgo.GinkgoHelper()
	d.watchFor(ctx, time.Duration(intervals*float64(d.Timing.Interval)))
}

func (d *Drill) watchFor(ctx context.Context, stretch time.Duration) {
	ginkgo.GinkgoHelper()
	timer := time.NewTimer(d.wall(stretch))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		ginkgo.Fail(fmt.Sprintf("interrupted while watching for %s of toolkit time: %v", inSeconds(stretch), context.Cause(ctx)))
	}
}

func (d *Drill) phase(name string, from, to model.Interval) {
	d.scenario.Phases = append(d.scenario.Phases, model.Phase{Name: name, From: from, To: to})
}

// await tells a person what is awaited, and for how long at most; in a terminal a line below it lives until the step ends.
func (d *Drill) await(_ context.Context, what string, limit time.Duration) {
	progress("    waiting until %s, at most %s (%.1f s wall)", what, inSeconds(d.toolkit(limit)), limit.Seconds())
	d.enliven(limit)
}
