package scenario

import (
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/timeline"
)

// staysIn is in how many stretches the watch after a recovery is judged: service that goes away for one of them fell back. Within a
// stretch half of the rate is enough, because what is served a moment late counts for the stretch in which it came; all of them
// together must have the level of a recovery.
const (
	staysIn    = 5
	staysShare = 0.5
	// refusedMore is by how much the share of events that are refused may grow from before the fault to after the recovery. What refuses
	// one call in ten on the way does it before the fault as well.
	refusedMore = 0.15
	// refusedOf is of how many answers, at least, a share is made.
	refusedOf = 50
)

// StaysServed watches for one snapshot period after service was restored, while the fault is in force, and expects that it does
// not go away again: nine tenths of the events of the lost side that are accepted are served, and in no fifth of it less than half of
// their rate. A survivor that refuses them is found by the share that is refused, held against the one before the fault. Where less than
// the minimum load is served for another reason, it doubts.
func (d *Drill) StaysServed(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	if d.byCounters() {
		d.staysByCounters(ctx)
		return
	}
	if !d.judges(application.Service) {
		return
	}
	survivor, lost := d.survivor(), d.survivor().peer
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	d.await(ctx, fmt.Sprintf("the events of %s have stayed served for P_s = %s", lost.Name(), inSeconds(period)), d.wall(period))
	began := time.Now()
	least := d.settings.Rate
	for range staysIn {
		from := time.Now()
		d.watchFor(ctx, max(period/staysIn, d.toolkit(d.loadWindow())))
		level := d.ledger.Level(lost.Name(), d.instant(from), d.instant(time.Now()))
		d.claims(ctx, sight{since: from, serves: true}).Expect(level).To(BeNumerically(">=", d.together(staysShare)*d.settings.Rate/2),
			"the events of %s were served by %s again, and then went away: %.0f events/s between %s and %s after service was back",
			lost.Name(), survivor.Name(), level, inSeconds(d.toolkit(from.Sub(began))), inSeconds(d.toolkit(time.Since(began))))
		least = min(least, level)
	}
	whole := d.ledger.Level(lost.Name(), d.instant(began), d.instant(time.Now()))
	accepted := d.acceptedTogether(lost, d.instant(began), d.instant(time.Now()))
	d.claims(ctx, sight{since: began, serves: true}).Expect(whole).To(BeNumerically(">=", d.together(backShare)*accepted),
		"the events of %s did not stay at their level: %s served %.0f events/s of %.0f that were accepted in the %s after service was back",
		lost.Name(), survivor.Name(), whole, accepted, inSeconds(d.toolkit(time.Since(began))))
	share := d.refusedShare(lost, d.instant(began), d.instant(time.Now()))
	before := d.refusedShare(lost, 0, d.instant(d.t0))
	d.claims(ctx, sight{since: began, serves: true}).Expect(share-before).To(BeNumerically("<=", refusedMore),
		"%s refused %.0f %% of the events of %s that it was sent after service was back; before the fault %.0f %% were refused", survivor.Name(), 100*share, lost.Name(), 100*before)
	ended.Doubt().Expect(whole).To(BeNumerically(">=", d.together(d.settings.MinimumLoad)*d.settings.Rate/2),
		"too few events of %s were accepted to say that service stayed: %.0f events/s, of which %.0f were served", lost.Name(), accepted, whole)
	d.observe(model.Observation{
		Site: survivor.Name(), Indicator: timeline.TrafficIndicator, Event: "stayed recovered", Subject: lost.Name(), When: d.interval(began, time.Now()),
		Evidence: fmt.Sprintf("never below %.0f events/s for %s, %.1f %% of the events refused", least, inSeconds(d.toolkit(time.Since(began))), 100*share),
	})
	progress("    stayed recovered for %s, never below %.0f events/s", inSeconds(d.toolkit(time.Since(began))), least)
	d.store()
}

// refusedShare is the share of the events of a side that were refused among those that were answered; 0 where too few were to tell.
func (d *Drill) refusedShare(of *Side, from, to model.Instant) float64 {
	accepted, refused := d.ledger.Answered(of.Name(), from, to)
	if accepted+refused < refusedOf {
		return 0
	}
	return float64(refused) / float64(accepted+refused)
}
