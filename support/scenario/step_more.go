package scenario

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/toolkit"
)

// DetectionIntervals is the longest detection time in heartbeat intervals, N+1.
func (d *Drill) DetectionIntervals() float64 { return float64(d.Timing.Misses) + 1 }

// TolerableOutage is how long a link may be gone without any consequence, (N-1)*I of toolkit time.
func (d *Drill) TolerableOutage() time.Duration {
	return time.Duration(max(int(d.Timing.Misses)-1, 0)) * d.Timing.Interval
}

// InjectFor applies a fault that ends by itself after a stretch of toolkit time, counted from its injection, and returns
// when it is gone. Just before its planned end it must still be in force on everything that it covers.
func (d *Drill) InjectFor(ctx context.Context, f fault.Fault, stretch time.Duration) {
	ginkgo.GinkgoHelper()
	wall := d.wall(stretch)
	d.Inject(ctx, f.For(wall))
	d.EndsAsPlanned(ctx)
}

// EndsAsPlanned waits until a fault with a planned end (fault.Fault.For) is gone. Just before it must still be in force on everything
// that it covers.
func (d *Drill) EndsAsPlanned(ctx context.Context) {
	ginkgo.GinkgoHelper()
	wall := d.injected.Deadline.Sub(d.injected.T0.Earliest)
	d.await(ctx, "the fault ends by itself", max(0, time.Until(d.injected.Deadline)))
	if rest := time.Until(d.injected.Deadline) - min(lookAgain, wall/3); rest > 0 {
		d.watchFor(ctx, d.toolkit(rest))
	}
	d.lastsUntilNow(ctx)
	select {
	case <-d.injected.Done():
	case <-ctx.Done():
		ginkgo.Fail("interrupted while the fault was in force")
	}
	d.lastedAsReported(ctx)
	fact := d.injected.Model(d.instant)
	d.scenario.Fault = &fact
}

// WatchUntil watches until n heartbeat intervals have passed since the fault.
func (d *Drill) WatchUntil(ctx context.Context, intervals float64) {
	ginkgo.GinkgoHelper()
	passed := d.toolkit(time.Since(d.t0))
	if rest := time.Duration(intervals*float64(d.Timing.Interval)) - passed; rest > 0 {
		d.watchFor(ctx, rest)
	}
}

// SurvivorIsUnharmed expects that the survivor was not restarted, lost nothing of its own, and goes on: its counters move and
// an event goes through it.
func (d *Drill) SurvivorIsUnharmed(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	d.unharmed = survivor
	survivor.KeepsRunning(ctx)
	survivor.tookOverOnce()
	survivor.IsAlive(ctx)
	account := d.settle(ctx)
	switch {
	case !d.judges(application.OwnEvents):
	case d.session.Level == application.Stated:
		Expect(account.LostOf[survivor.Name()]).To(BeZero(), "the survivor must keep every event of its own")
	default:
		Expect(account.ProvenOf[survivor.Name()]).To(BeZero(), "the survivor must give a result for every event of its own")
		if n := account.LostOf[survivor.Name()]; n > 0 {
			d.leavesOut(fmt.Sprintf("Not judged: whether the survivor kept %d events of its own (%s).", n, account.Loss.Why))
		}
	}
}

// SendsNoLateSnapshot expects that the survivor accepts no snapshot more, once the lost side is gone.
func (d *Drill) SendsNoLateSnapshot(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	before := d.snapshotsAt(ctx, survivor)
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	d.watchFor(ctx, period+d.Timing.Interval)
	after := d.snapshotsAt(ctx, survivor)
	Expect(after).To(Equal(before), "%s accepted snapshots of a job that is gone", survivor.Name())
}

// snapshotsAt is how many snapshots a side has accepted. A step that cannot know that proves nothing.
func (d *Drill) snapshotsAt(ctx context.Context, side *Side) int64 {
	ginkgo.GinkgoHelper()
	value, known, err := d.counted(ctx, side, toolkit.SnapshotsIn)
	if !known {
		d.skipUnchecked("whether "+side.Name()+" accepts snapshots of a job that is gone",
			errors.Join(fmt.Errorf("no source of counters shows %q", toolkit.SnapshotsIn), err))
	}
	return value
}

// BothSidesServe expects that an event goes through each data center while they are apart, and records for how long both
// were active.
func (d *Drill) BothSidesServe(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	d.serveEach(ctx, "during the partition")
	for _, side := range d.sides() {
		side.KeepsRunning(ctx)
	}
}
