package replication

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// OperatorsRestart restarts one group of the toolkit's operators, which have a PE of their own: what they kept in memory is gone, and the effects
// are those of the toolkit contract's table for them, and no others (S06).
//
// place is that of their PE among those of the job.
func OperatorsRestart(given func() scenario.Given, what string, place int, effects scenario.Effects, labels ...string) bool {
	return Describe("The toolkit's operators are restarted one group at a time: "+what, Ordered, Label("S06", "replication", "active-active"), Label(labels...), func() {
		drill := scenario.New(given, scenario.MayGoUnnoticed)

		It("serves events in both data centers", drill.IsSteady)
		It("restarts them", func(ctx SpecContext) { drill.Inject(ctx, fault.RestartPE(drill.DC2.Name(), place)) })
		It("shows the effects that the contract gives, and no others", func(ctx SpecContext) { drill.DC2.ShowsTheEffectsOf(ctx, effects) })
		It("loses nothing", drill.LosesNothing)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
