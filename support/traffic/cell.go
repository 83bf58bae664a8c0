package traffic

import "strconv"

// cell is the account of one (dc, channel).
type cell struct {
	prefix    uint64      // FNV state after "dc/channel/"
	issued    uint64      // highest number made due
	refused   uint64      // events surely accepted by nobody
	accepted  [2]bitmap   // by the site that acknowledged
	sent      bitmap      // of the accepted: those that left us where no answer exists
	processed [2]bitmap   // by the site whose results said so
	open      [2]bitmap   // sent to a site that did not answer: it may have taken them or not
	requests  [2][]bitmap // the same, one for each request, as far as they are few

	seen       [2]uint64 // highest number in the results of a site
	count      [2]uint64 // last running count a site reported
	fresh      [2]uint64 // first number since the site's count last fell: its memory began anew there
	duplicated int64
	reordered  int64
	corrupted  int64

	state    [2]*Entry // final state, nil where a site was not inspected
	everLost bitmap    // proven lost when Remember was called
}

func newCell(dc string, channel int) cell {
	text := append([]byte(dc), '/')
	text = strconv.AppendInt(text, int64(channel), 10)
	return cell{prefix: fnv(fnvOffset, append(text, '/'))}
}

func (c *cell) check(seq uint64) uint64 {
	var buffer [20]byte
	return fnv(c.prefix, strconv.AppendUint(buffer[:0], seq, 10))
}

// observe takes one result of a site; it reports whether the result is sound.
func (c *cell) observe(site int, r *Result) bool {
	if r.Seq == 0 || r.Seq > c.issued || r.Check != c.check(r.Seq) {
		c.corrupted++
		return false
	}
	again := c.processed[1-site].has(r.Seq)
	if !c.processed[site].add(r.Seq) {
		again = true
	}
	switch {
	case again:
		c.duplicated++
	case r.Seq < c.seen[site]:
		c.reordered++
	}
	if r.Count < c.count[site] {
		c.fresh[site] = r.Seq
	}
	c.count[site] = r.Count
	c.seen[site] = max(c.seen[site], r.Seq)
	return true
}

// fewRequests is how many requests without an answer are told apart when a state is explained.
const fewRequests = 16

// unanswered notes the events of a request that a site did not answer. One request more than a few is kept, to tell that there are more.
func (c *cell) unanswered(site, channel int, events []Event) {
	var request bitmap
	for i := range events {
		if events[i].Channel == channel {
			request.add(events[i].Seq)
			c.open[site].add(events[i].Seq)
		}
	}
	if request != nil && len(c.requests[site]) <= fewRequests {
		c.requests[site] = append(c.requests[site], request)
	}
}

// acknowledged is every number that some site accepted.
func (c *cell) acknowledged() bitmap { return c.accepted[0].or(c.accepted[1]) }
