package replication

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// StorageHangs lets the storage of one side's replicas hang, as a file server does that has gone away. Whoever stores replicas waits;
// behind its receiver the queue of 40 fills, and senders give up after R (Q33). Heartbeats have a way of their own: they are on time, and
// nobody is declared DOWN. Once it goes on, what waited is stored, and nothing twice (S34).
func StorageHangs(given func() scenario.Given) bool {
	return Describe("The storage of a data center's replicas hangs", Ordered, Label("S34", "storage-hangs", "replication", "active-active", "slow", "Q33"), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("serves events in both data centers", drill.IsSteady)
		It("loses nothing yet but the answers of its storage", func(ctx SpecContext) { drill.Inject(ctx, fault.HangStorage(drill.DC2.Name())) })
		It("holds snapshots back: what waits fills its queue, and senders give up", func(ctx SpecContext) { drill.DC2.HoldsSendersBack(ctx, 0) })
		It("calls no replica stored, and none failed", func(ctx SpecContext) { drill.DC2.SaysNothingOfReplicas(ctx) })
		It("goes on to hear every heartbeat", func(ctx SpecContext) { drill.KeepsBeating(ctx, 8) })
		It("is noticed by nobody else", func(ctx SpecContext) { drill.NothingChanges(ctx) })
		It("stores every fragment again once its storage goes on", func(ctx SpecContext) { drill.DC2.StoresAgain(ctx) })
		It("stores no snapshot twice, although its sender gave it up", func(ctx SpecContext) { drill.DC2.StoresEachOnce(ctx) })
		It("loses nothing", drill.LosesNothing)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// StorageHangsAtTakeover kills one data center while the storage of the other hangs: DOWN is declared and the lost side is served on time,
// and the replicas are handed over when the storage goes on, each once (S34). The application adds them to what it has processed
// of the lost side meanwhile.
func StorageHangsAtTakeover(given func() scenario.Given) bool {
	return Describe("A data center crashes while the storage of its survivor hangs", Ordered, Label("S34", "storage-hangs-at-takeover", "replication", "outage", "active-active", "slow"), func() {
		drill := scenario.New(given)

		It("serves events in both data centers", drill.IsSteady)

		It("is declared DOWN by the survivor within the RTO", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Crash(drill.DC1.Name()))
			drill.Beside(ctx, fault.HangStorage(drill.DC2.Name()))
			drill.DC2.DeclaresDown(ctx)
		})

		It("hands nothing over yet", func(ctx SpecContext) { drill.DC2.HandsNothingOver(ctx) })
		It("hands everything over once its storage goes on, each fragment once", func(ctx SpecContext) { drill.DC2.HandsOverOnceItsStorageGoesOn(ctx) })
		It("is served by the survivor within the RTO", drill.ServesTheLostSide)
		It("stays served while the fault lasts", drill.StaysServed)
		It("loses no more than the RPO allows", drill.LosesNoMoreThanRPO)
		It("comes home", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
