package planned

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// OrderlyShutdown announces a shutdown to the toolkit and cancels the job two heartbeats later. The peer deletes the
// replicas, so that nothing is taken over, and still declares DOWN after its usual detection time, counted from the last
// heartbeat: with both sides active that is harmless (S11; where a DOWN starts a failover script it is not: Q12, S12).
func OrderlyShutdown(given func() scenario.Given) bool {
	return Describe("An orderly shutdown is announced, then the job is cancelled", Ordered, Label("S11", "planned", "active-active", "fast"), func() {
		drill := scenario.New(given, scenario.Discards)

		It("serves events in both data centers", drill.IsSteady)

		It("announces its shutdown, and the other side hears it", func(ctx SpecContext) {
			drill.DC1.AwaitsSnapshotRound(ctx)
			drill.Inject(ctx, fault.OrderlyShutdown(drill.DC1.Name()))
			drill.DC2.HearsTheAnnouncement(ctx)
		})

		It("is cancelled two heartbeat intervals later", func(ctx SpecContext) {
			drill.WatchUntil(ctx, 2)
			drill.DC1.KeepsItsMind(ctx)
			drill.DC1.Cancels(ctx)
		})

		It("is declared DOWN all the same, within the RTO of its last heartbeat", func(ctx SpecContext) {
			drill.DC2.DeclaresDown(ctx)
		})

		It("hands nothing over: its replicas are deleted", func(ctx SpecContext) {
			drill.DC2.TakesOverNothingOnDown(ctx)
			drill.DC2.HoldsNoReplica(ctx)
		})

		It("is served by the survivor within the RTO", drill.ServesTheLostSide)
		It("stays served while the fault lasts", drill.StaysServed)
		It("gives up what it held, and nothing else", drill.DiscardsAsAnnounced)
		It("leaves the survivor unharmed", drill.SurvivorIsUnharmed)
		It("comes home", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
