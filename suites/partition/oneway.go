package partition

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// OneWayBlockHeals blocks what one data center sends while the other's requests still arrive, and heals before the one that is
// heard has starved: the deaf side alone declares DOWN, and hears the other again at its next heartbeat (S18).
//
// length is in multiples of N*I; up to 2 nobody falls silent for good.
func OneWayBlockHeals(given func() scenario.Given, length float64, labels ...string) bool {
	text := fmt.Sprintf("One data center cannot be heard for %.2f N*I, and is heard again", length)
	return Describe(text, Ordered, Label("S18", "partition", "active-active"), Label(labels...), func() {
		drill := scenario.New(given)

		It("serves events in both data centers", drill.IsSteady)

		It("makes the deaf side declare DOWN within the RTO, and it alone", func(ctx SpecContext) {
			drill.Inject(ctx, fault.OneWay(drill.DC1.Name(), fault.Refuse))
			drill.DC2.DeclaresDown(ctx)
			drill.DC1.KeepsItsMind(ctx)
		})

		It("hands the unheard side's state to the deaf one, each fragment once", drill.TakesOverEveryReplica)

		It("finds contact again within I of the heal, by itself", func(ctx SpecContext) {
			drill.WatchUntil(ctx, length*(drill.DetectionIntervals()-1))
			drill.FindsContactAgain(ctx, drill.DC2)
		})

		It("loses nothing", drill.LosesNothing)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// OneWayBlockSilences blocks what one data center sends until the other, which falls silent at its DOWN, has starved it in turn:
// the deaf side declares DOWN first, and after the heal toolkit 1.x stays silent in both directions (Q1, S18).
//
// length is in multiples of N*I; from (2N+1)*I on silence is certain.
func OneWayBlockSilences(given func() scenario.Given, length float64, labels ...string) bool {
	text := fmt.Sprintf("One data center cannot be heard for %.2f N*I, and then neither can", length)
	return Describe(text, Ordered, Label("S18", "partition", "active-active", "Q1"), Label(labels...), func() {
		drill := scenario.New(given)

		It("serves events in both data centers", drill.IsSteady)

		It("makes the deaf side declare DOWN within the RTO, before the other", func(ctx SpecContext) {
			drill.Inject(ctx, fault.OneWay(drill.DC1.Name(), fault.Refuse))
			drill.DC2.DeclaresDown(ctx)
			drill.DC1.KeepsItsMind(ctx)
		})

		It("starves the other one in turn", func(ctx SpecContext) { drill.StarvesInTurn(ctx, drill.DC2) })

		It("hands each side's replicated state to the other, each fragment once", func(ctx SpecContext) {
			drill.DC1.TakesOverEveryReplica(ctx)
			drill.DC2.TakesOverEveryReplica(ctx)
		})

		It("heals, and then finds contact again or stays silent as toolkit 1.x does (Q1)", func(ctx SpecContext) {
			drill.WatchUntil(ctx, length*(drill.DetectionIntervals()-1))
			drill.Heal(ctx)
			drill.RecoversContactOrReportsSilence(ctx)
		}, scenario.LastsDetections(length))

		It("loses nothing", drill.LosesNothing)
		It("recovers by one heartbeat (S55)", func(ctx SpecContext) { drill.RecoversByOneHeartbeat(ctx) })
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
