package scenario

import (
	"context"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// RestoresOnRequest asks the application that the failover script has started for the replicas which the passive data center stored,
// after its first tick, which must have purged none of them: every fragment is handed over exactly once, and asked again
// it has nothing left (RW6, HP2, SF, S31).
func (d *Drill) RestoresOnRequest(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	if rest := d.wall(d.Timing.InitDelay+d.Timing.Interval) - time.Since(d.launched); rest > 0 {
		d.await(ctx, "the new application has ticked", rest)
		d.watchFor(ctx, d.toolkit(rest))
	}
	before := d.deliveredToStandby(ctx)
	Expect(before).To(BeZero(), "nothing hands replicas over by itself in a passive data center (RW6)")
	limit := d.wall(2*d.Timing.Interval+metricRefresh) + d.settings.CallTimeout
	for again := range 2 {
		asked := time.Now()
		ended.Doubt().Expect(d.DC2.Management().SpecialMessage(ctx, crossdc.SendStoredText)).To(Succeed(), "the application in %s must be asked for its replicas", d.DC2.Name())
		claim := d.claims(ctx, sight{since: asked})
		if again == 0 {
			d.await(ctx, "every fragment is handed to the new application", limit)
			claim.Eventually(ctx, d.deliveredToStandby).WithTimeout(limit).WithPolling(d.wall(metricRefresh)).
				Should(BeNumerically(">=", int64(d.env.Fragments)), "the replicas that %s had stored must be handed to its new application", d.DC2.Name())
		}
		d.Watch(ctx, takeoverAllowance)
		claim.Expect(d.deliveredToStandby(ctx)).To(Equal(int64(d.env.Fragments)), "each replica must be handed over exactly once, however often it is asked for")
	}
	progress("    each of %d fragments was handed to the new application on request, once", d.env.Fragments)
	d.store()
}

// deliveredToStandby is how many fragments the toolkit has handed to the application that the failover script started.
func (d *Drill) deliveredToStandby(ctx context.Context) int64 {
	ginkgo.GinkgoHelper()
	port := d.delivered()
	set, err := d.DC2.StandbyCounters(ctx, port)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "the counters of the application in %s must be readable", d.DC2.Name())
	sample, ok := set.Find(port.Operator, port.Port, "nTuplesSubmitted")
	ended.Doubt().Expect(ok).To(BeTrue(), "the application in %s shows no count of fragments handed over", d.DC2.Name())
	return sample.Value
}
