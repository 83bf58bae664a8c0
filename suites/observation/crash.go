// Package observation holds the scenarios in which the suite's own sources fail while a data center does: what is measured then is
// measured by what could still look, says so, and is not wrong.
//
// Every scenario is an exported function of a Given. It may import support and toolkit.
package observation

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/environment/obscure"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// CrashSeenBadly crashes one data center while the survivor can be looked at in fewer ways than usual.
func CrashSeenBadly(given func() scenario.Given, trouble obscure.Trouble, cost string) bool {
	return Describe("A data center crashes while, of the survivor, "+trouble.Title, Ordered, Label("OB-1", "observation", "active-active", cost), func() {
		drill := scenario.New(given)

		It("serves events in both data centers", drill.IsSteady)
		It("loses a part of its view of the survivor", func(ctx SpecContext) { drill.Obscures(ctx, drill.DC2, trouble) })
		It("is declared DOWN by the survivor within the RTO", drill.DeclaresDownAfter(fault.Crash, drill.DC1))
		It("says by what it saw the failover, and what could not look", func(ctx SpecContext) { drill.TellsByWhatItSaw(ctx) })
		It("sees clearly again", func(ctx SpecContext) { drill.Clears(ctx) })
		It("is served by the survivor within the RTO", drill.ServesTheLostSide)
		It("hands its replicated state to the survivor, each fragment once", drill.TakesOverEveryReplica)
		It("loses no more than the RPO allows", drill.LosesNoMoreThanRPO)
		It("leaves the survivor unharmed", drill.SurvivorIsUnharmed)
		It("comes home", drill.ComesHome)
		It("told the truth while it saw badly", func(ctx SpecContext) { drill.ToldTheTruth(ctx) })
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
