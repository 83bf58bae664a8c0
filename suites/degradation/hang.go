package degradation

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// ListenerHangsShortly lets the heartbeat ports accept and not answer for so long that one exchange hangs and is answered after all:
// the gap that it leaves is at most I longer than the hang and stays within N*I, so that nothing may fail over (S38).
func ListenerHangsShortly(given func() scenario.Given, labels ...string) bool {
	return Describe("The heartbeat ports accept, and answer only after a while", Ordered, Label("S38", "degradation", "active-active"), Label(labels...), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("serves events in both data centers", drill.IsSteady)

		It("leaves one heartbeat without an answer for less than (N-1)*I", func(ctx SpecContext) {
			drill.InjectFor(ctx, fault.Block(fault.HeartbeatPort, fault.HangUp), drill.TolerableOutage()-drill.Timing.Interval/4)
		})

		It("is noticed by nobody, also not when the answers are back", func(ctx SpecContext) {
			drill.Watch(ctx, drill.DetectionIntervals()+1)
			drill.NothingChanges(ctx)
		})

		It("loses nothing", drill.LosesNothing)
		It("replicates in both directions again", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// ListenerHangs lets the heartbeat ports accept and never answer for longer than detection takes: every exchange hangs until its
// sender gives up, the gap is longer than (N+1)*I, and DOWN is certain although the link, the hosts and the applications are
// well (Q10, S38).
//
// length is in multiples of the longest detection time, (N+1)*I.
func ListenerHangs(given func() scenario.Given, length float64, labels ...string) bool {
	return Describe("The heartbeat ports accept, and never answer", Ordered, Label("S38", "degradation", "active-active", "Q10", "Q1"), Label(labels...), func() {
		drill := scenario.New(given, scenario.ReplicatesOn)

		It("serves events in both data centers", drill.IsSteady)

		It("makes both data centers declare each other DOWN within the RTO", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Block(fault.HeartbeatPort, fault.HangUp))
			drill.DC1.DeclaresDown(ctx)
			drill.DC2.DeclaresDown(ctx)
		})

		It("hands each side's replicated state to the other, each fragment once", func(ctx SpecContext) {
			drill.DC1.TakesOverEveryReplica(ctx)
			drill.DC2.TakesOverEveryReplica(ctx)
		})

		It("keeps both sides serving while each believes to be alone", drill.BothSidesServe)

		It("answers again, and then finds contact again or stays silent as toolkit 1.x does (Q1)", func(ctx SpecContext) {
			drill.WatchUntil(ctx, length*drill.DetectionIntervals())
			drill.Heal(ctx)
			drill.RecoversContactOrReportsSilence(ctx)
		}, scenario.LastsDetections(length))

		It("loses nothing", drill.LosesNothing)
		It("recovers by one heartbeat (S55)", func(ctx SpecContext) { drill.RecoversByOneHeartbeat(ctx) })
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
