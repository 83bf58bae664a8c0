package scenario

import (
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
)

// StaysDualActive heals the link between an active data center and one that became active meanwhile, and expects the first to hear the
// second within I. A user wants one of them to step back; with toolkit 1.x both stay active for good (Q3), which is reported
// with what both processed.
func (d *Drill) StaysDualActive(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	d.returning = time.Now()
	d.Heal(ctx)
	// The new one may still be in its D0.
	d.upWithin(ctx, "D0 + I", d.Timing.InitDelay+d.Timing.Interval, d.healed().Latest, d.DC1)
	d.Watch(ctx, d.DetectionIntervals()+2)
	since := d.launched
	_, first, err := d.DC1.Management().JobRunning(ctx)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "whether the application of %s runs must be known", d.DC1.Name())
	_, second, err := d.DC2.StandbyRunning(ctx)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "whether the application of %s runs must be known", d.DC2.Name())
	Expect(first || second).To(BeTrue(), "neither data center runs the application after the heal")
	account := d.settle(ctx)
	Expect(account.Ledger.Corrupted).To(BeZero(), "results must carry what was sent")
	Expect(account.Ledger.Duplicated-account.SplitBrain).To(BeZero(), "no data center may process an event twice")
	if !first || !second {
		progress("    one side stepped back")
		return
	}
	text := fmt.Sprintf("both data centers are active since %s, also %s after the link was back; %d events were processed by both",
		inSeconds(d.toolkit(time.Since(since))), inSeconds(d.toolkit(time.Since(d.healed().Latest))), account.SplitBrain)
	d.observe(model.Observation{Indicator: "traffic", Event: "both active", When: d.interval(since, time.Now()), Evidence: text})
	d.hazard("Q3", text)
}
