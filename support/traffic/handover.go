package traffic

import (
	"fmt"

	"github.com/crossdc/failover/reports/model"
)

// A data center that loses its memory loses the newest events that it acknowledged: those that its last accepted replica
// did not hold yet. Of each channel they are one run, from that replica to the fault. This file tells that run from
// everything else that may be missing, or present although it cannot be.

// struck is a data center whose memory a fault took away.
type struck struct {
	forgets bool
	back    bool                // it began anew
	before  [2][Channels]bitmap // what it had acknowledged when it came back, by stream and channel
}

// place is a channel of a stream.
type place struct{ stream, channel int }

// Forgets says that a fault has taken a data center's memory away. Until Returns it can take nothing.
func (l *Ledger) Forgets(site string) {
	if at, ok := l.index(site); ok {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.struck[at] = struck{forgets: true}
	}
}

// Returns says that a data center which lost its memory is about to begin anew: what it acknowledged so far is what it had
// before the fault, and what it acknowledges from now on must survive.
func (l *Ledger) Returns(site string) {
	at, ok := l.index(site)
	if !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s := &l.struck[at]
	if !s.forgets || s.back {
		return
	}
	s.back = true
	for stream := range l.cells {
		for channel := range l.cells[stream] {
			s.before[stream][channel] = l.cells[stream][channel].accepted[at].or(nil)
		}
	}
}

// Given says what the application of a data center was handed of the other one's state: the entries of our streams in the
// replicas that the toolkit delivered, as something outside the ledger showed them.
func (l *Ledger) Given(site string, entries []Entry) error {
	at, ok := l.index(site)
	if !ok {
		return fmt.Errorf("take what %q was handed into the ledger: no such data center, known are %q", site, l.options.Sites)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range entries {
		stream, ok := l.index(entries[i].DC)
		if !ok || entries[i].Channel < 0 || entries[i].Channel >= Channels {
			return fmt.Errorf("take what %s was handed into the ledger: entry %s/%d belongs to no stream of ours", site, entries[i].DC, entries[i].Channel)
		}
		if stream != at { // of its own stream it holds more than any replica
			entry := entries[i]
			l.given[at][stream][entry.Channel] = &entry
		}
	}
	return nil
}

// Ungiven says that what a data center was handed of the other one's state is gone again, as by a reset to before.
func (l *Ledger) Ungiven(site string) {
	if at, ok := l.index(site); ok {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.given[at] = [2][Channels]*Entry{}
	}
}

// Remember keeps what is lost as of now with a data center that lost its memory, so that an event that comes back later is
// recognised as resurrected. Call it after the takeover, before the lost side returns; traffic may flow. It fails where
// neither what was handed over nor the survivor's inspected state says what is left.
func (l *Ledger) Remember(lost string) error {
	at, ok := l.index(lost)
	if !ok {
		return fmt.Errorf("remember what is lost with %q: no such data center, known are %q", lost, l.options.Sites)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	survivor := 1 - at
	for stream := range l.cells {
		for channel := range l.cells[stream] {
			c := &l.cells[stream][channel]
			before := c.accepted[at]
			if before.count() == 0 {
				continue
			}
			left, ok := c.replica(survivor, l.given[survivor][stream][channel])
			if !ok && c.state[survivor] != nil {
				left, ok = c.contents(survivor)
			}
			if !ok {
				return fmt.Errorf("remember what is lost with %s of %s/%d: it is not known what %s holds of it",
					lost, l.options.Sites[stream], channel, l.options.Sites[survivor])
			}
			c.everLost = c.everLost.or(before.without(left).without(c.accepted[survivor]).without(c.processed[survivor]))
		}
	}
	return nil
}

// taken is the data center that lost its memory and how many events it had acknowledged before.
func (l *Ledger) taken() (name string, events int64) {
	for at, s := range l.struck {
		if !s.forgets {
			continue
		}
		name = l.options.Sites[at]
		for stream := range l.cells {
			for channel := range l.cells[stream] {
				events += int64(l.before(at, place{stream, channel}).count())
			}
		}
	}
	return name, events
}

// before is what a data center that lost its memory had acknowledged of a channel until then.
func (l *Ledger) before(site int, at place) bitmap {
	if s := &l.struck[site]; s.back {
		return s.before[at.stream][at.channel]
	}
	return l.cells[at.stream][at.channel].accepted[site]
}

// contents is cell.contents, held against what the site was handed where that is known.
func (l *Ledger) contents(a *Account, c *cell, at place, site int) (bitmap, bool) {
	if l.returned[site][at.stream][at.channel] != nil {
		return l.restored(c, at, site)
	}
	given := l.given[site][at.stream][at.channel]
	if given == nil || l.struck[site].forgets {
		return c.contents(site)
	}
	if set, ok := c.merged(site, given); ok {
		return set, true
	}
	held := c.state[site]
	own, _ := c.processed[site].tally()
	l.anomaly(a, model.Anomaly{
		Kind: model.MergedOtherwise, Site: l.options.Sites[site], Stream: l.options.Sites[at.stream], Channel: at.channel,
		Text: fmt.Sprintf("%s holds {lastSeq=%d,count=%d,sum=%d}; it was handed {lastSeq=%d,count=%d,sum=%d} and processed %d events itself, and these do not make that state",
			l.options.Sites[site], held.LastSeq, held.Count, held.Sum, given.LastSeq, given.Count, given.Sum, own),
	})
	return c.contents(site)
}

// replica is the set of events in what a site was handed: the first ones that the other site took.
func (c *cell) replica(site int, given *Entry) (bitmap, bool) { return c.firstOf(1-site, given) }

// firstOf is the set of events in a replica of what a site took: its first ones.
func (c *cell) firstOf(site int, given *Entry) (bitmap, bool) {
	if given == nil || given.LastSeq > c.issued {
		return nil, false
	}
	answered := c.accepted[site].or(c.processed[site])
	for _, took := range []bitmap{answered, c.processed[site], answered.or(c.open[site])} {
		set, ok := take(took.prefix(given.LastSeq), given.Count)
		if !ok {
			continue
		}
		_, sum := set.tally()
		if last, _ := set.last(); sum == given.Sum && last == given.LastSeq {
			return set, true
		}
	}
	return nil, false
}

// merged is the contents of a site's state, which must be what it was handed with what it took itself.
func (c *cell) merged(site int, given *Entry) (bitmap, bool) {
	entry := c.state[site]
	replica, ok := c.replica(site, given)
	if !ok || entry.LastSeq > c.issued {
		return nil, false
	}
	own := c.accepted[site].or(c.processed[site]).prefix(entry.LastSeq)
	seen := c.processed[site].prefix(entry.LastSeq)
	open := c.open[site].prefix(entry.LastSeq)
	for _, base := range []bitmap{own.or(replica), seen.or(replica), replica} {
		if set, ok := explain(base, nil, entry); ok {
			return set, true
		}
		if set, ok := explainOpen(base, open.without(base), nil, entry); ok {
			return set, true
		}
		if set, ok := explainRequests(base, c.requests[site], entry); ok {
			return set, true
		}
	}
	return nil, false
}

// explainMissing finds what is missing beyond the newest events that a data center took with it, and what is there although
// that data center lost it.
func (l *Ledger) explainMissing(a *Account, c *cell, at place, missing bitmap, sets [2]bitmap) {
	rest := missing
	for site, s := range l.struck {
		if !s.forgets {
			continue
		}
		before := l.before(site, at)
		newest := before.without(c.accepted[1-site])
		if replica, ok := c.replica(1-site, l.given[1-site][at.stream][at.channel]); ok && !l.struck[1-site].forgets { // else the other one lost the replica too
			newest = newest.without(replica)
		}
		back, _ := l.givenBack(c, at, site)
		newest = newest.without(back)
		rest = rest.without(newest.suffixFrom(missing.and(newest)))
		if kept := sets[site].and(before.without(c.accepted[1-site]).without(back)); s.back && kept.count() > 0 {
			l.anomaly(a, l.describe(model.KeptEvents, site, at, kept, "%s holds %d events (%d to %d) that it had taken before it lost its memory"))
		}
	}
	if rest.count() == 0 {
		return
	}
	site := 0
	if c.accepted[1].and(rest).count() > 0 {
		site = 1
	}
	l.anomaly(a, l.describe(model.MissingEvents, site, at, rest,
		"%s acknowledged %d events (%d to %d) that are missing although no replication explains it: they were replicated, or acknowledged after the takeover or the return"))
}

func (l *Ledger) describe(kind string, site int, at place, set bitmap, format string) model.Anomaly {
	first, _ := set.first()
	last, _ := set.last()
	n := set.count()
	return model.Anomaly{
		Kind: kind, Site: l.options.Sites[site], Stream: l.options.Sites[at.stream], Channel: at.channel, Events: int64(n), First: first, Last: last,
		Text: fmt.Sprintf(format, l.options.Sites[site], n, first, last),
	}
}

func (l *Ledger) anomaly(a *Account, found model.Anomaly) {
	found.Text = fmt.Sprintf("%s/%d: %s", found.Stream, found.Channel, found.Text)
	a.Ledger.Anomalies = append(a.Ledger.Anomalies, found)
}
