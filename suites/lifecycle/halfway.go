package lifecycle

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/scenario"
)

// SurvivorDiesHalfway kills the survivor while it takes over: its storage hangs at one replica, so that some fragments were handed over
// and others not. Whatever was handed over is not handed over again when both come back, and what was left is lost or comes once (S53).
func SurvivorDiesHalfway(given func() scenario.Given) bool {
	return Describe("The survivor crashes in the middle of its takeover", Ordered, Label("S53", "lifecycle", "outage", "active-active", "slow"), func() {
		drill := scenario.New(given)

		It("serves events in both data centers", drill.IsSteady)

		It("loses a data center, while its survivor's storage hangs at one replica", func(ctx SpecContext) { drill.DC2.LosesAPeerWithStalledStorage(ctx) })
		It("is declared DOWN by the survivor within the RTO", func(ctx SpecContext) { drill.DC2.DeclaresDown(ctx) })
		It("is handed the fragments before that replica, each once", func(ctx SpecContext) { drill.DC2.TakesOverInPart(ctx) })
		It("loses the survivor in the middle of it", func(ctx SpecContext) { drill.DC2.DiesHalfway(ctx) })
		It("starts both again: both UP within D0 + I, both replicate", func(ctx SpecContext) { drill.BothReturn(ctx, 0) })
		It("was handed no fragment twice in both lives", func(ctx SpecContext) { drill.DC2.TookOverHalfway(ctx) })
		It("has lost what one side alone had held, and says for how long it was exposed", drill.LosesWhatOneSideHeld)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
