package degradation

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/scenario"
)

// ClockStep sets the clock of one data center by a multiple of the heartbeat interval: forward by any, where one tick comes early and no
// more, or back by at most N-1, for which its tick source then waits longer. Neither may be noticed by anybody (Q4, Q45, S39).
func ClockStep(given func() scenario.Given, intervals float64, labels ...string) bool {
	text := fmt.Sprintf("The clock of a data center is set forward by %.1f I", intervals)
	if intervals < 0 {
		text = fmt.Sprintf("The clock of a data center is set back by %.1f I", -intervals)
	}
	return Describe(text, Ordered, Label("S39", "degradation", "active-active"), Label(labels...), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("serves events in both data centers", drill.IsSteady)

		It("is noticed by nobody for longer than detection takes", func(ctx SpecContext) {
			drill.DC1.StepsClock(ctx, intervals)
			drill.Watch(ctx, drill.DetectionIntervals()+max(0, -intervals)+1)
			drill.NothingChanges(ctx)
		})

		It("loses nothing", drill.LosesNothing)
		It("replicates in both directions, also when its clock is right", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// ClockFarBack sets the clock of one data center back by more than detection takes: its tick source waits for so long, so that it sends no
// heartbeat and counts none that is missing. Its peer declares it DOWN and takes over, although it serves as ever; once the time has
// passed it goes on by itself (Q4, S39).
func ClockFarBack(given func() scenario.Given, intervals float64, labels ...string) bool {
	text := fmt.Sprintf("The clock of a data center is set far back, by %.0f I", intervals)
	return Describe(text, Ordered, Label("S39", "degradation", "active-active", "Q4"), Label(labels...), func() {
		drill := scenario.New(given, scenario.ReplicatesOn)

		It("serves events in both data centers", drill.IsSteady)

		It("is declared DOWN by the other side within the RTO, and sees nothing itself", func(ctx SpecContext) {
			drill.DC1.StepsClock(ctx, -intervals)
			drill.DC2.DeclaresDown(ctx)
			drill.DC1.KeepsItsMind(ctx)
		})

		It("hands its replicated state to the other side, each fragment once", drill.TakesOverEveryReplica)
		It("is heard again by itself, when the time has passed", func(ctx SpecContext) { drill.DC1.GoesOnByItself(ctx, intervals) })
		It("replicates in both directions, also when its clock is right", drill.ComesHome)
		It("loses nothing", drill.LosesNothing)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
