package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/metrics"
)

// StaysDualActive heals the link between an active data center and one that became active meanwhile, and expects the first to hear the
// second within D0 + I. A user wants one of them to step back; with toolkit 1.x both stay active for good (Q3), which is
// reported. Events go on to the first alone, which has never stopped serving; that the second is active too shows in the rounds of
// snapshots that both ask their applications for: a side does so only while it is active and holds its peer UP (HP4).
func (d *Drill) StaysDualActive(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	first, err := d.Timing.FirstSnapshot()
	Expect(err).NotTo(HaveOccurred())
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	d.returning = time.Now()
	d.Heal(ctx)
	d.upWithin(ctx, "D0 + I", d.Timing.InitDelay+d.Timing.Interval, d.healed().Latest, d.DC1) // the new one may still be in its D0
	limit := d.wall(first+2*period+metricRefresh) + d.settings.CallTimeout
	d.await(ctx, "one data center has stepped back, or both ask their applications for snapshots", limit)
	before, steppedBack := d.bothRounds(ctx), false
	after := before
	d.claims(ctx, sight{since: d.returning}).Eventually(ctx, func(ctx context.Context) []string {
		if steppedBack = d.oneSteppedBack(ctx); steppedBack {
			return nil
		}
		var missing []string
		after = d.bothRounds(ctx)
		for i, side := range d.sides() {
			if after[i] <= before[i] {
				missing = append(missing, fmt.Sprintf("%s has asked for no round of snapshots since the heal", side.Name()))
			}
		}
		return missing
	}).WithTimeout(limit).WithPolling(d.unhurried()).Should(lackNothing(), "one side must step back, or both are active and hold each other UP")
	if steppedBack {
		progress("    one data center stepped back")
		return
	}
	text := fmt.Sprintf("both data centers are active since %s, also %s after the link was back, and hold each other UP: %s and %s asked for %d and %d rounds of snapshots",
		inSeconds(d.toolkit(time.Since(d.launched))), inSeconds(d.toolkit(time.Since(d.healed().Latest))), d.DC1.Name(), d.DC2.Name(), after[0]-before[0], after[1]-before[1])
	d.observe(model.Observation{Indicator: string(toolkit.OperatorMetrics), Event: "both active", When: d.interval(d.launched, time.Now()), Evidence: text})
	d.hazard("Q3", text)
}

// bothRounds is how many rounds of snapshots the active data center and the one that a script made active have asked for.
func (d *Drill) bothRounds(ctx context.Context) [2]int64 {
	ginkgo.GinkgoHelper()
	port := toolkit.OperatorPort{Operator: d.settings.Application.Invocation + ".HeartbeatMessagePreparer", Port: metrics.Out(2, "DataSnapshotSignal")}
	set, err := d.DC2.StandbyCounters(ctx, port)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "the counters of the application in %s must be readable", d.DC2.Name())
	sample, ok := set.Find(port.Operator, port.Port, "nTuplesSubmitted")
	ended.Doubt().Expect(ok).To(BeTrue(), "the application in %s has no metric nTuplesSubmitted of %s", d.DC2.Name(), port.Operator)
	return [2]int64{d.DC1.submitted(ctx, port), sample.Value}
}

// oneSteppedBack reports whether the application runs in one of the two data centers only; that it runs in neither is a failure.
func (d *Drill) oneSteppedBack(ctx context.Context) bool {
	ginkgo.GinkgoHelper()
	_, first, err := d.DC1.Management().JobRunning(ctx)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "whether the application of %s runs must be known", d.DC1.Name())
	_, second, err := d.DC2.StandbyRunning(ctx)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "whether the application of %s runs must be known", d.DC2.Name())
	Expect(first || second).To(BeTrue(), "neither data center runs the application after the heal")
	return !first || !second
}
