package replication

import (
	"time"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/scenario"
)

// SlowReceiver gives one side a storage that takes so long for each replica that a round of snapshots takes ten times as long as they are
// apart. Snapshots then wait behind its receiver, which acknowledges only what finds room among the 40 that wait (Q33); senders give up
// after R. None may be stored twice for that, and heartbeats, which have a receiver of their own, are on time (S36).
//
// each is what the storage takes for one replica, in toolkit time: more than R.
func SlowReceiver(given func() scenario.Given, each time.Duration) bool {
	return Describe("A data center stores replicas ten times more slowly than they come", Ordered,
		Label("S36", "replication", "active-active", "slow", "Q33"), func() {
			drill := scenario.New(given, scenario.Unnoticed)

			It("serves events in both data centers", drill.IsSteady)
			It("holds snapshots back: what waits fills its queue, and senders give up", func(ctx SpecContext) { drill.DC2.HoldsSendersBack(ctx, each) })
			It("goes on to hear every heartbeat", func(ctx SpecContext) { drill.KeepsBeating(ctx, 8) })
			It("stores no snapshot twice, although its sender gave it up", func(ctx SpecContext) { drill.DC2.StoresEachOnce(ctx) })
			It("changes no status and hands nothing over", func(ctx SpecContext) { drill.NothingChanges(ctx) })
			It("loses nothing", drill.LosesNothing)
			It("meets its objectives", drill.MeetsItsObjectives)
		})
}
