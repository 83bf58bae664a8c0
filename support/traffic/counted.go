package traffic

import (
	"fmt"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// Counted is how many results that cannot be told apart have come, and how many events were acknowledged.
func (l *Ledger) Counted() (results, acknowledged int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for stream := range l.cells {
		for channel := range l.cells[stream] {
			acknowledged += int64(l.cells[stream][channel].acknowledged().count())
		}
	}
	return l.counted[0] + l.counted[1], acknowledged
}

// Probed takes an event that was sent beside the traffic: its result will be counted like any other, where results carry no number.
func (l *Ledger) Probed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.probes++
}

// AccountByCounts closes the ledger over counts, for an application whose results cannot be told apart. Each event is taken to give one result.
// Lost are then at least the acknowledged events that there are fewer results than, unless results may have been missed or events were only
// sent, and at most as many more as there are results that may be of events without an answer, or of probes. Where more
// results came than events can have given, nothing is bounded.
func (l *Ledger) AccountByCounts() Account {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := Account{Ledger: model.Ledger{ProcessedBy: map[string]int64{}, InState: map[string]int64{}}, LostOf: map[string]int64{}, ProvenOf: map[string]int64{}}
	led := &a.Ledger
	for stream := range l.cells {
		for channel := range l.cells[stream] {
			c := &l.cells[stream][channel]
			acknowledged := c.acknowledged().count()
			led.Due += int64(c.issued)
			led.Acknowledged += int64(acknowledged)
			led.Sent += int64(c.sent.count())
			led.Refused += int64(c.refused)
			if open := c.issued - min(c.issued, c.refused); open > acknowledged {
				led.Unknown += int64(open - acknowledged)
			}
		}
	}
	led.Counted = l.counted[0] + l.counted[1]
	for site, name := range l.options.Sites {
		led.ProcessedBy[name] = l.counted[site]
	}
	others := led.Unknown + l.probes
	most := max(0, led.Acknowledged-max(0, led.Counted-others))
	least := max(0, led.Acknowledged-led.Counted-led.Sent)
	if surplus := led.Counted - led.Acknowledged - others; surplus > 0 {
		least, most = 0, led.Acknowledged
		a.Loss.Why = fmt.Sprintf("%d results came more than events can have given: counts bound no loss where events do not give one result each", surplus)
	}
	if missed := l.missedSince(l.first); missed != "" {
		least = 0
		if most > 0 && a.Loss.Why == "" {
			a.Loss.Why = missed
		}
	}
	l.spanCounts(&a, least, most)
	led.Present, led.Lost, led.Undecided = led.Acknowledged-most, least, most-least
	led.Unknown += most - least
	a.Loss.Side, a.Loss.Of = l.taken()
	return a
}

// spanCounts adds a loss of which only the number is known: at best it lies evenly on all channels, at worst on one.
func (l *Ledger) spanCounts(a *Account, least, most int64) {
	a.Loss.EarliestEvents, a.Loss.LatestEvents = least, most
	period := Channels / l.options.Rate * l.options.Speedup
	if worst := (least + 2*Channels - 1) / (2 * Channels); worst > 0 {
		a.Loss.EarliestSeconds = float64(worst-1) * period
	}
	if most > 0 {
		a.Loss.LatestSeconds = float64(most+1) * period
	}
}

// missedSince says when results may have been missed after an instant; empty when never.
func (l *Ledger) missedSince(from time.Time) string {
	for _, g := range l.gaps {
		if g.until.After(from) {
			return fmt.Sprintf("results may have been missed for %s: %s", g.until.Sub(g.from).Round(time.Millisecond), g.why)
		}
	}
	return ""
}

// FirstBeyond returns when a data center had given more results since an instant than the stream of its own can explain, where results
// cannot be told apart: by then it served an event of the other stream, whose place is given by its name. The interval begins when such an event
// was first sent there. ok is false while all can be explained.
func (l *Ledger) FirstBeyond(stream, site string, after time.Time) (when model.Interval, ok bool) {
	lost, knownStream := l.index(stream)
	at, knownSite := l.index(site)
	if !knownStream || !knownSite {
		return model.Interval{}, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	home := at
	if l.oneOut {
		at = 0
	}
	own := 1 - lost
	begin := int(l.instant(after) / model.Instant(l.options.Bucket))
	var due, results int64
	for i := 0; i <= begin; i++ {
		due += int64(l.activity.due[own].at(i))
		results += l.activity.countAt(at, i)
	}
	explained := max(0, due-results) // what was still to come then
	buckets := max(len(l.activity.served[0][at].counts), len(l.activity.served[1][at].counts))
	for i := begin + 1; i < buckets; i++ {
		explained += int64(l.activity.due[own].at(i)) - l.activity.countAt(at, i)
		if explained < -1 { // an odd result is booked with the next one
			width := model.Instant(l.options.Bucket)
			end := min(model.Instant(i+1)*width, max(l.instant(l.options.Clock.Now()), model.Instant(i)*width))
			when = model.Interval{Earliest: l.instant(after), Latest: end}
			if sent, sentThere := l.activity.sends[lost][home].firstAfter(l.instant(after)); sentThere && sent.Earliest <= end {
				when.Earliest = max(when.Earliest, sent.Earliest)
			}
			return when, true
		}
	}
	return model.Interval{}, false
}

// countAt is how many results a site gave in a bucket, of both streams.
func (a *activity) countAt(site, bucket int) int64 {
	return int64(a.served[0][site].at(bucket)) + int64(a.served[1][site].at(bucket))
}
