package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
)

// firstDown is when a side first declared DOWN since an instant, as narrowly as its indicators allow together; ok is false where none
// shows it.
func (d *Drill) firstDown(side *Side, since time.Time) (first board.Sighting, ok bool) {
	seen := map[string]board.Sighting{} // the first of each indicator
	for _, s := range d.board.Since(side.Name(), since) {
		if s.Event != board.PeerDown {
			continue
		}
		if have, again := seen[s.Indicator]; !again || s.Latest.Before(have.Latest) {
			seen[s.Indicator] = s
		}
		if !ok || s.Latest.Before(first.Latest) {
			first, ok = s, true
		}
	}
	for _, s := range seen {
		if s.Earliest.After(first.Earliest) && !s.Earliest.After(first.Latest) {
			first.Earliest = s.Earliest
		}
	}
	return first, ok
}

// StarvesInTurn expects the side that can still be heard to hold its mind until the deaf one has fallen silent, and to declare DOWN
// between (N-1)*I and (N+1)*I after it: never before (S18).
func (d *Drill) StarvesInTurn(ctx context.Context, deaf *Side) {
	ginkgo.GinkgoHelper()
	heard := deaf.peer
	first, ok := d.firstDown(deaf, d.t0)
	Expect(ok).To(BeTrue(), "%s must have declared DOWN first", deaf.Name())
	bound := d.wall(d.Timing.CertainGap()) + d.allowance()
	d.await(ctx, heard.Name()+" declares DOWN in its turn", 2*bound)
	claim := d.claims(ctx, sight{since: d.t0, shows: toolkit.PeerDown, sites: []*Side{heard}, needed: d.required()})
	claim.Eventually(ctx, heard.RemoteStatus).WithTimeout(2*bound).WithPolling(Often).Should(BeDown(), "%s gets no heartbeat since %s holds it DOWN", heard.Name(), deaf.Name())
	second, _ := d.firstDown(heard, d.t0)
	least, most := second.Earliest.Sub(first.Latest), second.Latest.Sub(first.Earliest)
	text := fmt.Sprintf("%s declared DOWN between %s and %s after %s had", heard.Name(), inSeconds(d.toolkit(least)), inSeconds(d.toolkit(most)), deaf.Name())
	progress("    %s", text)
	floor := d.wall(d.TolerableOutage()) - d.allowance() // the last heartbeat may be I older than the DOWN
	claim.Expect(most).To(BeNumerically(">=", floor), "%s, which is too early: %s was heard until then", text, deaf.Name())
	verdict := timeline.VerdictOf(least.Seconds(), most.Seconds(), bound.Seconds())
	claim.Expect(verdict).NotTo(Equal(model.Missed), "%s, which is later than (N+1)*I", text)
	ended.Doubt().Expect(verdict).NotTo(Equal(model.Inconclusive), "%s; (N+1)*I + e = %s", text, inSeconds(d.toolkit(bound)))
}

// FindsContactAgain heals the fault while one side still sends and expects the other to declare it UP at its next heartbeat, within
// I, without any help: mutual silence needs both sides to have stopped (S18).
func (d *Drill) FindsContactAgain(ctx context.Context, deaf *Side) {
	ginkgo.GinkgoHelper()
	deaf.peer.KeepsItsMind(ctx)
	before, err := d.env.Client.Status(ctx)
	if err != nil {
		ended.Inconclusive("both data centers must be observable before the heal: %v", err)
	}
	d.returning = time.Now()
	d.Heal(ctx)
	d.upWithin(ctx, "I", d.Timing.Interval, d.healed().Latest, deaf)
	d.recovered = true
	d.returnsToNormal(ctx, before)
}
