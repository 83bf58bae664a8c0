package degradation

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// PacketLoss loses a share of the packets in both directions, as what it does to TCP: what is lost is sent again, later and later, so
// that heartbeats are late and none is missing. With intervals of 10 s and more nothing may fail over (S22).
func PacketLoss(given func() scenario.Given, share float64, intervals float64, labels ...string) bool {
	text := fmt.Sprintf("The link loses %.0f %% of its packets", 100*share)
	return Describe(text, Ordered, Label("S22", "degradation", "active-active"), Label(labels...), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("serves events in both data centers", drill.IsSteady)
		It("loses packets in both directions", func(ctx SpecContext) { drill.Inject(ctx, fault.Lose(drill.Loss(share))) })

		It("goes on to hear every heartbeat, no two further apart than N*I", func(ctx SpecContext) {
			drill.KeepsBeating(ctx, intervals)
		}, scenario.LastsDetections(intervals/4))

		It("is noticed by nobody", func(ctx SpecContext) { drill.NothingChanges(ctx) })
		It("loses nothing", drill.LosesNothing)
		It("replicates in both directions, also when no packet is lost", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
