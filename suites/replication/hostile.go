package replication

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/scenario"
)

// HostileRequests sends one data center what no sender of the toolkit sends: wrong content types, methods, paths and lengths, messages of
// an unknown type, a replica whose name leads out of the storage directory, and bodies that are no message. Each is
// answered as the toolkit contract says, nothing hangs, nothing fails over; what toolkit 1.x is known to do wrongly
// is reported (Q5, Q29, S50).
func HostileRequests(given func() scenario.Given) bool {
	return Describe("A data center is sent malformed and hostile requests", Ordered,
		Label("S50", "replication", "active-active", "slow", "Q5", "Q29"), func() {
			drill := scenario.New(given, scenario.MayGoUnnoticed)

			It("serves events in both data centers", drill.IsSteady)
			It("answers each as the contract says, and none hangs", func(ctx SpecContext) { drill.DC2.AnswersTheHostile(ctx) })
			It("keeps replicas to its directory, or writes where it is told as toolkit 1.x does (Q29)", func(ctx SpecContext) { drill.DC2.KeepsToItsDirectory(ctx) })
			It("is noticed by nobody", func(ctx SpecContext) { drill.NothingChanges(ctx) })

			It("refuses bodies that are no message, or dies of them and comes back as toolkit 1.x does (Q5)", func(ctx SpecContext) {
				drill.DC2.OutlivesMalformedBodies(ctx)
			})

			It("loses nothing", drill.LosesNothing)
			It("meets its objectives", drill.MeetsItsObjectives)
		})
}
