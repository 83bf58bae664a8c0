package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
)

// Effects are what a restart of one group of the toolkit's operators may do (toolkit contract 5.8); whatever is not named it may not.
type Effects struct {
	RepeatsUp     bool // UP is declared once more, of a peer that was UP all the while
	StopsReplicas bool // no round of snapshots is asked for until the next change of status (Q19)
}

// ShowsTheEffectsOf watches after a restart of some of this data center's operators for as long as detection takes, and for two rounds of snapshots,
// and expects what the toolkit contract's table gives for them and nothing else: no DOWN, no takeover, and a peer that noticed nothing (S06).
func (s *Side) ShowsTheEffectsOf(ctx context.Context, effects Effects) {
	ginkgo.GinkgoHelper()
	d := s.drill
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	d.Watch(ctx, d.DetectionIntervals()+1+float64(d.Timing.InitDelay)/float64(d.Timing.Interval))
	s.peer.KeepsItsMind(ctx)
	s.peer.KeepsRunning(ctx)
	s.peer.TakesOverNothing(ctx)
	s.TakesOverNothing(ctx)
	ups := map[string]int{}
	for _, sighting := range d.board.Since(s.Name(), d.t0) {
		d.claims(ctx, sight{since: d.t0}).Expect(sighting.Event).NotTo(Equal(board.PeerDown), "%s declared its peer DOWN, says %s (%s)", s.Name(), sighting.Indicator, sighting.Evidence)
		if sighting.Event == board.PeerUp && sighting.Indicator == string(toolkit.StatusStream) {
			ups[sighting.Indicator]++
		}
	}
	for by, n := range ups {
		Expect(effects.RepeatsUp).To(BeTrue(), "%s declared its peer UP %d times more, says %s: these operators hold no status", s.Name(), n, by)
		Expect(n).To(Equal(1), "%s declared its peer UP %d times more, says %s", s.Name(), n, by)
	}
	before := d.replicationAt(ctx, s)
	stretch := 2*period + d.Timing.Interval
	d.await(ctx, "two rounds of snapshots have come, or none", d.wall(stretch))
	d.watchFor(ctx, stretch)
	after := d.replicationAt(ctx, s)
	rounds := after.rounds - before.rounds
	text := fmt.Sprintf("%s asked its application for %d rounds of snapshots in %s, and declared UP %d times more", s.Name(), rounds, inSeconds(stretch), len(ups))
	progress("    %s", text)
	if !effects.StopsReplicas || rounds > 0 {
		d.claims(ctx, sight{since: d.t0}).Expect(rounds).To(BeNumerically(">=", 1), "replication must go on: %s", text)
	} else {
		d.hazard("Q19", text)
	}
	d.observe(model.Observation{Site: s.Name(), Indicator: string(toolkit.OperatorMetrics), Event: "operators restarted", When: d.interval(d.t0, time.Now()), Evidence: text})
	d.store()
}
