package partition

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// DualActive cuts the link of an active/passive pair: the monitor declares DOWN and starts the application although the active side
// lives and goes on serving. After the heal both hold each other UP and both stay active, because nothing fails back (Q3, S48).
func DualActive(given func() scenario.Given) bool {
	return Describe("The link of an active and a passive data center breaks", Ordered, Label("S48", "partition", "active-passive", "slow", "Q3"), func() {
		drill := scenario.New(given, scenario.ActivePassive, scenario.NothingToServe)

		It("serves events in the active data center", drill.IsSteadyWithStandby)

		It("makes both data centers declare each other DOWN", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Partition(fault.Refuse))
			drill.DC2.DeclaresDown(ctx)
			drill.DC1.DeclaresDown(ctx)
		})

		It("makes the script start the application, exactly once", drill.StartsTheApplicationOnce)
		It("heals, and then one side steps back or both stay active as toolkit 1.x has it (Q3)", drill.StaysDualActive)
		It("loses nothing", drill.LosesNothing)
		It("goes back to one active and one passive side", drill.ReturnsToStandby)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
