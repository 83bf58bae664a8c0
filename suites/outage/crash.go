// Package outage holds the scenarios in which a data center, or its application, goes away for good.
//
// Every scenario is an exported function of a Given, so that a team can run it on its own application from its own
// repository. It may import support and toolkit.
package outage

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// DataCenterCrash kills every process of one data center and expects the survivor to notice and to take over (S03).
func DataCenterCrash(given func() scenario.Given) bool {
	return Describe("A data center crashes", Ordered, Label("S03", "outage", "active-active", "fast"), func() {
		drill := scenario.New(given, scenario.JudgedFrom(application.Indicated))

		It("serves events in both data centers", drill.IsSteady)

		It("is declared DOWN by the survivor within the RTO", drill.DeclaresDownAfter(fault.Crash, drill.DC1))

		It("is missed for exactly as many heartbeats as configured", drill.CountsItsMisses)
		It("hands its replicated state to the survivor, each fragment once", drill.TakesOverEveryReplica)
		It("is served by the survivor within the RTO", drill.ServesTheLostSide)
		It("stays served while the fault lasts", drill.StaysServed)
		It("loses no more than the RPO allows", drill.LosesNoMoreThanRPO)
		It("leaves the survivor unharmed", drill.SurvivorIsUnharmed)
		It("comes home", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
