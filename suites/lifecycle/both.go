package lifecycle

import (
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// BothCrash kills both data centers at once and starts both again with the toolkit's default flags: both find each other within
// D0 + I, and each has thrown the other's replicas away, so that everything is lost (Q22, S27).
func BothCrash(given func() scenario.Given) bool {
	return Describe("Both data centers crash at once", Ordered, Label("S27", "lifecycle", "active-active", "slow", "Q22"), func() {
		drill := scenario.New(given, scenario.MayGoUnnoticed)

		It("serves events in both data centers", drill.IsSteady)

		It("loses both data centers", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Crash(drill.DC1.Name()))
			drill.Beside(ctx, fault.Crash(drill.DC2.Name()))
		})

		It("starts both again: both UP within D0 + I, both replicate", func(ctx SpecContext) { drill.BothReturn(ctx, 0) })
		It("has its state again, or has lost all of it as toolkit 1.x does (Q22)", drill.LosesBothReplicas)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// StaggeredStart starts the two data centers one after the other, dc2 first where reverse is set: both are UP within D0 + I of the
// later start, and nobody is declared DOWN before it was ever UP (S02).
func StaggeredStart(given func() scenario.Given, stagger func(*scenario.Drill) time.Duration, what string, reverse bool, labels ...string) bool {
	first := "dc1"
	if reverse {
		first = "dc2"
	}
	text := fmt.Sprintf("The data centers start one after the other: %s first, the other %s later", first, what)
	return Describe(text, Ordered, Label("S02", "lifecycle", "active-active", "Q22"), Label(labels...), func() {
		drill := scenario.New(given, scenario.MayGoUnnoticed)

		It("serves events in both data centers", drill.IsSteady)

		It("has neither data center", func(ctx SpecContext) {
			one, other := drill.DC1, drill.DC2
			if reverse {
				one, other = other, one
			}
			drill.Inject(ctx, fault.Crash(one.Name()))
			drill.Beside(ctx, fault.Crash(other.Name()))
		})

		It("starts one after the other: both UP within D0 + I of the later start", func(ctx SpecContext) { drill.BothReturn(ctx, stagger(drill)) })
		It("has its state again, or has lost all of it as toolkit 1.x does (Q22)", drill.LosesBothReplicas)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// SecondFailure kills a data center, lets the survivor take over, and kills that too before the first is back: nobody held a replica
// of it, so that all it had is lost, and no report may claim a recovery of that (S54).
func SecondFailure(given func() scenario.Given) bool {
	return Describe("The survivor crashes before the lost data center is back", Ordered, Label("S54", "lifecycle", "outage", "active-active", "slow"), func() {
		drill := scenario.New(given)

		It("serves events in both data centers", drill.IsSteady)

		It("is declared DOWN by the survivor within the RTO", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Crash(drill.DC1.Name()))
			drill.DC2.DeclaresDown(ctx)
		})

		It("hands its replicated state to the survivor, each fragment once", drill.TakesOverEveryReplica)
		It("is served by the survivor within the RTO", drill.ServesTheLostSide)
		It("loses the survivor too, a snapshot period later", func(ctx SpecContext) {
			drill.WatchSnapshotPeriods(ctx, 1)
			drill.Beside(ctx, fault.Crash(drill.DC2.Name()))
		})

		It("starts both again: both UP within D0 + I, both replicate", func(ctx SpecContext) { drill.BothReturn(ctx, 0) })
		It("has lost what one side alone had held, and says for how long it was exposed", drill.LosesWhatOneSideHeld)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
