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

// tickStretch is how much longer the period of ticks may be while large snapshots are made, sent and stored (toolkit contract 10, S45).
const tickStretch = 1.1

// CarriesSnapshotsOf watches for so many heartbeat intervals while snapshots of at least so many bytes go both ways, and expects each side to store
// one of its peer's, and heartbeats to come every I, within a tenth (S45).
func (d *Drill) CarriesSnapshotsOf(ctx context.Context, size int64, intervals float64) {
	ginkgo.GinkgoHelper()
	since := time.Now()
	d.t0 = since // nothing is injected: from here on nothing may change
	stretch := time.Duration(intervals * float64(d.Timing.Interval))
	d.await(ctx, fmt.Sprintf("%.0f heartbeat intervals have passed", intervals), d.wall(stretch))
	beats := d.beats(ctx, stretch)
	for _, side := range d.sides() {
		largest, count := side.sentSince(ctx, since)
		seen := beats[side.Name()]
		first, last := seen[0], seen[len(seen)-1]
		ended.Doubt().Expect(len(seen)).To(BeNumerically(">", int(intervals)), "%s was looked at only %d times", side.Name(), len(seen))
		tick := d.toolkit(last.until.Sub(first.since)) / time.Duration(max(1, last.heartbeats-first.heartbeats))
		_, most := longestGap(seen)
		text := fmt.Sprintf("%s sent %d snapshots, the largest of %.1f MiB, and received a heartbeat every %s (I = %s), the longest pause was at most %s", side.Name(), count,
			float64(largest)/(1<<20), inSeconds(tick), inSeconds(d.Timing.Interval), inSeconds(d.toolkit(most)))
		progress("    %s", text)
		claim := d.claims(ctx, sight{since: since})
		claim.Expect(largest).To(BeNumerically(">=", size), "snapshots of %d bytes must get through: %s", size, text)
		allowed := time.Duration(tickStretch*float64(d.Timing.Interval)) + 2*d.Timing.Interval/time.Duration(max(1, last.heartbeats-first.heartbeats))
		claim.Expect(tick).To(BeNumerically("<=", allowed), "heartbeats must be on time: %s", text)
		d.observe(model.Observation{Site: side.Name(), Indicator: string(toolkit.OperatorMetrics), Event: "large snapshots", When: d.interval(since, time.Now()), Evidence: text})
	}
	d.store()
}

// sentSince is the size of the largest snapshot that this data center's senders got rid of since an instant, in bytes, and how many there were.
func (s *Side) sentSince(ctx context.Context, since time.Time) (largest int64, count int) {
	ginkgo.GinkgoHelper()
	lines, err := s.drill.tracesOf(ctx, s)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "the size of snapshots is known from the traces of their senders only")
	for _, line := range lines {
		if posted, ok := line.Posted(); ok && posted.Snapshot && line.At.After(since) {
			largest, count = max(largest, posted.Bytes), count+1
		}
	}
	return largest, count
}
