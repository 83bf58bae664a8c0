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

// narrowness is how many snapshot periods a round of snapshots takes over a link that is too narrow for it. More would bring the time of
// one fragment close to the sender's read timeout R, and what it then gives up is another scenario.
const narrowness = 1.6

// requestHead is what HTTP adds to a snapshot on the wire, in bytes: request line and headers (toolkit contract 4.3).
const requestHead = 300

// NarrowsSnapshots leaves the snapshot connections the bandwidth with which a round of snapshots takes 1.6 snapshot periods, by
// the size of the snapshots that the traces tell of.
func (d *Drill) NarrowsSnapshots(ctx context.Context) {
	ginkgo.GinkgoHelper()
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	round := time.Duration(narrowness * float64(period))
	size := d.snapshotSize(ctx)
	rate := max(1, int64(float64(d.env.Fragments)*float64(size+requestHead)/d.wall(round).Seconds()))
	d.Beside(ctx, fault.Degrade(fault.Quality{Ports: fault.SnapshotPorts, BytesPerSecond: rate}))
	d.narrow = &narrow{since: d.t0, round: round, period: period}
	progress("    %d fragments of %d bytes: a round takes about %s, the snapshot period is %s", d.env.Fragments, size, inSeconds(round), inSeconds(period))
}

// snapshotSize is the mean size of what is sent to the snapshot ports, in bytes, by the traces of the senders.
func (d *Drill) snapshotSize(ctx context.Context) int {
	ginkgo.GinkgoHelper()
	total, count := 0, 0
	for _, side := range d.sides() {
		lines, err := d.tracesOf(ctx, side)
		ended.Doubt().Expect(err).NotTo(HaveOccurred(), "the size of snapshots is known from the traces of their senders only")
		for _, line := range lines {
			if sent, ok := line.Posted(); ok && sent.Snapshot {
				total, count = total+int(sent.Bytes), count+1
			}
		}
	}
	ended.Doubt().Expect(count).To(BeNumerically(">", 0), "no trace tells of a snapshot that was sent: tracing at level info is needed")
	return total / count
}

// ReplicatesSlowly watches for n heartbeat intervals while the link is too narrow for snapshots, and expects that replicas get through, no
// faster than the bandwidth allows, while rounds are asked for as ever and heartbeats arrive on time.
func (d *Drill) ReplicatesSlowly(ctx context.Context, intervals float64) {
	ginkgo.GinkgoHelper()
	Expect(d.narrow).NotTo(BeNil(), "the scenario must have narrowed the link first")
	before := map[*Side]replicationCounts{}
	since := time.Now()
	for _, side := range d.sides() {
		before[side] = d.replicationAt(ctx, side)
	}
	d.KeepsBeating(ctx, intervals)
	for _, side := range d.sides() {
		now := d.replicationAt(ctx, side)
		took := d.toolkit(time.Since(since))
		accepted, could := now.accepted-before[side].accepted, float64(d.env.Fragments)*took.Seconds()/d.narrow.round.Seconds()
		text := fmt.Sprintf("%s accepted %d replicas in %s, with Ls = %s for %d of them; the bandwidth allows %.1f",
			side.Name(), accepted, inSeconds(took), inSeconds(d.narrow.round), d.env.Fragments, could)
		progress("    %s", text)
		claim := d.claims(ctx, sight{since: since})
		claim.Expect(accepted).To(BeNumerically(">", 0), "a narrow link is not a dead one: %s", text)
		ended.Doubt().Expect(float64(accepted)).To(BeNumerically("<=", 1.2*could+2), "the link is not as narrow as it must be: %s", text)
		claim.Expect(float64(accepted)).To(BeNumerically(">=", could/2-1), "replicas come more slowly than the bandwidth allows: %s", text)
		claim.Expect(now.rounds).To(BeNumerically(">", before[side].rounds), "%s must go on asking its application for snapshots", side.Name())
		d.observe(model.Observation{Site: side.Name(), Indicator: string(toolkit.OperatorMetrics), Event: "replicas through a narrow link",
			When: d.interval(since, time.Now()), Evidence: text})
	}
	d.store()
}

// AllowsForSlowRounds makes the RPO P_s + Ls, and adds what rounds have waited for: more is asked for than gets through, and each round waits
// longer than the one before, by Ls - P_s. The contract's P_s + Ls holds for a queue that does not grow (toolkit contract 10, S23).
func (d *Drill) AllowsForSlowRounds(_ context.Context) {
	ginkgo.GinkgoHelper()
	Expect(d.narrow).NotTo(BeNil(), "the scenario must have narrowed the link first")
	if d.scenario.Objectives.RPOSeconds <= 0 {
		return
	}
	n := d.narrow
	lasted := d.toolkit(d.injected.T0.Latest.Sub(n.since))
	n.waiting = time.Duration(float64(lasted) * float64(n.round-n.period) / float64(n.round))
	d.scenario.Objectives.RPOSeconds += (n.round + n.waiting).Seconds()
	d.scenario.Objectives.Derivation += fmt.Sprintf("; and Ls = %s that a round takes, and %s that rounds have come to wait in %s", inSeconds(n.round),
		inSeconds(n.waiting), inSeconds(lasted))
	d.store()
}
