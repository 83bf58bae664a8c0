package replication

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/scenario"
)

// SnapshotSize gives one fragment of each side a snapshot of so many bytes: it gets through and is stored, heartbeats are on time all the same,
// and nothing fails over (Q37, S45).
func SnapshotSize(given func() scenario.Given, size int64, what string, labels ...string) bool {
	return Describe(fmt.Sprintf("One fragment of each side has a snapshot of %s", what), Ordered, Label("S45", "replication", "active-active"), Label(labels...), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("serves events in both data centers", drill.IsSteady)
		It("carries its snapshots, and heartbeats on time", func(ctx SpecContext) { drill.CarriesSnapshotsOf(ctx, size, 12) }, scenario.LastsDetections(4))
		It("changes no status and hands nothing over", func(ctx SpecContext) { drill.NothingChanges(ctx) })
		It("loses nothing", drill.LosesNothing)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
