package scenario

import (
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
)

// transitions is how often a side declared its peer DOWN and UP since the fault, by the indicator that shows each one.
type transitions struct {
	by       toolkit.Indicator
	down, up int
}

// transitions counts by the status stream, which pushes each change; where there is none, by the toolkit's counters.
func (s *Side) transitions(since time.Time) transitions {
	count := func(by toolkit.Indicator) transitions {
		t := transitions{by: by}
		for _, sighting := range s.drill.board.Since(s.Name(), since) {
			switch {
			case sighting.Indicator != string(by):
			case sighting.Event == board.PeerDown:
				t.down += max(sighting.Count, 1)
			case sighting.Event == board.PeerUp:
				t.up += max(sighting.Count, 1)
			}
		}
		return t
	}
	if t := count(toolkit.StatusStream); t.down+t.up > 0 || !s.drill.settings.Uses(string(toolkit.OperatorMetrics)) {
		return t
	}
	return count(toolkit.OperatorMetrics)
}

// PairsEveryDown expects, once both hold each other UP again, that each side declared UP as often as DOWN since the fault, give or
// take one, and took over no more than one set of replicas for each DOWN (S24).
func (d *Drill) PairsEveryDown(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	downs := 0
	for _, side := range d.sides() {
		claim := "whether " + side.Name() + " declared UP after every DOWN"
		side.looksUntilNow(ctx, claim, toolkit.PeerUp, 1)
		seen := side.transitions(d.t0)
		taken := side.Takeover()
		text := fmt.Sprintf("%s declared %s DOWN %d times and UP %d times, says the %s, and was handed %d fragments", side.Name(), side.peer.Name(),
			seen.down, seen.up, seen.by, max(taken.Counted, sum(taken.Fragments)))
		progress("    %s", text)
		d.claims(ctx, sight{since: d.t0, shows: toolkit.PeerUp, sites: []*Side{side}, needed: 1}).Expect(seen.up).To(BeNumerically("~", seen.down, 1),
			"each DOWN must be followed by an UP: %s", text)
		for fragment, times := range taken.Fragments {
			Expect(times).To(BeNumerically("<=", seen.down), "fragment %s was handed over more often than its data center was DOWN: %s", fragment, text)
		}
		Expect(taken.Counted).To(BeNumerically("<=", seen.down*d.env.Fragments), "more was handed over than one set of replicas for each DOWN: %s", text)
		downs = max(downs, seen.down)
	}
	ended.Doubt().Expect(downs).To(BeNumerically(">", 0), "no DOWN was declared, so that nothing had to be followed by an UP: let the link flap for longer")
}

func sum(counts map[string]int) (total int) {
	for _, n := range counts {
		total += n
	}
	return total
}

// ReportsRepeatedTakeovers closes the ledger after takeovers that overlap. Where a fragment was handed over more than once, events that
// are missing or counted twice since are what the toolkit does to an application that merges so (Q31), and are reported; where
// none was, they are a failure.
func (d *Drill) ReportsRepeatedTakeovers(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	account := d.settle(ctx)
	most := 0
	for _, side := range d.sides() {
		for _, times := range side.Takeover().Fragments {
			most = max(most, times)
		}
	}
	if most < 2 {
		d.LosesNothing(ctx)
		return
	}
	Expect(account.Ledger.Corrupted).To(BeZero(), "results must carry what was sent")
	progress("    up to %d takeovers of one fragment; %d events processed by both, %d to %d lost, %d anomalies of the states", most, account.SplitBrain,
		account.Loss.EarliestEvents, account.Loss.LatestEvents, len(account.Ledger.Anomalies))
	overwritten(account.Ledger.Anomalies, func(site, fragment string) int {
		for _, side := range d.sides() {
			if side.Name() == site {
				return side.Takeover().Fragments[fragment]
			}
		}
		return 0
	})
	if account.Loss.LatestEvents > 0 || len(account.Ledger.Anomalies) > 0 || len(account.Contradictions) > 0 {
		d.hazard("Q31", fmt.Sprintf("a fragment was taken over up to %d times: %d to %d acknowledged events are in no surviving state", most,
			account.Loss.EarliestEvents, account.Loss.LatestEvents))
	}
}

// overwritten marks what a takeover that is repeated explains (Q31): events that a data center acknowledged while their home took none, and
// that were in its state until the home's replica was handed over once more and took the place of that. takeovers is how often a fragment
// of its peer was handed to a data center. Events that their own home acknowledged are lost by nothing of that kind.
func overwritten(anomalies []model.Anomaly, takeovers func(site, fragment string) int) {
	for i := range anomalies {
		a := &anomalies[i]
		if a.Kind == model.MissingEvents && a.Site != a.Stream && takeovers(a.Site, fmt.Sprintf("%s-%d", a.Stream, a.Channel)) > 1 {
			a.Quirk = "Q31"
		}
	}
}
