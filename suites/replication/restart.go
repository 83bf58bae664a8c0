// Package replication holds the scenarios about the replicas themselves: what is kept of the other side's state, and
// what is left of it when it is needed.
//
// Every scenario is an exported function of a Given, so that a team can run it on its own application from its own
// repository. It may import support and toolkit.
package replication

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// CrashAfterRestart restarts the survivor's own toolkit, which forgets every replica with its memory (Q21), waits for
// the next round of snapshots, and only then kills the other data center: every fragment must be taken over as if the
// restart had never been (S06, S03).
func CrashAfterRestart(given func() scenario.Given) bool {
	return Describe("A data center crashes after its survivor's toolkit was restarted", Ordered,
		Label("S06", "replication", "outage", "active-active", "fast"), func() {
			drill := scenario.New(given)

			It("serves events in both data centers", drill.IsSteady)
			It("replicates again after a restart of the survivor's toolkit", func(ctx SpecContext) { drill.RestartsToolkit(ctx, drill.DC2) })

			It("is declared DOWN by the survivor within the RTO", func(ctx SpecContext) {
				drill.Inject(ctx, fault.Crash(drill.DC1.Name()))
				drill.DC2.DeclaresDown(ctx)
			})

			It("hands its replicated state to the survivor, each fragment once", drill.TakesOverEveryReplica)
			It("is served by the survivor within the RTO", drill.ServesTheLostSide)
			It("stays served while the fault lasts", drill.StaysServed)
			It("loses no more than the RPO allows", drill.LosesNoMoreThanRPO)
			It("comes home", drill.ComesHome)
			It("meets its objectives", drill.MeetsItsObjectives)
		})
}
