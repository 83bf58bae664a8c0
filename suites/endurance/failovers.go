// Package endurance holds the scenarios that do the same thing again and again, until what is left behind each time shows.
//
// Every scenario is an exported function of a Given, so that a team can run it on its own application from its own
// repository. It may import support and toolkit.
package endurance

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/scenario"
)

// ManyFailovers makes many failovers back to back in one process: crash, job cancel, partition and hang in turn, at random
// phases. Each is detected within the RTO and comes home, and this process holds no more goroutines, file descriptors
// and memory at the end than at the beginning. The detection times are compared with what the toolkit's configuration
// predicts.
func ManyFailovers(given func() scenario.Given) bool {
	return Describe("Failovers follow each other without an end", Ordered, Label("endurance", "active-active", "slow"), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("serves events in both data centers", drill.IsSteady)
		It("notices every fault in time, comes home each time, and keeps nothing", drill.SurvivesFailovers, scenario.LastsFailovers())
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
