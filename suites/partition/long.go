package partition

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// LongPartition cuts the link for longer than detection takes: both data centers declare each other DOWN and take over
// the other's state while both keep running. After the heal a user wants them to find each other again; toolkit 1.x
// never does (Q1), which is reported as a hazard together with the way out (S16, S55).
//
// length is in multiples of the longest detection time, (N+1)*I.
func LongPartition(given func() scenario.Given, length float64, labels ...string) bool {
	text := fmt.Sprintf("The link breaks for %.1f times the longest detection time", length)
	return Describe(text, Ordered, Label("S16", "S55", "partition", "active-active"), Label(labels...), func() {
		drill := scenario.New(given, scenario.JudgedFrom(application.Indicated))

		It("serves events in both data centers", drill.IsSteady)

		It("makes both data centers declare each other DOWN within the RTO", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Partition(fault.Refuse))
			drill.DC1.DeclaresDown(ctx)
			drill.DC2.DeclaresDown(ctx)
		})

		It("hands each side's replicated state to the other, each fragment once", func(ctx SpecContext) {
			drill.DC1.TakesOverEveryReplica(ctx)
			drill.DC2.TakesOverEveryReplica(ctx)
		})

		It("keeps both sides serving while each believes to be alone", drill.BothSidesServe)

		It("heals, and then finds contact again or stays silent as toolkit 1.x does (Q1)", func(ctx SpecContext) {
			drill.WatchUntil(ctx, length*drill.DetectionIntervals())
			drill.Heal(ctx)
			drill.RecoversContactOrReportsSilence(ctx)
		}, scenario.LastsDetections(length))

		It("loses nothing", drill.LosesNothing)
		It("recovers by one heartbeat (S55)", func(ctx SpecContext) { drill.RecoversByOneHeartbeat(ctx) })
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
