package replication

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// CrashOverDatabase kills one data center while its peer keeps replicas in a database that is well: every fragment is a row, is handed
// over once, and is gone (S35, the form without trouble; S03).
func CrashOverDatabase(given func() scenario.Given) bool {
	return Describe("A data center crashes whose survivor keeps replicas in a database", Ordered,
		Label("S35", "database-well", "replication", "outage", "active-active", "slow"), func() {
			drill := scenario.New(given)

			It("serves events in both data centers", drill.IsSteady)
			It("keeps a row for every fragment", func(ctx SpecContext) { drill.DC2.KeepsReplicasInItsDatabase(ctx) })

			It("is declared DOWN by the survivor within the RTO", func(ctx SpecContext) {
				drill.Inject(ctx, fault.Crash(drill.DC1.Name()))
				drill.DC2.DeclaresDown(ctx)
			})

			It("hands its replicated state to the survivor, each fragment once", drill.TakesOverEveryReplica)
			It("is served by the survivor within the RTO", drill.ServesTheLostSide)
			It("stays served while the fault lasts", drill.StaysServed)
			It("loses no more than the RPO allows", drill.LosesNoMoreThanRPO)
			It("comes home", drill.ComesHome)
			It("meets its objectives", drill.MeetsItsObjectives)
		})
}

// DatabaseDown kills the database in which one side keeps replicas: none can be stored, each failure is traced, and nothing else may
// come of it: no status changes, heartbeats are on time. Once it is back, every fragment is stored again (S35).
func DatabaseDown(given func() scenario.Given) bool {
	return Describe("The database of a data center's replicas is down", Ordered, Label("S35", "database-down", "replication", "active-active", "slow"), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("serves events in both data centers", drill.IsSteady)
		It("loses the database of one side", func(ctx SpecContext) { drill.Inject(ctx, fault.StopDatabase(drill.DC2.Name())) })
		It("stores no replica, and traces each as an error", func(ctx SpecContext) { drill.DC2.StoresNothing(ctx) })
		It("goes on to hear every heartbeat", func(ctx SpecContext) { drill.KeepsBeating(ctx, 8) })
		It("is noticed by nobody else", func(ctx SpecContext) { drill.NothingChanges(ctx) })
		It("stores every fragment again once its database is back", func(ctx SpecContext) { drill.DC2.StoresAgain(ctx) })
		It("loses nothing", drill.LosesNothing)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// DatabaseSlow has the database keep every statement waiting: replicas are received and wait, nothing has failed, and nothing else may
// come of it. Once it answers, every fragment is stored (S35).
func DatabaseSlow(given func() scenario.Given) bool {
	return Describe("The database of a data center's replicas keeps every statement waiting", Ordered, Label("S35", "database-slow", "replication", "active-active", "slow"), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("serves events in both data centers", drill.IsSteady)
		It("waits for the database of one side", func(ctx SpecContext) { drill.Inject(ctx, fault.HoldDatabase(drill.DC2.Name())) })
		It("receives replicas that wait, and calls none of them stored or failed", func(ctx SpecContext) { drill.DC2.KeepsWaiting(ctx) })
		It("goes on to hear every heartbeat", func(ctx SpecContext) { drill.KeepsBeating(ctx, 8) })
		It("is noticed by nobody else", func(ctx SpecContext) { drill.NothingChanges(ctx) })
		It("stores every fragment once its database answers", func(ctx SpecContext) { drill.DC2.StoresAgain(ctx) })
		It("loses nothing", drill.LosesNothing)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// DatabaseDownAtTakeover kills one data center and then the database of the other, before that declares DOWN: detection does not need it,
// the takeover does. Toolkit 1.x forgets what it could not read, so that the rows stay and their contents are lost (Q34, S35).
func DatabaseDownAtTakeover(given func() scenario.Given) bool {
	return Describe("A data center crashes while the database of its survivor is down", Ordered,
		Label("S35", "database-down-at-takeover", "replication", "outage", "active-active", "slow", "Q34"), func() {
			drill := scenario.New(given)

			It("serves events in both data centers", drill.IsSteady)
			It("keeps a row for every fragment", func(ctx SpecContext) { drill.DC2.KeepsReplicasInItsDatabase(ctx) })

			It("is declared DOWN by the survivor within the RTO", func(ctx SpecContext) {
				drill.Inject(ctx, fault.Crash(drill.DC1.Name()))
				drill.Beside(ctx, fault.StopDatabase(drill.DC2.Name()))
				drill.DC2.DeclaresDown(ctx)
			})

			It("hands nothing over", func(ctx SpecContext) { drill.DC2.HandsNothingOver(ctx) })
			It("is served by the survivor within the RTO", drill.ServesTheLostSide)
			It("keeps every row, and hands them over or forgets them as toolkit 1.x does (Q34)", func(ctx SpecContext) { drill.DC2.KeepsItsRows(ctx) })
			It("stays served while the fault lasts", drill.StaysServed)
			It("loses nothing that is not in those rows", func(ctx SpecContext) { drill.DC2.LosesWhatItsDatabaseHeld(ctx) })
			It("comes home", drill.ComesHome)
			It("meets its objectives", drill.MeetsItsObjectives)
		})
}

// DatabaseSlowAtTakeover kills one data center and has the database of the other keep every statement waiting: DOWN is declared and the
// lost side is served on time, and the replicas are handed over when the database answers, each once (S35). The application adds them
// to what it has processed of the lost side meanwhile.
func DatabaseSlowAtTakeover(given func() scenario.Given) bool {
	return Describe("A data center crashes while the database of its survivor keeps every statement waiting", Ordered,
		Label("S35", "database-slow-at-takeover", "replication", "outage", "active-active", "slow", "Q34"), func() {
			drill := scenario.New(given)

			It("serves events in both data centers", drill.IsSteady)

			It("is declared DOWN by the survivor within the RTO", func(ctx SpecContext) {
				drill.Inject(ctx, fault.Crash(drill.DC1.Name()))
				drill.Beside(ctx, fault.HoldDatabase(drill.DC2.Name()))
				drill.DC2.DeclaresDown(ctx)
			})

			It("hands nothing over yet", func(ctx SpecContext) { drill.DC2.HandsNothingOver(ctx) })
			It("hands everything over once its database answers, each fragment once", func(ctx SpecContext) { drill.DC2.HandsOverOnceItAnswers(ctx) })
			It("is served by the survivor within the RTO", drill.ServesTheLostSide)
			It("stays served while the fault lasts", drill.StaysServed)
			It("loses no more than the RPO allows", drill.LosesNoMoreThanRPO)
			It("comes home", drill.ComesHome)
			It("meets its objectives", drill.MeetsItsObjectives)
		})
}
