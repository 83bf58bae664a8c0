package lifecycle

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/scenario"
)

// RestartStorm kills one data center again and again, each time 0.3 to 1.5 N*I after it was started: some of these lives are too short for its
// peer to hear of them, some deaths too short to be missed. The peer must be as healthy as before, take over at most once for each
// DOWN, and both must hold each other UP when it is over, without any help (S40).
func RestartStorm(given func() scenario.Given, cycles int, labels ...string) bool {
	text := fmt.Sprintf("A data center is killed and started %d times", cycles)
	return Describe(text, Ordered, Label("S40", "lifecycle", "active-active"), Label(labels...), func() {
		drill := scenario.New(given, scenario.MayGoUnnoticed)

		It("serves events in both data centers", drill.IsSteady)

		It("is killed and started again and again", func(ctx SpecContext) {
			drill.DC1.IsStormed(ctx, cycles)
		}, scenario.LastsDetections(2*float64(cycles)))

		It("leaves its peer unharmed, and both hold each other UP again", func(ctx SpecContext) { drill.DC2.OutlivesTheStorm(ctx) })
		It("loses no more than each of its lives had", drill.LosesWhatTheStormTook)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
