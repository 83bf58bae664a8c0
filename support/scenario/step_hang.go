package scenario

import (
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/watch/board"
)

// ResumesWithoutRestart lets the side that hung go on and expects both data centers to hold each other UP again within
// I + R (S37), no process to have been replaced, and the side that hung to have noticed nothing: its ticks do not catch up.
func (d *Drill) ResumesWithoutRestart(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	hung := survivor.peer
	d.returning = time.Now()
	d.Heal(ctx)
	d.upWithin(ctx, "I + R", d.Timing.Interval+d.settings.Toolkit.ReadTimeout, d.healed().Earliest, survivor)
	before, err := d.env.Client.Status(ctx)
	if err != nil {
		ended.Inconclusive("both data centers must be observable once %s goes on: %v", hung.Name(), err)
	}
	d.returnsToNormal(ctx, before)
	for _, s := range d.board.Since(hung.Name(), d.t0) {
		Expect(s.Event).NotTo(Equal(board.PeerDown), "%s was stopped and has nothing to declare: says %s (%s)", hung.Name(), s.Indicator, s.Evidence)
	}
	for _, side := range d.sides() {
		side.KeepsRunning(ctx)
	}
}

// ReportsSplitBrain closes the ledger, expects no loss, because both states survive, and reports events that both data
// centers processed as the hazard that they are (Q2): nothing fences the side that hung.
func (d *Drill) ReportsSplitBrain(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	account := d.settle(ctx)
	explained(account)
	Expect(account.Loss.LatestEvents).To(BeZero(), "no acknowledged event may be lost; lost are %d to %d (%s)",
		account.Loss.EarliestEvents, account.Loss.LatestEvents, account.Loss.Why)
	Expect(account.Ledger.Corrupted).To(BeZero(), "results must carry what was sent")
	Expect(account.Ledger.Duplicated-account.SplitBrain).To(BeZero(), "no data center may process an event twice")
	if late := account.Ledger.Reordered; late > 0 {
		// Requests that their sender gave up wait in the kernel of the side that hangs, and are served late and in any order.
		progress("    %d events of abandoned requests were processed late, after newer ones", late)
	}
	if account.SplitBrain == 0 {
		progress("    no event was processed by both data centers")
		return
	}
	d.hazard("Q2", fmt.Sprintf("%d events were processed by both data centers", account.SplitBrain))
}
