// Package endings_test is a suite of scenarios that end badly. It lies below testdata, so that ./... never reaches it.
package endings_test

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

func TestEndings(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "endings")
}

var suite = scenario.NewSuite("endings")

var _ = Describe("A drill that goes on for long", Ordered, Label("long"), func() {
	drill := scenario.New(suite.Given, scenario.Unnoticed)
	It("serves events in both data centers", drill.IsSteady)
	It("goes on", func(ctx SpecContext) {
		drill.Inject(ctx, fault.NoOp())
		drill.Watch(ctx, 1000)
	})
})

var _ = Describe("A drill that panics", Ordered, Label("panics"), func() {
	drill := scenario.New(suite.Given, scenario.Unnoticed)
	It("serves events in both data centers", drill.IsSteady)
	It("panics", func(ctx SpecContext) {
		drill.Inject(ctx, fault.NoOp())
		panic("on purpose")
	})
	It("comes no further", func() {})
})

var _ = Describe("A drill that takes too long", Ordered, Label("overruns"), func() {
	drill := scenario.New(suite.Given, scenario.Unnoticed)
	It("serves events in both data centers", drill.IsSteady)
	It("takes too long", func(ctx SpecContext) {
		drill.Inject(ctx, fault.NoOp())
		drill.Watch(ctx, 1000)
	}, SpecTimeout(2*time.Second))
	It("comes no further", func() {})
})

var _ = Describe("A drill that cannot be cleaned up", Ordered, Label("litters"), func() {
	drill := scenario.New(suite.Given, scenario.Unnoticed)
	It("serves events in both data centers", drill.IsSteady)
	It("leaves a broken link behind", func(ctx SpecContext) {
		drill.Inject(ctx, fault.NoOp())
		env, err := suite.Given().Environment(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(env.Link().Apply(context.WithoutCancel(ctx), fault.LinkRule{
			Direction: "dc1->dc2", Ports: fault.SnapshotPorts, Mode: fault.Delay, Delay: time.Millisecond, Lifetime: time.Minute,
		})).To(Succeed())
		drill.Watch(ctx, 1) // the load during the fault needs a stretch that can be measured
	})
	It("loses nothing", drill.LosesNothing)
	It("meets its objectives", drill.MeetsItsObjectives)
})

var _ = Describe("A drill that cannot look at what it claims", Ordered, Label("unchecked"), func() {
	drill := scenario.New(suite.Given, scenario.Unnoticed)
	It("serves events in both data centers", drill.IsSteady)
	It("has nothing to count", func(ctx SpecContext) {
		drill.Inject(ctx, fault.NoOp())
		drill.CountsItsMisses(ctx) // no DOWN, so the traces do not show what would have to be counted
	})
	It("goes on", drill.LosesNothing)
	It("meets its objectives", drill.MeetsItsObjectives)
})

var _ = Describe("A drill whose observer stands still", Ordered, Label("stands"), func() {
	drill := scenario.New(suite.Given)
	It("serves events in both data centers", drill.IsSteady)
	It("is declared DOWN by the survivor within the RTO", func(ctx SpecContext) {
		drill.Inject(ctx, fault.Crash(drill.DC1.Name()))
		drill.DC2.DeclaresDown(ctx)
	})
	It("is served by the survivor within the RTO", drill.ServesTheLostSide)
	It("loses no more than the RPO allows", drill.LosesNoMoreThanRPO)
	It("comes home", drill.ComesHome)
	It("meets its objectives", drill.MeetsItsObjectives)
})

var _ = Describe("A drill whose fault cannot be injected", Ordered, Label("impossible"), func() {
	drill := scenario.New(suite.Given)
	It("serves events in both data centers", drill.IsSteady)
	It("is declared DOWN by the survivor within the RTO", func(ctx SpecContext) {
		drill.Inject(ctx, fault.KillPE(drill.DC1.Name(), 99))
		drill.DC2.DeclaresDown(ctx)
	})
	It("meets its objectives", drill.MeetsItsObjectives)
})

// uneventful registers a drill in which nothing happens.
func uneventful(text, label string, steps ...func(*scenario.Drill)) bool {
	return Describe(text, Ordered, Label(label), func() {
		drill := scenario.New(suite.Given, scenario.Unnoticed)
		It("serves events in both data centers", drill.IsSteady)
		It("changes nothing", func(ctx SpecContext) {
			drill.Inject(ctx, fault.NoOp())
			drill.Watch(ctx, 1)
		})
		It("loses nothing", drill.LosesNothing)
		for _, step := range steps {
			step(drill)
		}
	})
}

func judged(drill *scenario.Drill) { It("meets its objectives", drill.MeetsItsObjectives) }

var _ = uneventful("A drill in which nothing happens", "uneventful", judged)

var _ = uneventful("A drill that leaves something running", "leaks", func(*scenario.Drill) {
	It("starts what never ends", func() { go func() { select {} }() })
}, judged)

var _ = uneventful("A drill without its last step", "forgotten")

var _ = Describe("A drill without its last step, and with a doubt", Ordered, Label("doubtful"), func() {
	drill := scenario.New(suite.Given, scenario.Unnoticed)
	It("serves events in both data centers", drill.IsSteady)
	It("has nothing to count", func(ctx SpecContext) {
		drill.Inject(ctx, fault.NoOp())
		drill.CountsItsMisses(ctx)
	})
	It("loses nothing", drill.LosesNothing)
})

var _ = Describe("Everything that a team needs", func() {
	uneventful("A drill that is registered twice", "twins", judged)
	uneventful("A drill that is registered twice", "twins", judged)
	uneventful("Another drill in the same container", "twins", judged)
})

var _ = suite.Repeat(func(given func() scenario.Given) bool {
	return Describe("A drill that is repeated", Ordered, Label("repeated"), func() {
		drill := scenario.New(given)
		It("serves events in both data centers", drill.IsSteady)
		It("is declared DOWN by the survivor within the RTO", func(ctx SpecContext) {
			drill.Inject(ctx, fault.Crash(drill.DC1.Name()))
			Eventually(ctx, drill.DC2.RemoteStatus).WithTimeout(drill.RTO).WithPolling(scenario.Often).Should(scenario.BeDown())
		})
		It("hands its replicated state to the survivor, each fragment once", drill.TakesOverEveryReplica)
		It("is served by the survivor within the RTO", drill.ServesTheLostSide)
		It("loses no more than the RPO allows", drill.LosesNoMoreThanRPO)
		It("comes home", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
})
