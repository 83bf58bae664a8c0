package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/toolkit"
)

// applicationPE is the place of the application's PE among those of the job, behind the toolkit's.
const applicationPE = 1

// ResetsItsRegion restarts the PE that holds the survivor's fragments, which resets the consistent region that they are in: they go on from
// their last checkpoint, and their source sends again what came since. What they had taken over must be there, or is lost as toolkit 1.x
// has it (Q36), with the replica that it came from; of its own the survivor must have everything that it had (S51).
func (d *Drill) ResetsItsRegion(ctx context.Context, after time.Duration) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	d.claims(ctx, sight{since: d.t0, serves: true}).Eventually(ctx, func() bool {
		_, served := d.ledger.FirstServed(survivor.peer.Name(), survivor.Name(), d.t0)
		return served
	}).WithTimeout(d.wall(2*d.Timing.Interval)).WithPolling(time.Millisecond).Should(BeTrue(), "%s must serve events of %s before its region is reset; %s",
		survivor.Name(), survivor.peer.Name(), d.reroutes())
	d.watchFor(ctx, after)
	before, err := d.env.Client.FragmentStates(ctx, survivor.Name())
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "the state of %s must be known before the reset", survivor.Name())
	since := time.Now()
	d.Beside(ctx, fault.RestartPE(survivor.Name(), applicationPE))
	var states []toolkit.FragmentState
	limit := d.wall(d.Timing.InitDelay+2*d.Timing.Interval) + d.settings.CallTimeout
	d.await(ctx, "the fragments of "+survivor.Name()+" show their state again", limit)
	d.claims(ctx, sight{since: since}).Eventually(ctx, func(ctx context.Context) error {
		states, err = d.env.Client.FragmentStates(ctx, survivor.Name())
		return err
	}).WithTimeout(limit).WithPolling(d.unhurried()).Should(Succeed(), "the fragments of %s must go on after a reset of their region", survivor.Name())
	own, taken := heldLess(before, states, func(dc string) bool { name, ours := d.streams.Own(dc); return ours && name == survivor.Name() }),
		heldLess(before, states, func(dc string) bool { name, ours := d.streams.Own(dc); return ours && name == survivor.peer.Name() })
	text := fmt.Sprintf("after a reset of the consistent region %s holds %d of its own %d entries with less than before, and %d of %d that it had of %s", survivor.Name(),
		own.less, own.of, taken.less, taken.of, survivor.peer.Name())
	progress("    %s", text)
	Expect(own.less).To(BeZero(), "a region goes on from its checkpoint, and its source sends again what came since: %s", text)
	Expect(taken.of).To(BeNumerically("<=", d.env.Fragments), text)
	d.observe(model.Observation{Site: survivor.Name(), Indicator: "fragment states", Event: "region reset", When: d.interval(since, time.Now()), Evidence: text})
	if taken.less > 0 {
		d.ledger.Ungiven(survivor.Name())
		d.hazard("Q36", text)
	}
	d.store()
}

// held is how many entries there were, and how many of them know less than before.
type held struct{ less, of int }

// heldLess compares the entries of some streams before and after.
func heldLess(before, after []toolkit.FragmentState, of func(dc string) bool) held {
	var h held
	for _, was := range before {
		for _, entry := range was.Entries {
			if !of(entry.DC) {
				continue
			}
			h.of++
			if count, found := countIn(after, was.Channel, entry); !found || count < entry.Count {
				h.less++
			}
		}
	}
	return h
}

// countIn is the count of the same entry of the same fragment in states.
func countIn(states []toolkit.FragmentState, channel int32, like toolkit.FragmentEntry) (uint64, bool) {
	for _, state := range states {
		if state.Channel != channel {
			continue
		}
		for _, entry := range state.Entries {
			if entry.DC == like.DC && entry.Channel == like.Channel {
				return entry.Count, true
			}
		}
	}
	return 0, false
}

// SaysWhatTheResetCost closes the ledger after a reset of the survivor's region: lost may be all that was taken over, which is reported, and
// what the restarted PE had accepted and not seen yet; nothing may come back, and nothing be made up (S51).
func (d *Drill) SaysWhatTheResetCost(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	account := d.settle(ctx)
	Expect(account.Ledger.Corrupted).To(BeZero(), "results must carry what was sent")
	Expect(account.Ledger.Resurrected).To(BeZero(), "no event may come back after it was lost")
	inBuffers := d.settings.Rate * d.settings.CallTimeout.Seconds() / 10
	Expect(float64(account.LostOf[survivor.Name()])).To(BeNumerically("<=", inBuffers), "of its own %s may lose what its PE had accepted and not seen yet", survivor.Name())
	Expect(account.Loss.LatestEvents).To(BeNumerically("<=", float64(account.Loss.Of)+inBuffers), "no more can be lost than %s had acknowledged", survivor.peer.Name())
	text := fmt.Sprintf("%d to %d acknowledged events are lost of %d that %s had, and %d of %s", account.Loss.EarliestEvents, account.Loss.LatestEvents,
		account.Loss.Of, survivor.peer.Name(), account.LostOf[survivor.Name()], survivor.Name())
	progress("    %s", text)
	d.observe(model.Observation{Indicator: "traffic", Event: "cost of a region reset", When: d.interval(d.t0, time.Now()), Evidence: text})
	d.store()
}
