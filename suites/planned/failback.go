// Package planned holds the scenarios that somebody wants: a shutdown that is announced, a data center that comes home.
//
// Every scenario is an exported function of a Given, so that a team can run it on its own application from its own
// repository. It may import support and toolkit.
package planned

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// Failback lets a data center that crashed come home after three more snapshot periods, under traffic: both hold each
// other UP within D0 + I of its start and replicate again, nothing is taken over a second time, and no event is
// processed twice (S10).
func Failback(given func() scenario.Given) bool {
	return Describe("A lost data center comes home", Ordered, Label("S10", "planned", "active-active", "slow"), func() {
		drill := scenario.New(given)

		It("serves events in both data centers", drill.IsSteady)

		It("is declared DOWN by the survivor within the RTO", drill.DeclaresDownAfter(fault.Crash, drill.DC1))

		It("hands its replicated state to the survivor, each fragment once", drill.TakesOverEveryReplica)
		It("is served by the survivor within the RTO", drill.ServesTheLostSide)
		It("stays served while the fault lasts", drill.StaysServed)
		It("stays away for three snapshot periods", func(ctx SpecContext) { drill.WatchSnapshotPeriods(ctx, 3) })
		It("comes home: both UP within D0 + I, both replicate, its events at home again", drill.ReturnsAfterRestart)
		It("causes no second takeover and no second DOWN", drill.ReturnsOnce)
		It("has no event processed twice", drill.ProcessesNothingTwice)
		It("loses no more than the RPO allows, all in all", drill.LosesNoMoreThanRPO)
		It("leaves the survivor unharmed", drill.SurvivorIsUnharmed)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
