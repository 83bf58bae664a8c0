package replication

import (
	"time"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// FewerFragments gives the survivor fewer fragments than the data center that crashes: what the toolkit delivers of the others, nobody takes,
// nobody traces it, and their replicas are deleted. The suite says which they were and what is lost with them (Q28, S49).
func FewerFragments(given func() scenario.Given, fragments int) bool {
	return Describe("A data center crashes whose survivor has fewer fragments", Ordered,
		Label("S49", "replication", "outage", "active-active", "slow", "Q28"), func() {
			drill := scenario.New(given, scenario.LosesPartly)

			It("serves events in both data centers", drill.IsSteady)
			It("is declared DOWN by the survivor within the RTO", drill.DeclaresDownAfter(fault.Crash, drill.DC1))

			It("hands each fragment to the survivor once, and says which found no place (Q28)", func(ctx SpecContext) {
				drill.TellsWhatFoundNoPlace(ctx, fragments)
			})

			It("is served by the survivor within the RTO", drill.ServesTheLostSide)
			It("loses what found no place, and of the rest no more than the RPO allows", func(ctx SpecContext) { drill.LosesWhatFoundNoPlace(ctx, fragments) })
			It("comes home", drill.ComesHome)
			It("meets its objectives", drill.MeetsItsObjectives)
		})
}

// RegionReset resets the consistent region that the survivor's fragments are in, 5 s after they have taken over: the tuples of the takeover
// came from outside the region and are not sent again, so that what was taken over since the last checkpoint is lost (Q36, S51).
func RegionReset(given func() scenario.Given) bool {
	return Describe("The survivor's consistent region is reset right after a takeover", Ordered,
		Label("S51", "replication", "outage", "active-active", "slow", "Q36"), func() {
			drill := scenario.New(given, scenario.LosesPartly)

			It("serves events in both data centers", drill.IsSteady)
			It("is declared DOWN by the survivor within the RTO", drill.DeclaresDownAfter(fault.Crash, drill.DC1))
			It("hands its replicated state to the survivor, each fragment once", drill.TakesOverEveryReplica)

			It("has what it took over after the reset, or has lost it as toolkit 1.x does (Q36)", func(ctx SpecContext) {
				drill.ResetsItsRegion(ctx, 5*time.Second)
			})

			It("is served by the survivor within the RTO", drill.ServesTheLostSide)
			It("says what the reset cost", drill.SaysWhatTheResetCost)
			It("comes home", drill.ComesHome)
			It("meets its objectives", drill.MeetsItsObjectives)
		})
}
