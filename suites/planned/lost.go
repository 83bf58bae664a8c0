package planned

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// LostAnnouncement announces the shutdown of a data center that cannot be heard, and cancels its job at once. The announcement is sent
// once and lost, so that toolkit 1.x takes over as after a crash (Q14); the one that shuts down must not hang on it (S13).
func LostAnnouncement(given func() scenario.Given) bool {
	return Describe("An orderly shutdown is announced while nobody can hear it", Ordered, Label("S13", "planned", "active-active", "slow", "Q14"), func() {
		drill := scenario.New(given)

		It("serves events in both data centers", drill.IsSteady)

		It("announces its shutdown over a link that is cut", func(ctx SpecContext) {
			drill.Inject(ctx, fault.OneWay(drill.DC1.Name(), fault.Refuse))
			drill.Beside(ctx, fault.OrderlyShutdown(drill.DC1.Name()))
		})

		It("is gone in time, without hanging on it", func(ctx SpecContext) { drill.DC1.LeavesInTime(ctx) })

		It("is declared DOWN by the survivor within the RTO", func(ctx SpecContext) { drill.DC2.DeclaresDown(ctx) })
		It("hands nothing over, or everything as toolkit 1.x does (Q14)", drill.TakesOverDespiteTheAnnouncement)
		It("is served by the survivor within the RTO", drill.ServesTheLostSide)
		It("stays served while the fault lasts", drill.StaysServed)
		It("loses no more than the RPO allows", drill.LosesNoMoreThanRPO)
		It("leaves the survivor unharmed", drill.SurvivorIsUnharmed)
		It("comes home", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
