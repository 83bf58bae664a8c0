package outage

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// InstanceStop stops the Streams instance of one data center the friendly way, but without telling the toolkit, and
// expects the survivor to see what it sees after a crash (S07).
func InstanceStop(given func() scenario.Given) bool {
	return Describe("An instance is stopped without an orderly shutdown", Ordered, Label("S07", "outage", "active-active", "fast"), func() {
		drill := scenario.New(given, scenario.JudgedFrom(application.Indicated))

		It("serves events in both data centers", drill.IsSteady)

		It("is declared DOWN by the survivor within the RTO", drill.DeclaresDownAfter(fault.StopInstance, drill.DC1))

		It("announces no orderly shutdown", drill.AnnouncesNoShutdown) // before the takeover, which an announcement would empty
		It("hands its replicated state to the survivor, each fragment once", drill.TakesOverEveryReplica)
		It("is served by the survivor within the RTO", drill.ServesTheLostSide)
		It("stays served while the fault lasts", drill.StaysServed)
		It("loses no more than the RPO allows", drill.LosesNoMoreThanRPO)
		It("leaves the survivor unharmed", drill.SurvivorIsUnharmed)
		It("comes home", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
