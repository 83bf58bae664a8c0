package traffic

import (
	"fmt"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// Numbered is a result that carries the number of its event and nothing of the application's state.
type Numbered struct {
	Event Event  // whose result it is; Due is not needed
	By    string // the data center that processed it
}

// ObserveNumbers takes results in their order, which arrived between two instants. Results of other runs must not be among them.
func (l *Ledger) ObserveNumbers(results []Numbered, earliest, latest time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var sound [2][2]int // by stream and site
	for i := range results {
		r := &results[i]
		stream, known := l.index(r.Event.DC)
		by, ok := l.index(r.By)
		if !known || !ok || r.Event.Channel < 0 || r.Event.Channel >= Channels {
			l.foreign++
			continue
		}
		c := &l.cells[stream][r.Event.Channel]
		if !c.observe(by, &Result{Seq: r.Event.Seq, Check: r.Event.Check}) {
			continue
		}
		sound[stream][by]++
		l.wait(r.Event, earliest, latest)
	}
	l.mark(sound, latest)
}

// wait books how long after it was due an event's result came.
func (l *Ledger) wait(e Event, earliest, latest time.Time) {
	due := l.dueOf(e.Channel, e.Seq)
	if l.options.Within > 0 && earliest.Sub(due) > l.options.Within {
		l.overdue++
	}
	l.latency.record(latest.Sub(due))
}

// DueOf is when an event was due; ok is false for one that was never issued.
func (l *Ledger) DueOf(e Event) (due time.Time, ok bool) {
	stream, known := l.index(e.DC)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !known || e.Channel < 0 || e.Channel >= Channels || e.Seq == 0 || e.Seq > l.cells[stream][e.Channel].issued {
		return time.Time{}, false
	}
	return l.dueOf(e.Channel, e.Seq), true
}

// dueOf is when an event was due.
func (l *Ledger) dueOf(channel int, seq uint64) time.Time {
	index := (seq-1)*Channels + uint64(channel)
	return l.first.Add(time.Duration(float64(index) * float64(time.Second) / l.options.Rate))
}

// ObserveCounts takes results of a data center that cannot be told apart. Each counts as half a result of either stream, so that a stream
// is at its level when all that is served is.
func (l *Ledger) ObserveCounts(site string, n int, receivedAt time.Time) {
	at, ok := l.index(site)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !ok {
		at, l.oneOut = 0, true // from the place that both write to: who served is not known
	}
	l.counted[at] += int64(n)
	halves := n + l.half[at]
	l.half[at] = halves % 2
	for stream := range l.activity.served {
		if halves/2 > 0 {
			l.activity.served[stream][at].mark(receivedAt, halves/2)
		}
	}
}

// Missed takes a time in which results of a data center may have been missed; an empty name stands for both.
func (l *Ledger) Missed(site string, from, until time.Time, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := gap{site: site, from: from, until: until, why: why}
	if n := len(l.gaps); n == maxGaps {
		g.from = l.gaps[n-1].from
		if l.gaps[n-1].site != site {
			g.site = ""
		}
		l.gaps[n-1] = g
		return
	}
	l.gaps = append(l.gaps, g)
}

// gap is a time in which results may have been missed.
type gap struct {
	site        string
	from, until time.Time
	why         string
}

// maxGaps bounds the list; the last entry then reaches over all later ones.
const maxGaps = 1000

// Awaited is how many acknowledged events have no result yet although their time is not over.
func (l *Ledger) Awaited(now time.Time) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for stream := range l.cells {
		for channel := range l.cells[stream] {
			c := &l.cells[stream][channel]
			c.missing().each(func(seq uint64) {
				if now.Before(l.dueOf(channel, seq).Add(l.options.Within)) {
					n++
				}
			})
		}
	}
	return n
}

// missing are the acknowledged events without a result.
func (c *cell) missing() bitmap {
	return c.acknowledged().without(c.processed[0].or(c.processed[1]))
}

// AccountByResults closes the ledger over the results that were seen, for an application whose state cannot be asked for: an event is lost
// when it was acknowledged and its result never came. It is not proven lost where its result may have been missed, or where it was
// sent without any acknowledgement.
func (l *Ledger) AccountByResults() Account {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := Account{Ledger: model.Ledger{ProcessedBy: map[string]int64{}, InState: map[string]int64{}}, LostOf: map[string]int64{}, ProvenOf: map[string]int64{}}
	a.Ledger.Corrupted = l.foreign
	for stream, dc := range l.options.Sites {
		for channel := range l.cells[stream] {
			c := &l.cells[stream][channel]
			loss := l.closeByResults(&a, c, channel)
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
	a.Ledger.Late = l.overdue
	if summary := l.latency.summary(); summary.Ticks > 0 {
		a.Ledger.LatencyP99, a.Ledger.LatencyMax = inMilliseconds(summary.P99), inMilliseconds(summary.Max)
	}
	if why := l.doubt(a); why != "" {
		a.Loss.Why = why
	}
	return a
}

func inMilliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// doubt says what keeps the loss from being exact; empty where it is.
func (l *Ledger) doubt(a Account) string {
	switch {
	case a.Ledger.Undecided == 0:
		return ""
	case len(l.gaps) > 0:
		g := l.gaps[0]
		return fmt.Sprintf("results may have been missed %d times, first for %s: %s", len(l.gaps), g.until.Sub(g.from).Round(time.Millisecond), g.why)
	}
	return "the way in has no acknowledgement: events that were sent may never have arrived, so that the loss is an upper bound"
}

func (l *Ledger) closeByResults(a *Account, c *cell, channel int) losses {
	led := &a.Ledger
	processed := c.processed[0].or(c.processed[1])
	acknowledged := c.acknowledged()
	led.Due += int64(c.issued)
	led.Acknowledged += int64(acknowledged.count())
	led.Sent += int64(c.sent.count())
	led.Refused += int64(c.refused)
	led.Duplicated += c.duplicated
	led.Reordered += c.reordered
	led.Corrupted += c.corrupted
	a.SplitBrain += int64(c.processed[0].and(c.processed[1]).count())
	for site, where := range l.options.Sites {
		led.ProcessedBy[where] += int64(c.processed[site].count())
	}
	missing := c.missing()
	loss := losses{most: missing.count(), inspected: true}
	missing.each(func(seq uint64) {
		if !c.sent.has(seq) && !l.mayBeMissed(c, channel, seq) {
			loss.least++
		}
	})
	touched := acknowledged.or(processed).count()
	if open := c.issued - min(c.issued, c.refused); open > touched {
		led.Unknown += int64(open - touched)
	}
	led.Present += int64(acknowledged.count() - loss.most)
	led.Lost += int64(loss.least)
	led.Undecided += int64(loss.most - loss.least)
	led.Unknown += int64(loss.most - loss.least)
	return loss
}

// mayBeMissed reports whether the result of an event can have come in a time in which we could not read it. Any later time counts: a result
// may be late.
func (l *Ledger) mayBeMissed(c *cell, channel int, seq uint64) bool {
	due := l.dueOf(channel, seq)
	for _, g := range l.gaps {
		if g.until.Before(due) {
			continue
		}
		at, one := l.index(g.site)
		if !one || c.accepted[at].has(seq) {
			return true
		}
	}
	return false
}
