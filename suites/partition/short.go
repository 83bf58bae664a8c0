// Package partition holds the scenarios in which the link between the data centers breaks while both keep running.
//
// Every scenario is an exported function of a Given, so that a team can run it on its own application from its own
// repository. It may import support and toolkit.
package partition

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// ShortPartition cuts the link for as long as the toolkit certainly tolerates, (N-1)*I, and expects that nobody notices (S15).
func ShortPartition(given func() scenario.Given) bool {
	return Describe("The link breaks for less than the toolkit tolerates", Ordered, Label("S15", "partition", "active-active", "fast"), func() {
		drill := scenario.New(given, scenario.Unnoticed, scenario.JudgedFrom(application.Indicated))

		It("serves events in both data centers", drill.IsSteady)

		It("loses the link in both directions for (N-1)*I", func(ctx SpecContext) {
			drill.InjectFor(ctx, fault.Partition(fault.Refuse), drill.TolerableOutage())
		})

		It("is noticed by nobody, also not when the link is back", func(ctx SpecContext) {
			drill.Watch(ctx, drill.DetectionIntervals()+1)
			drill.NothingChanges(ctx)
		})

		It("loses nothing", drill.LosesNothing)
		It("replicates in both directions again", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
