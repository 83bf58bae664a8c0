package configuration

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// SlowSender gives dc1 a heartbeat interval of more than dc2 has patience for: dc2 declares it DOWN before each of its heartbeats, and
// UP with it, for as long as they run (C4, S41).
func SlowSender(given func() scenario.Given) bool {
	return Describe("One side beats more slowly than the other has patience", Ordered, Label("S41", "configuration", "active-active", "slow"), func() {
		drill := scenario.New(given, scenario.MayGoUnnoticed)

		It("is named before anything runs on it (C4)", func(ctx SpecContext) { drill.NamesTheTrap(ctx, crossdc.C4) })
		It("serves events in both data centers, which have heard each other", func(ctx SpecContext) { drill.HasContact(ctx) })
		It("is declared DOWN and UP once for each of its heartbeats", func(ctx SpecContext) { drill.DC2.FlapsAsPredicted(ctx, 4) })
		It("loses nothing", drill.LosesNothing)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// SlowerSender gives dc1 twice the heartbeat interval of dc2, which dc2 has the patience for: nothing is declared DOWN (C4, S41).
func SlowerSender(given func() scenario.Given) bool {
	return Describe("One side beats half as often as the other", Ordered, Label("S41", "configuration", "active-active", "slow"), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("is named before anything runs on it (C4)", func(ctx SpecContext) { drill.NamesTheTrap(ctx, crossdc.C4) })
		It("serves events in both data centers", drill.IsSteady)

		It("is noticed by nobody for longer than detection takes", func(ctx SpecContext) {
			drill.StaysCalm(ctx, 2*drill.DetectionIntervals()+2)
		})

		It("loses nothing", drill.LosesNothing)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// DifferentPorts gives the two sides different heartbeat ports P: neither ever hears the other, so that neither is ever declared UP or
// DOWN, while both serve as if nothing were (C3, Q7, S42).
func DifferentPorts(given func() scenario.Given) bool {
	return Describe("The two sides have different ports", Ordered, Label("S42", "configuration", "active-active", "fast", "Q7"), func() {
		drill := scenario.New(given, scenario.MayGoUnnoticed)

		It("is named before anything runs on it (C3)", func(ctx SpecContext) { drill.NamesTheTrap(ctx, crossdc.C3) })
		It("never meets: no UP, hence no DOWN, as toolkit 1.x has it (Q7)", func(ctx SpecContext) { drill.NeverMeets(ctx, 12) })
		It("loses nothing", drill.LosesNothing)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// OwnPeer gives dc1 its own address for that of its peer: it holds itself UP on its own heartbeats, for ever, whatever becomes of dc2,
// which never hears from it. The toolkit never checks who sends (C2, Q6, S43).
func OwnPeer(given func() scenario.Given) bool {
	return Describe("One side is its own peer", Ordered, Label("S43", "configuration", "active-active", "slow", "Q6"), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("is named before anything runs on it (C2)", func(ctx SpecContext) { drill.NamesTheTrap(ctx, crossdc.C2) })
		It("holds its peer UP on its own heartbeats, and the other side hears nobody, as toolkit 1.x has it (Q6)", func(ctx SpecContext) { drill.DC1.HearsItself(ctx, 12) })

		It("is noticed by nobody for longer than detection takes, although the other side cannot reach it", func(ctx SpecContext) {
			drill.Inject(ctx, fault.OneWay(drill.DC2.Name(), fault.Refuse))
			drill.Watch(ctx, drill.DetectionIntervals()+2)
			drill.NothingChanges(ctx)
			drill.Heal(ctx)
		})

		It("loses nothing", drill.LosesNothing)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}

// FileWithoutEffect names a configuration file that is not there, or whose lines are none by the toolkit's grammar: each key falls back
// to the application configuration, without a word, and the pair runs on that (S44).
func FileWithoutEffect(given func() scenario.Given, what string, labels ...string) bool {
	text := fmt.Sprintf("The configuration file has no effect: %s", what)
	return Describe(text, Ordered, Label("S44", "configuration", "active-active"), Label(labels...), func() {
		drill := scenario.New(given, scenario.Unnoticed)

		It("serves events in both data centers", drill.IsSteady)
		It("changes no status, heartbeats and replicates as the application configuration says", drill.KeepsItsRhythm, scenario.LastsHeartbeats())
		It("loses nothing", drill.LosesNothing)
		It("meets its objectives", drill.MeetsItsObjectives)
	})
}
