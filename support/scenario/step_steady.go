package scenario

import (
	"context"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

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

// notSteady says in words what is missing for steady operation; empty when nothing is.
func (d *Drill) notSteady(ctx context.Context) []string {
	missing := append(d.session.Unsteady(ctx), d.loadTrouble("before", time.Now().Add(-d.loadWindow()), time.Now())...)
	return append(missing, d.countsTooFew()...)
}

// Watch lets n heartbeat intervals pass while everything is observed. It is part of what is tested (that nothing happens
// in them) and never lies inside a measured time.
func (d *Drill) Watch(ctx context.Context, intervals float64) {
	ginkgo.GinkgoHelper()
	d.watchFor(ctx, time.Duration(intervals*float64(d.Timing.Interval)))
}
