package replication

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// StorageMissing takes away the folder in which one side keeps the replicas of the other: none can be stored, each failure is traced as
// an error, and nothing else may come of it: no status changes, heartbeats are on time. Once the folder is back, every
// fragment is stored again (S33, the form of a missing directory).
func StorageMissing(given func() scenario.Given) bool {
	return Describe("The snapshot folder of a data center is missing", Ordered,
		Label("S33", "replication", "active-active", "slow"), func() {
			drill := scenario.New(given, scenario.Unnoticed)

			It("serves events in both data centers", drill.IsSteady)
			It("loses the snapshot folder of one side", func(ctx SpecContext) { drill.Inject(ctx, fault.LoseStorage(drill.DC2.Name())) })
			It("stores no replica, and traces each as an error", func(ctx SpecContext) { drill.DC2.StoresNothing(ctx) })
			It("goes on to hear every heartbeat", func(ctx SpecContext) { drill.KeepsBeating(ctx, 8) })
			It("is noticed by nobody else", func(ctx SpecContext) { drill.NothingChanges(ctx) })
			It("stores every fragment again once its folder is back", func(ctx SpecContext) { drill.DC2.StoresAgain(ctx) })
			It("loses nothing", drill.LosesNothing)
			It("meets its objectives", drill.MeetsItsObjectives)
		})
}
