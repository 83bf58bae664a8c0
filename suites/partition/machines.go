package partition

import (
	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

// ReceiverMoves takes away the machine on which one side reaches its peer while another one of its list is alive: a sender forgets the machine
// that took its messages, tries the whole list again, and finds the other within (M+1)*(C+R). The pause between two heartbeats stays
// below N*I, and nothing may fail over (S47).
//
// machines is the length of the list.
func ReceiverMoves(given func() scenario.Given, machines int, mode fault.Mode, what string, labels ...string) bool {
	return Describe("A receiver moves to another listed host: "+what, Ordered, Label("S47", "partition", "active-active"), Label(labels...), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("serves events in both data centers", drill.IsSteady)
		It("loses the host on which its peer was reached", func(ctx SpecContext) { drill.Inject(ctx, fault.OneWay(drill.DC1.Name(), mode)) })
		It("goes on to be heard, with no pause longer than N*I", func(ctx SpecContext) { drill.KeepsBeating(ctx, 10) })
		It("sends heartbeats and snapshots to the other host", func(ctx SpecContext) { drill.DC1.MovesToTheOtherHost(ctx, machines) })
		It("is noticed by nobody", func(ctx SpecContext) { drill.NothingChanges(ctx) })
		It("loses nothing", drill.LosesNothing)
		It("replicates in both directions, also when the first host is back", drill.ComesHome)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
