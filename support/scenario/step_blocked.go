package scenario

import (
	"context"
	"fmt"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
)

// replicationCounts is how many rounds of snapshots a side has asked its application for, and how many of its peer's it has accepted.
type replicationCounts struct{ rounds, accepted int64 }

// replicationAt reads both counts of a side; a step that cannot know them proves nothing.
func (d *Drill) replicationAt(ctx context.Context, side *Side) replicationCounts {
	ginkgo.GinkgoHelper()
	var counts replicationCounts
	for count, into := range map[toolkit.Count]*int64{toolkit.SnapshotRounds: &counts.rounds, toolkit.SnapshotsIn: &counts.accepted} {
		value, known, err := d.counted(ctx, side, count)
		ended.Doubt().Expect(known).To(BeTrue(), "no source of counters of %s shows %q (%v)", side.Name(), count, err)
		*into = value
	}
	return counts
}

// ReplicasGrowOld watches for two snapshot periods while the snapshot ports are blocked and expects that rounds go on being asked for
// at both sides while not one replica gets through: what each holds of the other grows old, and nothing but counters and
// error traces says so (S26).
func (d *Drill) ReplicasGrowOld(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	d.watchFor(ctx, d.Timing.Interval) // what was accepted before the fault is counted by then
	before := map[*Side]replicationCounts{}
	for _, side := range d.sides() {
		before[side] = d.replicationAt(ctx, side)
	}
	d.await(ctx, "two snapshot periods have passed", d.wall(2*period))
	d.watchFor(ctx, 2*period)
	for _, side := range d.sides() {
		now := d.replicationAt(ctx, side)
		Expect(now.accepted).To(Equal(before[side].accepted), "%s accepted replicas although the snapshot ports are blocked", side.Name())
		d.claims(ctx, sight{since: d.t0}).Expect(now.rounds).To(BeNumerically(">", before[side].rounds), "%s must go on asking its application for snapshots", side.Name())
		progress("    %s asked for %d rounds and accepted no replica", side.Name(), now.rounds-before[side].rounds)
	}
}

// AllowsForLostRounds adds the time since replication was last possible to the RPO: what was lost with every round since then
// is the fault's doing (O3 with m lost rounds).
func (d *Drill) AllowsForLostRounds(_ context.Context) {
	ginkgo.GinkgoHelper()
	if d.scenario.Objectives.RPOSeconds <= 0 {
		return
	}
	Expect(d.besides).NotTo(BeEmpty(), "nothing keeps replicas from getting through: the scenario must put a fault beside the one it measures")
	d.blocked = d.toolkit(d.injected.T0.Latest.Sub(d.besides[0].T0.Earliest))
	d.scenario.Objectives.RPOSeconds += d.blocked.Seconds()
	d.scenario.Objectives.Derivation += fmt.Sprintf("; and %s for which no replica could get through", inSeconds(d.blocked))
	d.store()
}

// LosesWhatWasNotReplicated expects that what the survivor was handed is as old as the block: everything that the lost side
// acknowledged since then is lost, no more than that and one snapshot period, and nobody can have had less (S26).
func (d *Drill) LosesWhatWasNotReplicated(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	d.LosesNoMoreThanRPO(ctx)
	loss := d.account.Loss
	least := d.blocked - d.Timing.Interval
	Expect(loss.LatestSeconds).To(BeNumerically(">=", (least-2*d.Timing.Interval).Seconds()),
		"no replica got through for %s, so that at least as much must be lost; lost are %.1f to %.1f s of traffic: the replica is younger than it can be",
		inSeconds(least), loss.EarliestSeconds, loss.LatestSeconds)
	progress("    no replica for %s: lost %.1f to %.1f s of traffic", inSeconds(least), loss.EarliestSeconds, loss.LatestSeconds)
}

// StopsReplicating expects that a side which holds its peer DOWN asks for no snapshot more and declares nothing UP again, although
// the snapshot ports work: only a heartbeat brings a peer back, no other message does (S25).
func (d *Drill) StopsReplicating(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	d.watchFor(ctx, d.Timing.Interval) // the counters have shown the last round by then
	before := map[*Side]replicationCounts{}
	for _, side := range d.sides() {
		before[side] = d.replicationAt(ctx, side)
	}
	d.await(ctx, "a snapshot period passes without a round", d.wall(period+d.Timing.Interval))
	d.watchFor(ctx, period+d.Timing.Interval)
	for _, side := range d.sides() {
		now := d.replicationAt(ctx, side)
		Expect(now.rounds).To(Equal(before[side].rounds), "%s holds %s DOWN and went on asking for snapshots", side.Name(), side.peer.Name())
		Expect(now.accepted).To(Equal(before[side].accepted), "%s accepted replicas after both sides had declared each other DOWN", side.Name())
		for _, s := range d.board.Since(side.Name(), d.t0) {
			Expect(s.Event).NotTo(Equal(board.PeerUp), "%s declared %s UP although no heartbeat can have arrived, says %s (%s)", side.Name(), side.peer.Name(), s.Indicator, s.Evidence)
		}
	}
}
