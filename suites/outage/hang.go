package outage

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// ShortHang stops every process of one data center for as long as the toolkit certainly tolerates, (N-1)*I, and expects
// that nobody notices (S37).
func ShortHang(given func() scenario.Given) bool {
	return Describe("A data center hangs for less than the toolkit tolerates", Ordered, Label("S37", "outage", "active-active", "fast"), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("serves events in both data centers", drill.IsSteady)

		It("stands still for (N-1)*I", func(ctx SpecContext) {
			drill.InjectFor(ctx, fault.Hang(drill.DC1.Name(), 0), drill.TolerableOutage())
		})

		It("is noticed by nobody, also not when it goes on", func(ctx SpecContext) {
			drill.Watch(ctx, drill.DetectionIntervals()+1)
			drill.NothingChanges(ctx)
		})

		It("loses nothing", drill.LosesNothing)
		It("replicates in both directions again", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// LongHang stops every process of one data center for twice the longest detection time, 2*(N+1)*I: the other one declares
// it DOWN and takes over. When it goes on, both find each other again without a restart, and without a storm of DOWNs,
// because ticks do not catch up (S37).
func LongHang(given func() scenario.Given) bool {
	return Describe("A data center hangs for twice the longest detection time", Ordered, Label("S37", "outage", "active-active", "slow"), func() {
		drill := scenario.New(given)

		It("serves events in both data centers", drill.IsSteady)

		It("is declared DOWN by the survivor within the RTO", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Hang(drill.DC1.Name(), 0))
			drill.DC2.DeclaresDown(ctx)
		})

		It("hands its replicated state to the survivor, each fragment once", drill.TakesOverEveryReplica)
		It("is served by the survivor within the RTO", drill.ServesTheLostSide)
		It("stands still for 2*(N+1)*I in all", func(ctx SpecContext) { drill.WatchUntil(ctx, 2*drill.DetectionIntervals()) })
		It("goes on without a restart, and both hold each other UP again", drill.ResumesWithoutRestart)
		It("causes no storm of DOWNs and no second takeover", drill.ReturnsOnce)
		It("loses nothing, and says what both sides processed (Q2)", drill.ReportsSplitBrain)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
