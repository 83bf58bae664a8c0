package traffic

import "math/bits"

// From (LastSeq, Count, Sum) of a fragment's state, the exact set of events in it is derived where it can be: the
// sets that the toolkit's merging can produce are few, and count and sum together tell them apart. Where none
// matches, nothing is assumed and the account becomes an interval.

// contents returns the events in a site's state; exact is false when count and sum match no explanation.
func (c *cell) contents(site int) (set bitmap, exact bool) {
	entry := c.state[site]
	if entry.LastSeq > c.issued || entry.Count > c.issued {
		return nil, false
	}
	if entry.Count == 0 {
		return nil, entry.Sum == 0
	}
	own := c.accepted[site].or(c.processed[site]).prefix(entry.LastSeq)
	peer := c.accepted[1-site].or(c.processed[1-site]).prefix(entry.LastSeq)
	seen := c.processed[site].prefix(entry.LastSeq)
	bases := []bitmap{own, seen, nil, own.or(peer)}
	if fresh := c.fresh[site]; fresh > 1 {
		// The site lost its memory: only what it processed since can be its own.
		old := c.processed[site].prefix(fresh - 1)
		bases = append([]bitmap{seen.without(old)}, bases...)
	}
	for _, base := range bases {
		if set, ok := explain(base, peer.without(base), entry); ok {
			return set, true
		}
	}
	open := c.open[site].prefix(entry.LastSeq)
	for _, base := range bases {
		if set, ok := explainOpen(base, open.without(base), peer, entry); ok {
			return set, true
		}
		if set, ok := explainRequests(base, c.requests[site], entry); ok {
			return set, true
		}
	}
	if set, ok := suffix(own, entry); ok {
		return set, true
	}
	return nil, false
}

// explain looks for base plus a replica of the peer's state, which is a prefix of what the peer took.
func explain(base, peer bitmap, entry *Entry) (bitmap, bool) {
	count, sum := base.tally()
	if count > entry.Count {
		return nil, false
	}
	replica, ok := take(peer, entry.Count-count)
	if !ok {
		return nil, false
	}
	if _, replicaSum := replica.tally(); sum+replicaSum != entry.Sum {
		return nil, false
	}
	set := base.or(replica)
	last, _ := set.last()
	return set, last == entry.LastSeq
}

// explainOpen looks for base plus what a site took without ever answering, such as requests that waited in its kernel while
// it hung, and whose results reached nobody: all of them, with a replica of the peer's state, or some that followed each other.
func explainOpen(base, open, peer bitmap, entry *Entry) (bitmap, bool) {
	unanswered, _ := open.tally()
	if unanswered == 0 {
		return nil, false
	}
	if set, ok := explain(base.or(open), peer.without(base).without(open), entry); ok {
		return set, true
	}
	count, sum := base.tally()
	if count >= entry.Count {
		return nil, false
	}
	run, ok := open.run(entry.Count-count, entry.Sum-sum)
	if !ok {
		return nil, false
	}
	set := base.or(run)
	last, _ := set.last()
	return set, last == entry.LastSeq
}

// explainRequests looks for base plus some of the requests that a site never answered, each taken as a whole.
func explainRequests(base bitmap, requests []bitmap, entry *Entry) (bitmap, bool) {
	if len(requests) > fewRequests {
		return nil, false
	}
	counts, sums := make([]uint64, len(requests)), make([]uint64, len(requests))
	for i, request := range requests {
		counts[i], sums[i] = request.without(base).tally()
	}
	count, sum := base.tally()
	for chosen := uint(1); chosen < 1<<len(requests); chosen++ {
		n, s := count, sum
		for rest := chosen; rest != 0; rest &= rest - 1 {
			n, s = n+counts[bits.TrailingZeros(rest)], s+sums[bits.TrailingZeros(rest)]
		}
		if n != entry.Count || s != entry.Sum {
			continue
		}
		set := base
		for rest := chosen; rest != 0; rest &= rest - 1 {
			set = set.or(requests[bits.TrailingZeros(rest)])
		}
		if last, _ := set.last(); last == entry.LastSeq {
			return set, true
		}
	}
	return nil, false
}

// suffix looks for the last part of a set: what a site took since it lost its memory, had no result told so.
func suffix(own bitmap, entry *Entry) (bitmap, bool) {
	count, _ := own.tally()
	if count < entry.Count {
		return nil, false
	}
	head, ok := take(own, count-entry.Count)
	if !ok {
		return nil, false
	}
	set := own.without(head)
	last, _ := set.last()
	_, sum := set.tally()
	return set, sum == entry.Sum && last == entry.LastSeq
}

// take returns the n smallest members.
func take(set bitmap, n uint64) (bitmap, bool) {
	var taken bitmap
	for _, word := range set {
		if n == 0 {
			return taken, true
		}
		part := bitmap{word}
		if here := part.count(); here > n {
			for ; here > n; here-- {
				last, _ := part.last()
				part[0] &^= 1 << last
			}
		}
		n -= part.count()
		taken = append(taken, part[0])
	}
	return taken, n == 0
}
