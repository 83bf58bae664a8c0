package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
)

// WatchSnapshotPeriods watches for n periods of snapshots.
func (d *Drill) WatchSnapshotPeriods(ctx context.Context, n int) {
	ginkgo.GinkgoHelper()
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	d.await(ctx, fmt.Sprintf("%d snapshot periods have passed", n), d.wall(time.Duration(n)*period))
	d.watchFor(ctx, time.Duration(n)*period)
}

// ReturnsAfterRestart restarts the lost side and expects both data centers to hold each other UP within D0 + I of its
// start, to replicate in both directions again, and its events to be served at home again (S10).
func (d *Drill) ReturnsAfterRestart(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	before, err := d.env.Client.Status(ctx)
	if err != nil {
		progress("    before the restart one side is down: its counters begin anew")
	}
	d.returning = time.Now()
	d.Heal(ctx)
	d.upWithin(ctx, "D0 + I", d.Timing.InitDelay+d.Timing.Interval, d.healed().Latest, d.DC1, d.DC2) // the boot itself is not toolkit time
	d.returnsToNormal(ctx, before)
	lost := d.survivor().peer
	limit := d.wall(2 * d.Timing.Interval)
	d.await(ctx, "the events of "+lost.Name()+" are served at home again", limit)
	d.claims(ctx, sight{since: d.healed().Latest, serves: true}).Eventually(ctx, func() bool {
		_, ok := d.ledger.FirstServed(lost.Name(), lost.Name(), d.healed().Latest)
		return ok
	}).WithTimeout(limit).WithPolling(5*time.Millisecond).Should(BeTrue(), "the traffic of %s must come home; %s", lost.Name(), d.reroutes())
}

// upWithin expects each side to declare its peer UP no later than a stretch of toolkit time after an instant of the way
// home, and judges the measured interval: late is a failure, perhaps late is inconclusive.
func (d *Drill) upWithin(ctx context.Context, name string, stretch time.Duration, from time.Time, sides ...*Side) {
	ginkgo.GinkgoHelper()
	bound := d.wall(stretch) + d.allowance()
	for _, side := range sides {
		d.await(ctx, side.Name()+" holds "+side.peer.Name()+" UP", 2*bound)
		claim := d.claims(ctx, sight{since: d.returning, shows: toolkit.PeerUp, sites: []*Side{side}, needed: d.required()})
		claim.Eventually(ctx, func() board.Remote { return d.board.Remote(side.Name(), side.peer.Name(), d.returning) }).
			WithTimeout(2*bound).WithPolling(time.Millisecond).
			Should(Satisfy(func(r board.Remote) bool { return r.Count(board.PeerUp) >= d.required() }),
				"expected %s to declare %s UP within %s = %s", side.Name(), side.peer.Name(), name, inSeconds(stretch))
		up := d.firstUp(side, d.returning)
		verdict := timeline.VerdictOf(up.Earliest.Sub(from).Seconds(), up.Latest.Sub(from).Seconds(), bound.Seconds())
		text := fmt.Sprintf("%s declared %s UP between %s and %s after it was let go on; %s + e = %s", side.Name(), side.peer.Name(),
			inSeconds(d.toolkit(up.Earliest.Sub(from))), inSeconds(d.toolkit(up.Latest.Sub(from))), name, inSeconds(d.toolkit(bound)))
		progress("    %s", text)
		claim.Expect(verdict).NotTo(Equal(model.Missed), text)
		ended.Doubt().Expect(verdict).NotTo(Equal(model.Inconclusive), "%s", text)
	}
}

// healed is when the fault was taken back: between the call and the proof that it is gone.
func (d *Drill) healed() fault.Span {
	ginkgo.GinkgoHelper()
	healing, ok := d.injected.Healing()
	Expect(ok).To(BeTrue(), "the fault must be gone first")
	return healing.Span
}

// firstUp is the narrowest first sighting of UP at a side since an instant: the one that was complete first.
func (d *Drill) firstUp(side *Side, since time.Time) board.Sighting {
	var first board.Sighting
	for _, s := range d.board.Since(side.Name(), since) {
		if s.Event == board.PeerUp && (first.Event == "" || s.Latest.Before(first.Latest)) {
			first = s
		}
	}
	return first
}

// ReturnsOnce expects that since the return no data center was declared DOWN again and nothing was taken over: the state
// of the lost side was handed over once, at DOWN, and an old replica is never used again (S10, S37).
func (d *Drill) ReturnsOnce(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	d.await(ctx, "nothing more happens for longer than detection takes", d.wall(time.Duration((d.DetectionIntervals()+1)*float64(d.Timing.Interval))))
	d.Watch(ctx, d.DetectionIntervals()+1)
	for _, s := range d.board.Since("", d.returning) {
		switch {
		case s.Earliest.Before(d.returning): // may be older than the return
		case s.Event == board.PeerDown:
			d.claims(ctx, sight{since: d.returning}).Expect(s.Event).NotTo(Equal(board.PeerDown), "after the return %s declared its peer DOWN again, says %s (%s)", s.Site, s.Indicator, s.Evidence)
		case s.Event == board.TakenOver:
			ginkgo.Fail(fmt.Sprintf("after the return %s was given fragment %s, says %s (%s)", s.Site, s.Subject, s.Indicator, s.Evidence))
		}
	}
	d.survivor().tookOverOnce()
	d.survivor().peer.TakesOverNothing(ctx)
}

// ProcessesNothingTwice expects that no event was processed twice, also not once by each data center.
func (d *Drill) ProcessesNothingTwice(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	account := d.settle(ctx)
	Expect(account.SplitBrain).To(BeZero(), "no event may be processed by both data centers")
	Expect(account.Ledger.Duplicated).To(BeZero(), "no event may be processed twice")
	Expect(account.Ledger.Resurrected).To(BeZero(), "no event may come back after it was lost")
}
