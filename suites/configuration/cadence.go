// Package configuration holds the scenarios of what was configured: heartbeat and snapshot intervals, pairs of sender and receiver,
// and settings of the two sides that do not fit together. Each trap is named before anything is broken.
//
// Every scenario is an exported function of a Given, so that a team can run it on its own application from its own
// repository. It may import support and toolkit.
package configuration

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/scenario"
)

// Cadence runs with other intervals I and S: snapshots come at the period that follows from them, P_s = max(1, k-1)*I, which is not S,
// and heartbeats are not disturbed (S52).
func Cadence(given func() scenario.Given, intervals string, labels ...string) bool {
	text := fmt.Sprintf("Heartbeats and snapshots come at other intervals: %s", intervals)
	return Describe(text, Ordered, Label("S52", "configuration", "active-active"), Label(labels...), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("serves events in both data centers", drill.IsSteady)
		It("changes no status, heartbeats and replicates at the period that the formula gives", drill.KeepsItsRhythm, scenario.LastsHeartbeats())
		It("loses nothing", drill.LosesNothing)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// Pairs runs with another number of pairs of sender and receiver: replicas take turns on all ports P+1 to P+W (S46).
func Pairs(given func() scenario.Given, pairs int, labels ...string) bool {
	text := fmt.Sprintf("Snapshots have %d pairs of sender and receiver", pairs)
	return Describe(text, Ordered, Label("S46", "configuration", "active-active"), Label(labels...), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("serves events in both data centers", drill.IsSteady)
		It("gives every pair its share of the replicas", func(ctx SpecContext) { drill.UsesEveryPair(ctx, 4) })
		It("changes no status and hands nothing over", func(ctx SpecContext) { drill.NothingChanges(ctx) })
		It("loses nothing", drill.LosesNothing)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
