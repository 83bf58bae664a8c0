// Package degradation holds the scenarios in which the link between the data centers works, but badly: nothing may fail
// over.
//
// Every scenario is an exported function of a Given, so that a team can run it on its own application from its own
// repository. It may import support and toolkit.
package degradation

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// SlowLink delays everything between the data centers by a share of the heartbeat interval each way. As long as the
// round trip, or two of them for a new connection, is shorter than the interval, heartbeats arrive at their rate, only
// later, and nothing may fail over (S20).
func SlowLink(given func() scenario.Given, share float64, labels ...string) bool {
	text := fmt.Sprintf("The link is healthy but slow: %.1f I each way", share)
	return Describe(text, Ordered, Label("S20", "degradation", "active-active"), Label(labels...), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("serves events in both data centers", drill.IsSteady)

		It("is noticed by nobody for longer than detection takes", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Degrade(fault.Quality{Delay: drill.Intervals(share)}))
			drill.Watch(ctx, drill.DetectionIntervals()+2)
			drill.NothingChanges(ctx)
		})

		It("loses nothing", drill.LosesNothing)
		It("replicates in both directions, also when the link is quick again", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
