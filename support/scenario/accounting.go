package scenario

import (
	"fmt"

	"github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/application"
)

// JudgedFrom says that the main claim of the scenario can be judged of an application from this level on. Steps leave out what a level does
// not carry, and say so. Without it a scenario asks for the application's state, and is skipped before anything is opened where
// that cannot be asked for: a scenario whose main claim cannot be judged must not end green.
func JudgedFrom(level application.Level) Option {
	return func(e *expectation) { e.lowest = level }
}

// fitsTheApplication skips the scenario where its main claim cannot be judged of the application as its file describes it.
func (d *Drill) fitsTheApplication() {
	ginkgo.GinkgoHelper()
	if why := lacksLevel(d.settings.Described(), d.lowest); why != "" {
		d.skip(why)
	}
}

// lacksLevel says why a scenario that is judged from a level on cannot be judged of an application; empty when it can.
func lacksLevel(described *application.Description, lowest application.Level) string {
	level := described.Level()
	if level >= lowest {
		return ""
	}
	return fmt.Sprintf("the scenario is judged from %s on; %s, as %s describes it, allows %s: %s", lowest, described.Name, described.File(), level, described.Raise())
}

// accounts says in the stored scenario how exactly the application can be accounted for. Of the drill application it is said only
// where its file was asked for by name.
func (d *Drill) accounts() {
	described := d.settings.Described()
	if d.settings.Application.File == "" {
		return
	}
	d.scenario.Accounting = &model.Accounting{
		Application: described.Name, Level: int(described.Level()), Text: described.Level().String(), LeftOut: described.LeftOut(), Raise: described.Raise(),
	}
}

// judges reports whether a claim can be held against the application as it is described. Where it cannot, the scenario says once what was left
// out: it is neither a failure nor a doubt, because nobody claims it at this level.
func (d *Drill) judges(claim application.Claim) bool {
	described := d.settings.Described()
	if described.Carries(claim) {
		return true
	}
	d.leavesOut(described.NotSaid(claim))
	return false
}

// leavesOut puts into every report what a step did not judge.
func (d *Drill) leavesOut(sentence string) {
	a := d.scenario.Accounting
	if a == nil {
		a = &model.Accounting{Application: d.settings.Described().Name, Level: int(d.settings.Described().Level()), Text: d.settings.Described().Level().String()}
		d.scenario.Accounting = a
	}
	before := len(a.LeftOut)
	if a.LeftOut = appendNew(a.LeftOut, sentence); len(a.LeftOut) > before {
		progress("    %s", sentence)
	}
}

// together is the share of both streams that is served when one of them is served by the given share and the other one whole. Results that
// carry no numbers belong to either stream: then this is what can be asked for.
func (d *Drill) together(share float64) float64 {
	if d.settings.Described().Level() == application.Counted {
		return (1 + share) / 2
	}
	return share
}

// acceptedTogether is the rate at which events of a side's stream were accepted, or where results cannot be told apart, half of that of both.
func (d *Drill) acceptedTogether(of *Side, from, to model.Instant) float64 {
	accepted := d.ledger.AcceptedLevel(of.Name(), from, to)
	if d.settings.Described().Level() == application.Counted {
		return (accepted + d.ledger.AcceptedLevel(of.peer.Name(), from, to)) / 2
	}
	return accepted
}
