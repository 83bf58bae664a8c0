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

// What TCP waits before it sends a lost packet again, at first; toolkit time (toolkit contract 6.2).
const (
	handshakeAgain  = time.Second
	retransmitAgain = 200 * time.Millisecond
)

// Loss is a loss of packets with TCP's own patience, which runs as fast as the data centers do.
func (d *Drill) Loss(share float64) fault.Loss {
	return fault.Loss{Share: share, Handshake: d.wall(handshakeAgain), Retransmit: d.wall(retransmitAgain)}
}

// ninetyFive is the rule of three: after n trials without an event, its chance is below 3/n with 95 % confidence.
const ninetyFive = 3

// KeepsBeating watches for n heartbeat intervals and expects a heartbeat of each side to arrive in every one of them, within a tenth
// of all, and no two further apart than N*I. What it says of the chance of a false DOWN comes with how much it rests on.
func (d *Drill) KeepsBeating(ctx context.Context, intervals float64) {
	ginkgo.GinkgoHelper()
	stretch := time.Duration(intervals * float64(d.Timing.Interval))
	d.await(ctx, fmt.Sprintf("%.0f heartbeat intervals have passed", intervals), d.wall(stretch))
	since := time.Now()
	beats := d.beats(ctx, stretch)
	for _, side := range d.sides() {
		seen := beats[side.Name()]
		ended.Doubt().Expect(len(seen)).To(BeNumerically(">", int(intervals)), "%s was looked at only %d times in %.0f intervals", side.Name(), len(seen), intervals)
		arrived := seen[len(seen)-1].heartbeats - seen[0].heartbeats
		least, most := longestGap(seen)
		text := fmt.Sprintf("%s received %d heartbeats in %.0f intervals, the longest pause was %s to %s (N*I = %s); without a DOWN, one a heartbeat has a chance below %.2g with 95 %% confidence",
			side.Name(), arrived, intervals, inSeconds(d.toolkit(least)), inSeconds(d.toolkit(most)), inSeconds(d.Timing.SafeGap()), ninetyFive/max(1, float64(arrived)))
		progress("    %s", text)
		claim := d.claims(ctx, sight{since: since})
		claim.Expect(float64(arrived)).To(BeNumerically("~", intervals, max(3, intervals/10)), "%s", text)
		claim.Expect(d.toolkit(least)).To(BeNumerically("<=", d.Timing.SafeGap()), "%s", text)
		d.observe(model.Observation{
			Site: side.Name(), Indicator: string(toolkit.OperatorMetrics), Event: "heartbeats under loss", When: d.interval(since, time.Now()), Evidence: text,
		})
	}
	d.store()
}
