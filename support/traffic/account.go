package traffic

import (
	"fmt"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// Account is the ledger closed for one scenario.
type Account struct {
	Ledger model.Ledger
	Loss   model.Loss // without objective and verdict: the judge adds them
	// SplitBrain counts events that both data centers processed; they are among Ledger.Duplicated.
	SplitBrain int64
	// LostOf is the largest possible loss of each stream, in events; streams that lost nothing have no entry.
	LostOf map[string]int64
	// ProvenOf is the least loss of each stream, in events; streams of which no loss is proven have no entry.
	ProvenOf map[string]int64
	// Contradictions are states that no history of the toolkit explains, and numbers that do not add up, in words.
	Contradictions []string
}

// Account closes the ledger over the states inspected so far. Call it when every surviving data center has been
// inspected after the traffic came to rest. It may be called again, for instance until the states stand still.
func (l *Ledger) Account() Account {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := Account{Ledger: model.Ledger{ProcessedBy: map[string]int64{}, InState: map[string]int64{}}, LostOf: map[string]int64{}, ProvenOf: map[string]int64{}}
	a.Ledger.Corrupted = l.foreign
	inspected := false
	for stream, dc := range l.options.Sites {
		for channel := range l.cells[stream] {
			c := &l.cells[stream][channel]
			loss := l.close(&a, c, place{stream, channel}, fmt.Sprintf("%s/%d", dc, channel))
			inspected = inspected || loss.inspected
			l.span(&a, loss)
			if loss.most > 0 {
				a.LostOf[dc] += int64(loss.most)
			}
			if loss.least > 0 {
				a.ProvenOf[dc] += int64(loss.least)
			}
		}
	}
	a.Loss.Side, a.Loss.Of = l.taken()
	switch {
	case !inspected:
		a.Loss.Why = "no surviving state was inspected, so nothing is proven present or lost"
	case len(a.Contradictions) > 0:
		a.Loss.Why = a.Contradictions[0]
	}
	return a
}

// losses bounds what one cell lost.
type losses struct {
	least, most uint64
	inspected   bool
}

func (l *Ledger) close(a *Account, c *cell, at place, name string) losses {
	led := &a.Ledger
	acknowledged := c.acknowledged()
	processed := c.processed[0].or(c.processed[1])
	acks := acknowledged.count()
	led.Due += int64(c.issued)
	led.Acknowledged += int64(acks)
	led.Refused += int64(c.refused)
	led.Duplicated += c.duplicated
	led.Reordered += c.reordered
	led.Corrupted += c.corrupted
	a.SplitBrain += int64(c.processed[0].and(c.processed[1]).count())
	var present bitmap
	var sets [2]bitmap
	var vague uint64
	loss := losses{}
	for site, where := range l.options.Sites {
		led.ProcessedBy[where] += int64(c.processed[site].count())
		if c.state[site] == nil {
			continue
		}
		loss.inspected = true
		led.InState[where] += int64(min(c.state[site].Count, 1<<62))
		set, ok := l.contents(a, c, at, site)
		if !ok {
			vague += min(c.state[site].Count, c.issued)
			a.Contradictions = append(a.Contradictions, fmt.Sprintf(
				"state of %s for %s (lastSeq %d, count %d, sum %d) is no set of events that were sent there and replicated",
				where, name, c.state[site].LastSeq, c.state[site].Count, c.state[site].Sum))
			continue
		}
		present, sets[site] = present.or(set), set
	}
	touched := acknowledged.or(processed).or(present).count()
	if open := c.issued - min(c.issued, c.refused); open > touched {
		led.Unknown += int64(open - touched) // sent without an answer and never seen again
	}
	missing := acknowledged.without(present)
	loss.most = missing.count()
	loss.least = loss.most - min(loss.most, vague)
	if !loss.inspected {
		loss.least = 0
	}
	led.Resurrected += int64(c.everLost.and(present).count())
	led.Present += int64(acks - loss.most)
	led.Lost += int64(loss.least)
	led.Undecided += int64(loss.most - loss.least)
	led.Unknown += int64(loss.most - loss.least)
	if loss.inspected && vague == 0 {
		l.explainMissing(a, c, at, missing, sets)
	}
	return loss
}

// span adds a cell's loss. In seconds the worst channel counts, because fragments are replicated independently:
// n lost neighbours stand for more than n-1 and less than n+1 periods of the channel's traffic.
func (l *Ledger) span(a *Account, loss losses) {
	a.Loss.EarliestEvents += int64(loss.least)
	a.Loss.LatestEvents += int64(loss.most)
	period := Channels / l.options.Rate * l.options.Speedup
	if loss.least > 0 {
		a.Loss.EarliestSeconds = max(a.Loss.EarliestSeconds, float64(loss.least-1)*period)
	}
	if loss.most > 0 {
		a.Loss.LatestSeconds = max(a.Loss.LatestSeconds, float64(loss.most+1)*period)
	}
}

// FirstServed returns when a data center first served an event of a stream after an instant: not before it was first
// sent there, not after its result was received. ok is false when there was none.
func (l *Ledger) FirstServed(stream, site string, after time.Time) (when model.Interval, ok bool) {
	s, knownStream := l.index(stream)
	at, knownSite := l.index(site)
	if !knownStream || !knownSite {
		return model.Interval{}, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	received, ok := l.activity.results[s][at].firstAfter(l.instant(after))
	if !ok {
		return model.Interval{}, false
	}
	when = model.Interval{Earliest: l.instant(after), Latest: received.Latest}
	if sent, ok := l.activity.sends[s][at].firstAfter(l.instant(after)); ok && sent.Earliest <= received.Latest {
		when.Earliest = max(when.Earliest, sent.Earliest)
	}
	return when, true
}
