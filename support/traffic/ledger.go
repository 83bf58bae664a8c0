package traffic

import (
	"fmt"
	"sync"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// Ledger accounts for every numbered event. It is safe for concurrent use.
type Ledger struct {
	options Options

	mu       sync.Mutex
	cells    [2][Channels]cell // by stream (its home's index) and channel
	foreign  int64             // results that name no stream of ours
	full     int64             // refused by our own queue
	activity activity
	struck   [2]struck
	first    time.Time // when the first event of either stream was due
	latency  *lateness // of results, since they were due
	overdue  int64     // results that came later than Options.Within
	counted  [2]int64  // results that cannot be told apart, by site
	half     [2]int    // what is left of them, by site
	probes   int64     // events that are nobody's, and whose results cannot be told from others
	oneOut   bool      // they came out of one place for both sites, and are booked at the first
	gaps     []gap
	given    [2][2][Channels]*Entry // what a site's application was handed of a stream's channel
	returned [2][2][Channels]*Entry // what a site that lost its memory was given back of a stream's channel
}

// NewLedger returns an empty ledger; the generator makes one of its own.
func NewLedger(options Options) (*Ledger, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	l := &Ledger{options: options, activity: newActivity(options.Epoch, options.Bucket), latency: newLateness()}
	for stream, dc := range options.Sites {
		for channel := range Channels {
			l.cells[stream][channel] = newCell(dc, channel)
		}
	}
	return l, nil
}

// index returns the place of a data center's name.
func (l *Ledger) index(name string) (int, bool) {
	for i, site := range l.options.Sites {
		if site == name {
			return i, true
		}
	}
	return 0, false
}

// issue numbers the next n events of a stream, due one period apart after the indices that went before.
func (l *Ledger) issue(stream int, from uint64, n int, due func(index uint64) time.Time) []Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.activity.due[stream].mark(l.options.Clock.Now(), n)
	if l.first.IsZero() {
		l.first = due(0)
	}
	events := make([]Event, n)
	for i := range events {
		index := from + uint64(i)
		channel := int(index % Channels)
		c := &l.cells[stream][channel]
		seq := index/Channels + 1
		c.issued = seq
		events[i] = Event{DC: l.options.Sites[stream], Channel: channel, Seq: seq, Check: c.check(seq), Due: due(index)}
	}
	return events
}

// sent notes an attempt to inject.
func (l *Ledger) sent(stream, site int, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.activity.sends[stream][site].mark(at)
}

// answer books the outcome of one injection.
func (l *Ledger) answer(stream, site int, events []Event, verdict answer, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch verdict {
	case accepted, sent:
		for i := range events {
			c := &l.cells[stream][events[i].Channel]
			c.accepted[site].add(events[i].Seq)
			if verdict == sent {
				c.sent.add(events[i].Seq)
			}
		}
		l.activity.accepted[stream][site].mark(at, len(events))
	case refused:
		for i := range events {
			l.cells[stream][events[i].Channel].refused++
		}
		l.activity.refused[stream][site].mark(at, len(events))
	case unanswered:
		for channel := range l.cells[stream] {
			l.cells[stream][channel].unanswered(site, channel, events)
		}
	}
}

// Observe takes results that one data center's result stream delivered, in their order.
func (l *Ledger) Observe(site string, results []Result, receivedAt time.Time) {
	from, known := l.index(site)
	l.mu.Lock()
	defer l.mu.Unlock()
	var sound [2][2]int // by stream and site
	for i := range results {
		r := &results[i]
		stream, ok := l.index(r.DC)
		if !ok || r.Channel < 0 || r.Channel >= Channels {
			l.foreign++
			continue
		}
		by := from
		if r.ProcessedBy != site || !known {
			if by, ok = l.index(r.ProcessedBy); !ok {
				l.foreign++
				continue
			}
		}
		if l.cells[stream][r.Channel].observe(by, r) {
			sound[stream][by]++
		}
	}
	l.mark(sound, receivedAt)
}

// mark notes when results came, by stream and site.
func (l *Ledger) mark(sound [2][2]int, at time.Time) {
	for stream := range sound {
		for by, n := range sound[stream] {
			if n > 0 {
				l.activity.served[stream][by].mark(at, n)
				l.activity.results[stream][by].mark(at)
			}
		}
	}
}

// InState takes the final state of a surviving data center: all entries of all its fragments. A later call replaces
// an earlier one. The same (dc, channel) in several fragments of one site is an error: their counts must not be mixed.
func (l *Ledger) InState(site string, entries []Entry) error {
	at, ok := l.index(site)
	if !ok {
		return fmt.Errorf("take the state of %q into the ledger: no such data center, known are %q", site, l.options.Sites)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var fresh [2][Channels]*Entry
	for _, entry := range entries {
		stream, ok := l.index(entry.DC)
		if !ok || entry.Channel < 0 || entry.Channel >= Channels {
			return fmt.Errorf("take the state of %s into the ledger: entry %s/%d belongs to no stream of ours", site, entry.DC, entry.Channel)
		}
		if fresh[stream][entry.Channel] != nil {
			return fmt.Errorf("take the state of %s into the ledger: entry %s/%d appears twice", site, entry.DC, entry.Channel)
		}
		fresh[stream][entry.Channel] = &entry
	}
	for stream := range l.cells {
		for channel := range l.cells[stream] {
			entry := fresh[stream][channel]
			if entry == nil {
				entry = &Entry{DC: l.options.Sites[stream], Channel: channel}
			}
			l.cells[stream][channel].state[at] = entry
		}
	}
	return nil
}

// Forget drops the state of a data center that no longer survives.
func (l *Ledger) Forget(site string) {
	at, ok := l.index(site)
	if !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for stream := range l.cells {
		for channel := range l.cells[stream] {
			l.cells[stream][channel].state[at] = nil
		}
	}
}

// Served returns throughput per data center and bucket between two instants.
func (l *Ledger) Served(from, to model.Instant) []model.Served {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.activity.buckets(l.options.Sites, from, to)
}

func (l *Ledger) instant(t time.Time) model.Instant { return model.Instant(t.Sub(l.options.Epoch)) }
