package watch

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// concluded keeps what the client concludes beside the status while a scenario runs: quirks that show, indicators that
// disagree, snapshots that do not arrive, peers that were started again. It reaches the reports by itself; no step has to ask,
// and nothing is decided by it.
type concluded struct {
	lasting time.Duration // shorter disagreements are no more than indicators of different age

	mu     sync.Mutex
	looked time.Time // when the look before was
	found  []finding
}

// maxConcluded bounds what comes and goes all the time.
const maxConcluded = 200

// finding is one thing that was concluded at one site by every look from first to last.
type finding struct {
	site, kind, quirk, text string
	first, last             time.Time
}

// add notes the conclusions of one look. wentDown says of each site that it declared its peer DOWN in this scenario: a restart that
// was noticed is not the one that nobody notices (Q17).
func (c *concluded) add(at time.Time, conclusions [2]toolkit.Conclusion, wentDown [2]bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, conclusion := range conclusions {
		for _, f := range findings(conclusion, wentDown[i]) {
			f.first, f.last = at, at
			same := slices.IndexFunc(c.found, func(have finding) bool {
				return have.site == f.site && have.kind == f.kind && have.text == f.text && have.last.Equal(c.looked)
			})
			switch {
			case same >= 0:
				c.found[same].last = at
			case len(c.found) < maxConcluded:
				c.found = append(c.found, f)
			}
		}
	}
	c.looked = at
}

func findings(c toolkit.Conclusion, wentDown bool) []finding {
	var list []finding
	for _, quirk := range c.Hazards {
		if quirk == "Q17" && wentDown {
			continue
		}
		title := quirk
		if known, ok := crossdc.QuirkOf(quirk); ok {
			title = known.Title
		}
		list = append(list, finding{site: c.Site, kind: model.ConcludedQuirk, quirk: quirk, text: title})
	}
	for _, text := range c.Disagreements {
		list = append(list, finding{site: c.Site, kind: model.ConcludedDisagreement, text: text})
	}
	if c.SnapshotsLost {
		list = append(list, finding{site: c.Site, kind: model.ConcludedSnapshotsLost,
			text: fmt.Sprintf("rounds of snapshots go on at %s, and none arrives", c.Peer)})
	}
	if c.PeerRestarted {
		list = append(list, finding{site: c.Site, kind: model.ConcludedPeerRestarted, text: fmt.Sprintf("%s, or a part of it, was started again", c.Peer)})
	}
	return list
}

// list is what was concluded, in the order in which it was first; disagreements that passed at once are left out.
func (c *concluded) list(interval func(earliest, latest time.Time) model.Interval) []model.Concluded {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []model.Concluded
	for _, f := range c.found {
		if f.kind == model.ConcludedDisagreement && f.last.Sub(f.first) < c.lasting {
			continue
		}
		list = append(list, model.Concluded{Site: f.site, Kind: f.kind, Quirk: f.quirk, Text: f.text, While: interval(f.first, f.last)})
	}
	return list
}

// conclude asks the monitor what follows from what is known now.
func (s *Session) conclude() {
	var wentDown [2]bool
	for i, dc := range []string{s.Env.DC1.Name(), s.Env.DC2.Name()} {
		for _, seen := range s.Board.Since(dc, s.Began) {
			wentDown[i] = wentDown[i] || seen.Event == board.PeerDown
		}
	}
	s.concluded.add(time.Now(), s.Monitor.Conclusions(), wentDown)
}

// Concluded is what the client concluded beside the status since the session began.
func (s *Session) Concluded() []model.Concluded {
	return s.concluded.list(func(earliest, latest time.Time) model.Interval {
		return model.Interval{Earliest: s.Instant(earliest), Latest: s.Instant(latest)}
	})
}

// keepConcluding concludes twice per heartbeat interval until its context ends.
func (s *Session) keepConcluding(ctx context.Context) {
	ticker := time.NewTicker(s.interval() / 2)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			s.conclude()
		}
	}
}
