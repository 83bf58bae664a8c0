package partition

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// Blackhole cuts the link so that nothing is answered at all: both data centers declare each other DOWN and take over. Heartbeats
// that wait in the senders may bring contact back when the link heals within a window that follows from the timeouts
// (toolkit contract 6.4); beyond it toolkit 1.x stays silent (Q1). What is found is reported against the window (S17).
//
// share is in multiples of the window; 0.86 of the shipped one is the longest detection time.
func Blackhole(given func() scenario.Given, share float64, labels ...string) bool {
	text := fmt.Sprintf("The link swallows everything for %.2f of the window in which it can heal by itself", share)
	return Describe(text, Ordered, Label("S17", "partition", "active-active", "Q1"), Label(labels...), func() {
		drill := scenario.New(given, scenario.ReplicatesOn)

		It("serves events in both data centers", drill.IsSteady)

		It("makes both data centers declare each other DOWN within the RTO", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Partition(fault.Blackhole).For(drill.Intervals(share*drill.HealIntervals())))
			drill.DC1.DeclaresDown(ctx)
			drill.DC2.DeclaresDown(ctx)
		})

		It("hands each side's replicated state to the other, each fragment once", func(ctx SpecContext) {
			drill.DC1.TakesOverEveryReplica(ctx)
			drill.DC2.TakesOverEveryReplica(ctx)
		})

		It("heals, and then finds contact again or stays silent as toolkit 1.x does (Q1)", func(ctx SpecContext) {
			drill.EndsAsPlanned(ctx)
			drill.RecoversContactOrReportsSilence(ctx)
			drill.ReportsTheWindow(ctx)
		}, scenario.LastsDetections(2*share))

		It("loses nothing", drill.LosesNothing)
		It("recovers by one heartbeat (S55)", func(ctx SpecContext) { drill.RecoversByOneHeartbeat(ctx) })
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// OneWayDrop loses every packet of one data center to the other. No TCP connection survives that, whoever opens it, so that both
// directions are dead, and the heartbeats of the side whose packets arrive are not counted either (S19).
func OneWayDrop(given func() scenario.Given, share float64, labels ...string) bool {
	text := fmt.Sprintf("The packets of one data center are lost for %.2f of the window in which it can heal by itself", share)
	return Describe(text, Ordered, Label("S19", "partition", "active-active", "Q1"), Label(labels...), func() {
		drill := scenario.New(given, scenario.ReplicatesOn)

		It("serves events in both data centers", drill.IsSteady)

		It("makes both data centers declare each other DOWN within the RTO", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Drop(drill.DC1.Name()))
			drill.DC1.DeclaresDown(ctx)
			drill.DC2.DeclaresDown(ctx)
		})

		It("hands each side's replicated state to the other, each fragment once", func(ctx SpecContext) {
			drill.DC1.TakesOverEveryReplica(ctx)
			drill.DC2.TakesOverEveryReplica(ctx)
		})

		It("keeps both sides serving while each believes to be alone", drill.BothSidesServe)

		It("heals, and then finds contact again or stays silent as toolkit 1.x does (Q1)", func(ctx SpecContext) {
			drill.WatchUntil(ctx, share*drill.HealIntervals())
			drill.Heal(ctx)
			drill.RecoversContactOrReportsSilence(ctx)
			drill.ReportsTheWindow(ctx)
		}, scenario.LastsDetections(2*share))

		It("loses nothing", drill.LosesNothing)
		It("recovers by one heartbeat (S55)", func(ctx SpecContext) { drill.RecoversByOneHeartbeat(ctx) })
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
