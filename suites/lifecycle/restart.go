// Package lifecycle holds the scenarios in which data centers begin, end and begin again: too quickly to be missed, both at once,
// or one after the other.
//
// Every scenario is an exported function of a Given, so that a team can run it on its own application from its own
// repository. It may import support and toolkit.
package lifecycle

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// RestartUnmissed cancels the job of one data center and submits it again at once, so that it is back before its peer can miss it:
// nothing is declared and nothing handed over, and with toolkit 1.x all that it held is lost in silence (Q17, S09).
func RestartUnmissed(given func() scenario.Given) bool {
	return Describe("A data center restarts faster than it can be missed", Ordered, Label("S09", "lifecycle", "active-active", "slow", "Q17"), func() {
		drill := scenario.New(given, scenario.MayGoUnnoticed)

		It("serves events in both data centers", drill.IsSteady)

		It("ends, and begins again at once", func(ctx SpecContext) {
			drill.Inject(ctx, fault.CancelJob(drill.DC1.Name()))
			drill.Heal(ctx)
		})

		It("is missed by nobody, and nothing is handed over", drill.GoesUnmissed)
		It("is seen to count its heartbeats from the beginning", drill.ShowsItsRestart)
		It("keeps its state, or loses it in silence as toolkit 1.x does (Q17)", drill.ReportsSilentLoss)
		It("replicates in both directions again", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
