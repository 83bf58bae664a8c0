package degradation

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// FlappingLink cuts and restores the link again and again, each time for so long that DOWN is likely and mutual silence is not:
// each DOWN is followed by an UP, and what takeovers that overlap do to the application is reported (Q31, S24).
//
// down is in heartbeat intervals, below N.
func FlappingLink(given func() scenario.Given, down float64, cycles int, labels ...string) bool {
	text := fmt.Sprintf("The link flaps: down for %.2f I, %d times", down, cycles)
	return Describe(text, Ordered, Label("S24", "degradation", "active-active", "Q31"), Label(labels...), func() {
		drill := scenario.New(given, scenario.ReplicatesOn, scenario.MayGoUnnoticed)
		const up = 5.37 // no whole number, so that every cut has another phase

		It("serves events in both data centers", drill.IsSteady)

		It("is cut again and again, and both data centers go on", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Flap(drill.Intervals(down), drill.Intervals(up)))
			drill.WatchUntil(ctx, float64(cycles)*(down+up)-1)
			drill.BothSidesServe(ctx)
		}, scenario.LastsDetections(float64(cycles)*2))

		It("comes home", drill.ComesHome)
		It("declared UP after every DOWN, and took over once for each", drill.PairsEveryDown)
		It("says what takeovers that overlap did to the application (Q31)", drill.ReportsRepeatedTakeovers)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
