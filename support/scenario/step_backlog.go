package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/toolkit"
)

// backlogOver is for how many heartbeat intervals the queue in front of the heartbeat sender is watched.
const backlogOver = 12

// service is what one heartbeat takes at a round trip: twice that, because it opens a connection of its own, unless the sender comes
// from one heartbeat to the next without a pause, so that its connection is still there (toolkit contract 4.5, 6.3).
func (d *Drill) service(roundTrip time.Duration) time.Duration {
	if own := d.Timing.ServiceTime(roundTrip, 0); own <= d.Timing.Interval {
		return own
	}
	return roundTrip
}

// QueuesAsPredicted expects heartbeats to wait for their sender as the round trip predicts, in multiples of I: none where the sender is
// done with one before the next comes, else one more every 1/(1/I - 1/X), X being what one takes (toolkit contract 6.3, S20).
func (d *Drill) QueuesAsPredicted(ctx context.Context, roundTrip float64) {
	ginkgo.GinkgoHelper()
	service := d.service(time.Duration(roundTrip * float64(d.Timing.Interval)))
	stretch := backlogOver * d.Timing.Interval
	growth := d.Timing.Backlog(service).Growth * stretch.Seconds()
	d.await(ctx, fmt.Sprintf("%d heartbeat intervals have passed", backlogOver), d.wall(stretch))
	since := time.Now()
	beats := d.beats(ctx, stretch)
	for _, side := range d.sides() {
		seen := beats[side.Name()]
		ended.Doubt().Expect(len(seen)).To(BeNumerically(">", backlogOver), "the queue of %s was looked at %d times only", side.Name(), len(seen))
		first, last := seen[0].backlog, seen[len(seen)-1].backlog
		text := fmt.Sprintf("heartbeats waiting at %s: %d, and %d after %d I; with %s for each the contract predicts %.1f more", side.Name(), first, last,
			backlogOver, inSeconds(service), growth)
		progress("    %s", text)
		claim := d.claims(ctx, sight{since: since})
		if growth == 0 && 2*service <= d.Timing.Interval {
			claim.Expect(last).To(BeNumerically("<=", 1), text)
			claim.Expect(first).To(BeNumerically("<=", 1), text)
		} else {
			claim.Expect(float64(last-first)).To(BeNumerically("~", growth, 2+growth/5), text)
		}
		d.observe(model.Observation{
			Site: side.Name(), Indicator: string(toolkit.OperatorMetrics), Event: "heartbeats waiting", When: d.interval(since, time.Now()), Evidence: text,
		})
	}
	d.store()
}
