package degradation

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// RoundTrip gives the link a round trip in multiples of the heartbeat interval. Where it is longer than the interval, heartbeats wait for
// their sender, more and more of them, and nothing may fail over before one takes longer than N*I (S20). The first one after the
// link became slow opens a connection, and arrives one and a half round trips after it was sent: up to 2 (N-1)/3 are tolerated.
func RoundTrip(given func() scenario.Given, roundTrip float64, labels ...string) bool {
	text := fmt.Sprintf("The link is slow: %.2f I there and back", roundTrip)
	return Describe(text, Ordered, Label("S20", "degradation", "active-active"), Label(labels...), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("serves events in both data centers", drill.IsSteady)

		It("is noticed by nobody for longer than detection takes", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Degrade(fault.Quality{Delay: drill.Intervals(roundTrip / 2)}))
			drill.Watch(ctx, drill.DetectionIntervals()+2)
			drill.NothingChanges(ctx)
		})

		It("makes heartbeats wait for their sender as the round trip predicts", func(ctx SpecContext) { drill.QueuesAsPredicted(ctx, roundTrip) })
		It("is still noticed by nobody", func(ctx SpecContext) { drill.NothingChanges(ctx) })
		It("loses nothing", drill.LosesNothing)
		It("replicates in both directions, also when the link is quick again", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// Jitter delays each heartbeat by another time, up to a multiple of the heartbeat interval that is at most N-1: no two arrive further
// apart than N*I, and nothing may fail over (S21). The handshake, the request and the answer share it.
func Jitter(given func() scenario.Given, peakToPeak float64, intervals float64, labels ...string) bool {
	text := fmt.Sprintf("Heartbeats arrive up to %.0f I late, each by another time", peakToPeak)
	return Describe(text, Ordered, Label("S21", "degradation", "active-active"), Label(labels...), func() {
		drill := scenario.New(given, scenario.Unnoticed)
		const passes = 4 // of the link, by one heartbeat: two of the handshake, the request, the answer

		It("serves events in both data centers", drill.IsSteady)

		It("is noticed by nobody for many heartbeats", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Degrade(fault.Quality{Jitter: drill.Intervals(peakToPeak / passes)}))
			drill.Watch(ctx, intervals)
			drill.NothingChanges(ctx)
		}, scenario.LastsDetections(intervals/4))

		It("loses nothing", drill.LosesNothing)
		It("replicates in both directions, also when the link is steady again", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
