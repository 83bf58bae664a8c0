// Package preflight holds the scenarios without a real fault: is this environment fit to be tested, and does a fault
// that does nothing show nothing?
//
// Every scenario is an exported function of a Given, so that a team can run it on its own application from its own
// repository. It may import support and toolkit.
package preflight

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// SteadyOperation breaks nothing and watches: no data center is ever declared DOWN, snapshots come at the period that
// follows from the configuration, heartbeats at theirs (S01). CROSSDC_STEADY_HEARTBEATS says for how long.
func SteadyOperation(given func() scenario.Given) bool {
	return Describe("Nothing breaks for many heartbeats", Ordered, Label("S01", "preflight", "active-active"), func() {
		drill := scenario.New(given, scenario.Unnoticed, scenario.JudgedFrom(application.Indicated))

		It("serves events in both data centers", drill.IsSteady)
		It("changes no status, heartbeats and replicates on time", drill.KeepsItsRhythm, scenario.LastsHeartbeats())
		It("loses nothing", drill.LosesNothing)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// Control injects a fault that does nothing and expects that nothing is found: what finds something here would find
// anything anywhere.
func Control(given func() scenario.Given) bool {
	return Describe("A fault that does nothing", Ordered, Label("control", "preflight", "active-active", "fast"), func() {
		drill := scenario.New(given, scenario.Unnoticed, scenario.JudgedFrom(application.Indicated))

		It("serves events in both data centers", drill.IsSteady)

		It("is noticed by nobody for longer than detection takes", func(ctx SpecContext) {
			drill.Inject(ctx, fault.NoOp())
			drill.Watch(ctx, drill.DetectionIntervals()+2)
			drill.NothingChanges(ctx)
		})

		It("loses nothing", drill.LosesNothing)
		It("replicates in both directions as before", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
