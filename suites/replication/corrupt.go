package replication

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// spoiled is the fragment whose replica is corrupt: there are fragments before and behind it.
const spoiled = 2

// EmptyReplica kills one data center, of which the other has a replica of zero length: it is skipped with an error, and all others are
// handed over. What it held is lost, and no more than that (S32, the form of zero length).
func EmptyReplica(given func() scenario.Given) bool {
	return Describe("A data center crashes, and one of its replicas has zero length", Ordered,
		Label("S32", "replica-empty", "replication", "outage", "active-active", "slow", "Q24"), func() {
			drill := scenario.New(given, scenario.LosesPartly)

			It("serves events in both data centers", drill.IsSteady)

			It("is declared DOWN by the survivor within the RTO", func(ctx SpecContext) {
				drill.DC2.LosesAPeerWithACorruptReplica(ctx, spoiled, fault.ZeroLength)
				drill.DC2.DeclaresDown(ctx)
			})

			It("hands over every other fragment once, and traces an error for this one (Q24)", func(ctx SpecContext) { drill.DC2.SkipsACorruptReplica(ctx, spoiled) })
			It("is served by the survivor within the RTO", drill.ServesTheLostSide)
			It("stays served while the fault lasts", drill.StaysServed)
			It("loses that fragment, and of the rest no more than the RPO allows", func(ctx SpecContext) { drill.DC2.LosesWhatWasUnreadable(ctx) })
			It("comes home", drill.ComesHome)
			It("meets its objectives", drill.MeetsItsObjectives)
		})
}

// CorruptReplica kills one data center, of which the other has a replica that is no message. A user wants it rejected, and all others
// handed over; toolkit 1.x dies of it in the middle of the takeover, and purges what it has not read by then (Q27). Either is
// reported; neither may take the replica for a state (S32).
func CorruptReplica(given func() scenario.Given, how fault.Corruption, labels ...string) bool {
	return Describe("A data center crashes, and one of its replicas is corrupt: "+string(how), Ordered,
		Label("S32", "replication", "outage", "active-active", "Q27"), Label(labels...), func() {
			drill := scenario.New(given, scenario.MayGoUnnoticed, scenario.LosesPartly)

			It("serves events in both data centers", drill.IsSteady)
			It("loses one side, and a replica of it", func(ctx SpecContext) { drill.DC2.LosesAPeerWithACorruptReplica(ctx, spoiled, how) })

			It("rejects the replica with an error, or dies of it once as toolkit 1.x does (Q27)", func(ctx SpecContext) {
				drill.DC2.RejectsACorruptReplica(ctx, spoiled)
			})

			It("is served by the survivor within the RTO", drill.ServesTheLostSide)
			It("loses what was not read, and of the rest no more than the RPO allows", func(ctx SpecContext) { drill.DC2.LosesWhatWasUnreadable(ctx) })
			It("comes home", drill.ComesHome)
			It("meets its objectives", drill.MeetsItsObjectives)
		})
}
