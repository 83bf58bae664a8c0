package traffic

import "fmt"

// Returned says what a data center that lost its memory was given back of what it had taken itself: the entries in the replicas of
// its own state that its peer returned, as something outside the ledger showed them.
func (l *Ledger) Returned(site string, entries []Entry) error {
	at, ok := l.index(site)
	if !ok {
		return fmt.Errorf("take what was returned to %q into the ledger: no such data center, known are %q", site, l.options.Sites)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range entries {
		stream, ok := l.index(entries[i].DC)
		if !ok || entries[i].Channel < 0 || entries[i].Channel >= Channels {
			return fmt.Errorf("take what was returned to %s into the ledger: entry %s/%d belongs to no stream of ours", site, entries[i].DC, entries[i].Channel)
		}
		entry := entries[i]
		l.returned[at][stream][entry.Channel] = &entry
	}
	return nil
}

// givenBack is the set of events in what was returned to a site of what it had taken itself.
func (l *Ledger) givenBack(c *cell, at place, site int) (bitmap, bool) {
	return c.firstOf(site, l.returned[site][at.stream][at.channel])
}

// restored is the contents of the state of a site that lost its memory: what was returned to it, with what it took since.
func (l *Ledger) restored(c *cell, at place, site int) (bitmap, bool) {
	entry := c.state[site]
	replica, ok := l.givenBack(c, at, site)
	if !ok || entry.LastSeq > c.issued {
		return nil, false
	}
	before := l.before(site, at)
	since := c.accepted[site].without(before)
	if fresh := c.fresh[site]; fresh > 1 {
		before = before.or(c.processed[site].prefix(fresh - 1))
	}
	seen := c.processed[site].without(before)
	for _, own := range []bitmap{since.or(seen), seen, since, nil} {
		base := own.prefix(entry.LastSeq).or(replica)
		if set, ok := explain(base, nil, entry); ok {
			return set, true
		}
		if set, ok := explainOpen(base, c.open[site].prefix(entry.LastSeq).without(base), nil, entry); ok {
			return set, true
		}
		if set, ok := explainRequests(base, c.requests[site], entry); ok {
			return set, true
		}
	}
	return nil, false
}
