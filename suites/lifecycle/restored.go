package lifecycle

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// BothCrashAndReturn kills both data centers at once and starts both again with sendDataSnapshotsToOriginDCAtStartup on: at first
// contact each returns to its peer what it had stored of it, so that nothing more is lost than was not replicated yet (S28).
func BothCrashAndReturn(given func() scenario.Given) bool {
	return Describe("Both data centers crash at once, and each gives the other its state back", Ordered, Label("S28", "lifecycle", "active-active", "slow"), func() {
		drill := scenario.New(given, scenario.Restores)

		It("serves events in both data centers", drill.IsSteady)

		It("loses both data centers", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Crash(drill.DC1.Name()))
			drill.Beside(ctx, fault.Crash(drill.DC2.Name()))
		})

		It("starts both again: both UP within D0 + I, both replicate", func(ctx SpecContext) { drill.BothReturn(ctx, 0) })
		It("gives each side its own state back, each fragment once", drill.HasItsReplicasReturned)
		It("loses no more than the RPO allows", drill.LosesNoMoreThanRPO)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// BothCrashAndRetain kills both data centers at once and starts both again with retainOlderDataSnapshotsAtStartup on: nothing is
// purged, and each hands the other's replicas over when it is asked with SendMeDataFromSnapshotFiles (S30).
func BothCrashAndRetain(given func() scenario.Given) bool {
	return Describe("Both data centers crash at once, and each is asked for the replicas that it retained", Ordered, Label("S30", "lifecycle", "active-active", "slow"), func() {
		drill := scenario.New(given, scenario.Restores)

		It("serves events in both data centers", drill.IsSteady)

		It("loses both data centers", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Crash(drill.DC1.Name()))
			drill.Beside(ctx, fault.Crash(drill.DC2.Name()))
		})

		It("starts both again, and each hands over on request what it had stored, each fragment once", drill.BothReturnAndAsk)
		It("loses no more than the RPO allows", drill.LosesNoMoreThanRPO)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// OneReturnsOldReplicas leaves sendDataSnapshotsToOriginDCAtStartup on when only one data center crashes and comes home: it returns old
// replicas to a peer that lost nothing, which a user does not want (Q23, S29).
func OneReturnsOldReplicas(given func() scenario.Given) bool {
	return Describe("A data center comes home, set to give its healthy peer old state back", Ordered, Label("S29", "lifecycle", "active-active", "slow", "Q23"), func() {
		drill := scenario.New(given)

		It("serves events in both data centers", drill.IsSteady)
		It("is declared DOWN by the survivor within the RTO", drill.DeclaresDownAfter(fault.Crash, drill.DC1))
		It("hands its replicated state to the survivor, each fragment once", drill.TakesOverEveryReplica)
		It("is served by the survivor within the RTO", drill.ServesTheLostSide)
		It("comes home, and returns nothing to its healthy peer, or old replicas as toolkit 1.x does (Q23)", drill.ReturnsWithOldReplicas)
		It("loses no more than the RPO allows, all in all", drill.LosesNoMoreThanRPO)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
