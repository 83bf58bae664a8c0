package partition

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// HeartbeatPortBlocked blocks the heartbeat port alone, in both directions: both data centers declare each other DOWN and take over,
// although snapshots could still arrive; from then on neither sends any, and none that is under way brings a peer back. After the
// heal toolkit 1.x stays silent (Q1), as after a whole partition (S25).
func HeartbeatPortBlocked(given func() scenario.Given) bool {
	return Describe("The heartbeat port alone is blocked", Ordered, Label("S25", "partition", "active-active", "slow", "Q1"), func() {
		drill := scenario.New(given, scenario.ReplicatesOn)

		It("serves events in both data centers", drill.IsSteady)

		It("makes both data centers declare each other DOWN within the RTO", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Block(fault.HeartbeatPort, fault.Refuse))
			drill.DC1.DeclaresDown(ctx)
			drill.DC2.DeclaresDown(ctx)
		})

		It("hands each side's replicated state to the other, each fragment once", func(ctx SpecContext) {
			drill.DC1.TakesOverEveryReplica(ctx)
			drill.DC2.TakesOverEveryReplica(ctx)
		})

		It("ends replication in both directions, and nothing but a heartbeat brings a peer back", drill.StopsReplicating)
		It("keeps both sides serving while each believes to be alone", drill.BothSidesServe)

		It("heals, and then finds contact again or stays silent as toolkit 1.x does (Q1)", func(ctx SpecContext) {
			drill.Heal(ctx)
			drill.RecoversContactOrReportsSilence(ctx)
		})

		It("loses nothing", drill.LosesNothing)
		It("recovers by one heartbeat (S55)", func(ctx SpecContext) { drill.RecoversByOneHeartbeat(ctx) })
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// SnapshotPortsBlocked blocks every port but the heartbeats', in both directions: no status changes, rounds of snapshots go on, and
// what each side holds of the other grows old, which nothing but counters and error traces shows. A crash then loses all that
// was acknowledged since (S26).
func SnapshotPortsBlocked(given func() scenario.Given) bool {
	return Describe("The snapshot ports are blocked, then a data center crashes", Ordered, Label("S26", "partition", "active-active", "slow"), func() {
		drill := scenario.New(given)

		It("serves events in both data centers", drill.IsSteady)
		It("loses the snapshot ports in both directions", func(ctx SpecContext) { drill.Beside(ctx, fault.Block(fault.SnapshotPorts, fault.Refuse)) })
		It("lets no replica through, and asks for them all the same", drill.ReplicasGrowOld)
		It("changes no status and hands nothing over", func(ctx SpecContext) { drill.NothingChanges(ctx) })

		It("is declared DOWN by the survivor within the RTO, once it crashes", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Crash(drill.DC1.Name()))
			drill.AllowsForLostRounds(ctx)
			drill.DC2.DeclaresDown(ctx)
		})

		It("hands its replicated state to the survivor, each fragment once", drill.TakesOverEveryReplica)
		It("is served by the survivor within the RTO", drill.ServesTheLostSide)
		It("stays served while the fault lasts", drill.StaysServed)
		It("loses what was acknowledged since the last replica, and no more", drill.LosesWhatWasNotReplicated)
		It("leaves the survivor unharmed", drill.SurvivorIsUnharmed)
		It("comes home", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
