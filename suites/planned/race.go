package planned

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// ShutdownDuringARound announces a shutdown while a round of snapshots is under way over a slow link: a replica that arrives behind the
// announcement is stored again, and taken over at DOWN (Q13, S14). Nothing orders the two; with several senders the
// announcement may overtake what was queued before it. How often that happens is for repetitions to say.
func ShutdownDuringARound(given func() scenario.Given, pairs int, labels ...string) bool {
	text := fmt.Sprintf("An orderly shutdown is announced during a round of snapshots, with %d pair(s) of sender and receiver", pairs)
	return Describe(text, Ordered, Label("S14", "planned", "active-active", "Q13"), Label(labels...), func() {
		drill := scenario.New(given, scenario.Discards, scenario.Aimed)

		It("serves events in both data centers", drill.IsSteady)

		It("announces its shutdown during a round of snapshots, and the other side hears it", func(ctx SpecContext) {
			drill.Beside(ctx, fault.Degrade(fault.Quality{Delay: drill.Intervals(0.1), Ports: fault.SnapshotPorts}))
			drill.DC1.AwaitsSnapshotRound(ctx)
			drill.Inject(ctx, fault.OrderlyShutdown(drill.DC1.Name()))
			drill.DC2.HearsTheAnnouncement(ctx)
		})

		It("is cancelled two heartbeat intervals later", func(ctx SpecContext) {
			drill.WatchUntil(ctx, 2)
			drill.DC1.Cancels(ctx)
		})

		It("is declared DOWN all the same, within the RTO of its last heartbeat", func(ctx SpecContext) { drill.DC2.DeclaresDown(ctx) })
		It("hands nothing over but what came behind the announcement (Q13)", drill.TakesOverWhatCameLate)
		It("is served by the survivor within the RTO", drill.ServesTheLostSide)
		It("gives up what it held, and nothing else", drill.DiscardsAsAnnounced)
		It("comes home", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
