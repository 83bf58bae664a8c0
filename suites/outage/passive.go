package outage

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// ActiveCrash kills the active data center of an active/passive pair: the monitor declares DOWN and starts its script
// exactly once, the script starts the application in the passive data center, and nothing hands data over by itself (S04).
func ActiveCrash(given func() scenario.Given) bool {
	return Describe("The active data center crashes", Ordered, Label("S04", "outage", "active-passive", "slow"), func() {
		drill := scenario.New(given, scenario.ActivePassive)

		It("serves events in the active data center", drill.IsSteadyWithStandby)

		It("is declared DOWN by the monitor", drill.DeclaresDownAfter(fault.Crash, drill.DC1))

		It("makes the script start the application, exactly once", drill.StartsTheApplicationOnce)
		It("is served by the new active data center within the RTO", drill.ServesTheLostSide)
		It("is back after detection, script, submission and start, and no later", drill.AddsUp)
		It("hands no data over by itself (Q32)", drill.HandsNoDataOver)
		It("goes back to one active and one passive side", drill.ReturnsToStandby)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// PassiveCrash kills the passive data center of an active/passive pair: the active one declares DOWN and stops its
// heartbeats; nothing is taken over, nothing is started, nothing is lost (S05).
func PassiveCrash(given func() scenario.Given) bool {
	return Describe("The passive data center crashes", Ordered, Label("S05", "outage", "active-passive", "slow"), func() {
		drill := scenario.New(given, scenario.ActivePassive, scenario.NothingToServe)

		It("serves events in the active data center", drill.IsSteadyWithStandby)

		It("is declared DOWN by the active data center", drill.DeclaresDownAfter(fault.Crash, drill.DC2))

		It("is sent no heartbeat any more", func(ctx SpecContext) { drill.DC1.FallsSilent(ctx) })

		It("causes no takeover and starts nothing", func(ctx SpecContext) {
			drill.DC1.TakesOverNothing(ctx)
			drill.DC1.KeepsRunning(ctx)
			drill.StartsNothing(ctx)
		})

		It("loses nothing", drill.LosesNothing)
		It("goes back to one active and one passive side", drill.ReturnsToStandby)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// ActiveCrashAndRestore kills the active data center of an active/passive pair whose failover script starts the application with
// retainOlderDataSnapshotsAtStartup on: asked with SendMeDataFromSnapshotFiles, the new active data center hands over what the
// passive one had stored, so that no more is lost than was not replicated yet (S31; without either all of it is: Q32, S04).
func ActiveCrashAndRestore(given func() scenario.Given) bool {
	return Describe("The active data center crashes, and the new one is asked for the replicas that it retained", Ordered, Label("S31", "outage", "active-passive", "slow"), func() {
		drill := scenario.New(given, scenario.ActivePassive, scenario.RestoresOnRequest)

		It("serves events in the active data center", drill.IsSteadyWithStandby)
		It("is declared DOWN by the monitor", drill.DeclaresDownAfter(fault.Crash, drill.DC1))
		It("makes the script start the application, exactly once", drill.StartsTheApplicationOnce)
		It("is served by the new active data center within the RTO", drill.ServesTheLostSide)
		It("is back after detection, script, submission and start, and no later", drill.AddsUp)
		It("hands its replicas to the new active data center on request, each fragment once", drill.RestoresOnRequest)
		It("loses no more than the RPO allows", drill.LosesNoMoreThanRPO)
		It("goes back to one active and one passive side", drill.ReturnsToStandby)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
