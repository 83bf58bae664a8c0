package outage

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// JobCancel cancels the application's job in one data center without an orderly shutdown of the toolkit, and expects the
// survivor to see what it sees after a crash (S08).
func JobCancel(given func() scenario.Given) bool {
	return Describe("A job is cancelled without an orderly shutdown", Ordered, Label("S08", "outage", "active-active", "fast"), func() {
		drill := scenario.New(given, scenario.JudgedFrom(application.Indicated))

		It("serves events in both data centers", drill.IsSteady)

		It("is declared DOWN by the survivor within the RTO", drill.DeclaresDownAfter(fault.CancelJob, drill.DC1))

		It("is missed for exactly as many heartbeats as configured", drill.CountsItsMisses)
		It("refuses connections at once instead of leaving its peer hanging", drill.RefusesConnections)
		It("hands its replicated state to the survivor, each fragment once", drill.TakesOverEveryReplica)
		It("sends no snapshot after it is gone", drill.SendsNoLateSnapshot)
		It("is served by the survivor within the RTO", drill.ServesTheLostSide)
		It("stays served while the fault lasts", drill.StaysServed)
		It("loses no more than the RPO allows", drill.LosesNoMoreThanRPO)
		It("leaves the survivor unharmed", drill.SurvivorIsUnharmed)
		It("comes home", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
