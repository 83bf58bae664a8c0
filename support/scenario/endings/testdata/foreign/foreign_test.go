// Package foreign_test is a team's own suite, in a module of its own: a scenario of ours, and one that is theirs, with a step of theirs.
// It lies below testdata, so that ./... never reaches it; the test copies it into another module.
package foreign_test

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/suites/outage"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
	"github.com/crossdc/failover/support/timeline"
)

func TestForeign(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "foreign")
}

var suite = scenario.NewSuite("foreign")

var _ = outage.DataCenterCrash(suite.Given)

// saysSoOnTheWay is a step of a team's own: it reads what the session has seen and counted, judges by itself, and reports.
func saysSoOnTheWay(drill *scenario.Drill) func(SpecContext) {
	return func(ctx SpecContext) {
		session, fault := drill.Session(), drill.Injection().Fault()
		survivor := drill.DC2.Name()
		var said []string
		for _, sighting := range session.Board.Since(survivor, drill.Injection().T0.Earliest) {
			if sighting.Event == timeline.PeerDown {
				said = append(said, sighting.Indicator)
			}
		}
		Expect(said).NotTo(BeEmpty(), "%s must be seen to declare DOWN after %s", survivor, fault)
		Eventually(ctx, func() bool {
			_, served := session.Ledger.FirstServed(fault.Struck, survivor, drill.Injection().T0.Earliest)
			return served
		}).WithTimeout(drill.RTO).WithPolling(20*time.Millisecond).Should(BeTrue(), "%s must serve the events of %s", survivor, fault.Struck)
		now := session.Instant(time.Now())
		drill.Observe(model.Observation{Site: survivor, Indicator: "our own", Event: "checkout reachable", When: model.Interval{Earliest: now, Latest: now}})
	}
}

var _ = Describe("Our checkout survives", Ordered, Label("ours"), func() {
	drill := scenario.New(suite.Given)
	It("serves events in both data centers", drill.IsSteady)
	It("is declared DOWN by the survivor within the RTO", drill.DeclaresDownAfter(fault.CancelJob, drill.DC1))
	It("says so on the way, as only we know", saysSoOnTheWay(drill))
	It("is served by the survivor within the RTO", drill.ServesTheLostSide)
	It("loses no more than the RPO allows", drill.LosesNoMoreThanRPO)
	It("comes home", drill.ComesHome)
	It("holds its peer UP again", func(ctx SpecContext) {
		Eventually(ctx, drill.DC2.RemoteStatus).WithTimeout(drill.RTO).WithPolling(scenario.Often).Should(scenario.BeUp())
	})
	It("meets its objectives", drill.MeetsItsObjectives)
})
