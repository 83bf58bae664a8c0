package planned

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// OrderlyShutdownOfActive announces the shutdown of the active data center of an active/passive pair and cancels its job
// two heartbeats later. The documented intent is that nothing fails over; toolkit 1.x starts the script all the same
// (Q12), which is reported as a hazard (S12).
func OrderlyShutdownOfActive(given func() scenario.Given) bool {
	return Describe("The active data center announces an orderly shutdown", Ordered, Label("S12", "planned", "active-passive", "slow"), func() {
		drill := scenario.New(given, scenario.ActivePassive, scenario.NothingToServe)

		It("serves events in the active data center", drill.IsSteadyWithStandby)

		It("announces its shutdown, and the monitor hears it", func(ctx SpecContext) {
			drill.DC1.AwaitsSnapshotRound(ctx)
			drill.Inject(ctx, fault.OrderlyShutdown(drill.DC1.Name()))
			drill.DC2.HearsTheAnnouncement(ctx)
		})

		It("is cancelled two heartbeat intervals later", func(ctx SpecContext) {
			drill.WatchUntil(ctx, 2)
			drill.DC1.Cancels(ctx)
		})

		It("is declared DOWN all the same", func(ctx SpecContext) {
			drill.DC2.DeclaresDown(ctx)
			drill.DC2.TakesOverNothing(ctx)
		})

		It("starts no failover, or does as toolkit 1.x does (Q12)", drill.StartsNothingOnAPlannedShutdown)
		It("goes back to one active and one passive side", drill.ReturnsToStandby)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
