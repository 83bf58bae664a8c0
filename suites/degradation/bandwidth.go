package degradation

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// NarrowLink leaves the snapshots so little bandwidth that a round takes longer than the snapshot period, Ls > P_s: rounds wait, and
// what each side holds of the other grows older, while heartbeats, which have connections of their own, are on time. A crash then
// loses what was acknowledged in P_s + Ls and while rounds waited, and no more (S23).
func NarrowLink(given func() scenario.Given) bool {
	return Describe("A round of snapshots takes longer than the snapshot period, then a data center crashes", Ordered,
		Label("S23", "degradation", "active-active", "slow"), func() {
			drill := scenario.New(given)

			It("serves events in both data centers", drill.IsSteady)
			It("has no bandwidth for its snapshots", func(ctx SpecContext) { drill.NarrowsSnapshots(ctx) })
			It("replicates as slowly as the bandwidth allows, and heartbeats on time", func(ctx SpecContext) { drill.ReplicatesSlowly(ctx, 12) })
			It("changes no status and hands nothing over", func(ctx SpecContext) { drill.NothingChanges(ctx) })

			It("is declared DOWN by the survivor within the RTO, once it crashes", func(ctx SpecContext) {
				drill.Inject(ctx, fault.Crash(drill.DC1.Name()))
				drill.AllowsForSlowRounds(ctx)
				drill.DC2.DeclaresDown(ctx)
			})

			It("hands its replicated state to the survivor, each fragment once", drill.TakesOverEveryReplica)
			It("is served by the survivor within the RTO", drill.ServesTheLostSide)
			It("stays served while the fault lasts", drill.StaysServed)
			It("loses no more than the RPO allows", drill.LosesNoMoreThanRPO)
			It("comes home", drill.ComesHome)
			It("meets its objectives", drill.MeetsItsObjectives)
		})
}
