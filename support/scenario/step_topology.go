package scenario

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/toolkit"
)

// TellsWhatFoundNoPlace expects the survivor's toolkit to deliver every fragment of the lost side, each once, while its application has only
// so many of them: those that it has must be merged, and the others are named, because nobody else does. The toolkit deletes their
// replicas all the same (Q28, S49).
func (d *Drill) TellsWhatFoundNoPlace(ctx context.Context, fragments int) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	limit := d.wall(takeoverAllowance * d.Timing.Interval)
	d.await(ctx, fmt.Sprintf("%s was offered %d fragments, of which it has %d", survivor.Name(), d.env.Fragments, fragments), limit)
	byName, byCount := survivor.showsTakeovers("what " + survivor.Name() + " took over")
	if !byName || !byCount {
		ended.Inconclusive("what found no place is known only where the application tells what it took over, and the toolkit how much it delivered")
	}
	by := []toolkit.Indicator{toolkit.TakeoverStream, toolkit.OperatorMetrics}
	d.claims(ctx, sight{since: d.t0, shows: toolkit.FragmentTakenOver, sites: []*Side{survivor}, by: by}).Eventually(ctx, survivor.Takeover).WithTimeout(limit).WithPolling(time.Millisecond).
		Should(Satisfy(func(t Takeover) bool { return len(t.Fragments) >= fragments && t.Counted >= d.env.Fragments }),
			"expected the toolkit to deliver %d fragments, and the application to take %d", d.env.Fragments, fragments)
	survivor.tookOverOnce()
	taken, lacking := survivor.Takeover(), []string{}
	for channel := range d.env.Fragments {
		name := fmt.Sprintf("%s-%d", survivor.peer.Name(), channel)
		_, accepted := taken.Fragments[name]
		Expect(accepted || channel >= fragments).To(BeTrue(), "%s has fragment %d and did not take %s over; %v", survivor.Name(), channel, name, taken)
		if !accepted {
			lacking = append(lacking, name)
		}
	}
	d.knowsWhatWasMerged(ctx, survivor, fragments)
	if len(lacking) == 0 {
		progress("    every fragment found a place")
		return
	}
	slices.Sort(lacking)
	d.hazard("Q28", fmt.Sprintf("%d fragments of %s were offered and %d taken over; found no place and are gone, replica and all: %s", d.env.Fragments,
		survivor.peer.Name(), len(taken.Fragments), strings.Join(lacking, ", ")))
}

// knowsWhatWasMerged gives the ledger what so many fragments of a side were handed.
func (d *Drill) knowsWhatWasMerged(ctx context.Context, side *Side, fragments int) {
	ginkgo.GinkgoHelper()
	got, err := side.handed(ctx, fragments)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "what %s was handed is known from its traces only", side.Name())
	own := slices.DeleteFunc(d.ours(got.entries), func(e traffic.Entry) bool { return e.DC != side.peer.Name() })
	Expect(own).To(HaveLen(fragments), "each fragment that found a place must have been handed what %s had processed for it", side.peer.Name())
	Expect(d.ledger.Given(side.Name(), own)).To(Succeed())
}

// LosesWhatFoundNoPlace closes the ledger after a takeover in which only so many fragments found a place: lost may be the others, as a whole,
// and of those no more than the RPO allows; and nothing of the survivor's own (Q28, S49).
func (d *Drill) LosesWhatFoundNoPlace(ctx context.Context, fragments int) {
	ginkgo.GinkgoHelper()
	d.losesFragments(ctx, d.env.Fragments-fragments, "found no place")
}

// losesFragments closes the ledger after a takeover that left so many fragments out, and says why: they may be lost as a whole, and of the
// others no more than the RPO allows; and nothing of the survivor's own.
func (d *Drill) losesFragments(ctx context.Context, left int, why string) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	account := d.settle(ctx)
	explained(account)
	d.assertLedger(account)
	Expect(account.LostOf[survivor.Name()]).To(BeZero(), "%s must keep every event of its own", survivor.Name())
	share := float64(left) / float64(d.env.Fragments)
	objectives := d.settings.Objectives()
	allowed := d.settings.Rate / 2 * d.wall(objectives.RPO+d.Timing.Interval).Seconds() * (1 - share)
	text := fmt.Sprintf("%d to %d events are lost of %d that %s had acknowledged: %d of %d fragments %s, and of the others the RPO allows %.0f events",
		account.Loss.EarliestEvents, account.Loss.LatestEvents, account.Loss.Of, survivor.peer.Name(), left, d.env.Fragments, why, allowed)
	progress("    %s", text)
	Expect(float64(account.Loss.EarliestEvents)).To(BeNumerically("<=", share*float64(account.Loss.Of)+allowed+float64(d.env.Fragments)), text)
	d.observe(model.Observation{Indicator: "traffic", Event: fmt.Sprintf("%d fragments %s", left, why), When: d.interval(d.t0, time.Now()), Evidence: text})
	d.store()
}
