package scenario

import (
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/timeline"
)

// staysIn is in how many stretches the watch after a recovery is judged: service that goes away for one of them fell back.
const staysIn = 5

// StaysServed watches for one snapshot period after service was restored, while the fault is in force, and expects that it does
// not go away again: in every fifth of it the events of the lost side are served at nine tenths of their rate.
func (d *Drill) StaysServed(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
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
		d.claims(ctx, sight{since: from, serves: true}).Expect(level).To(BeNumerically(">=", backShare*d.settings.Rate/2),
			"the events of %s were served by %s again, and then went away: %.0f events/s between %s and %s after service was back",
			lost.Name(), survivor.Name(), level, inSeconds(d.toolkit(from.Sub(began))), inSeconds(d.toolkit(time.Since(began))))
		least = min(least, level)
	}
	d.observe(model.Observation{
		Site: survivor.Name(), Indicator: timeline.TrafficIndicator, Event: "stayed recovered", Subject: lost.Name(), When: d.interval(began, time.Now()),
		Evidence: fmt.Sprintf("never below %.0f events/s for %s", least, inSeconds(d.toolkit(time.Since(began)))),
	})
	progress("    stayed recovered for %s, never below %.0f events/s", inSeconds(d.toolkit(time.Since(began))), least)
	d.store()
}
