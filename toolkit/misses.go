package toolkit

import (
	"time"

	"github.com/crossdc/failover/toolkit/metrics"
)

// Misses is how many ticks of its own heartbeat interval a data center counted from the last heartbeat that it received
// until it declared its peer DOWN, as its counters tell: N+1 where it counts as configured (toolkit contract 5.3, WD2; 8.2).
// The counters are sampled, so it lies between Least and Most, which differ where a heartbeat and a tick come between two samples.
type Misses struct {
	Least, Most int64
	Seen        time.Time // end of the reading that showed DOWN
}

// missCounter remembers how these counters moved. Ports are read one after the other, and the platform may take a new sample in
// between, so each value counts at the stamp of its own sample: stamps of one host order the samples.
type missCounter struct {
	heartbeats, status steps
	ticks              steps
	down               time.Time // end of the reading that showed the newest DOWN; zero when it is not the newest change
	told               *Misses   // of the newest DOWN
}

// steps are the values of one counter, oldest first, each with the first and last sample that showed it.
type steps struct {
	last metrics.Sample
	list []step
}

type step struct {
	value       int64
	first, last time.Time
}

// keptSteps is how many values of a counter are remembered: more than the ticks of any detection.
const keptSteps = 512

// add takes in a sample; anew says that it is of another life of the PE.
func (s *steps) add(sample metrics.Sample, at time.Time) (moved, anew bool) {
	n := len(s.list)
	if n > 0 {
		if at.Before(s.list[n-1].last) {
			return false, false
		}
		if _, anew := metrics.Growth(s.last, sample); anew {
			return false, true
		}
	}
	s.last = sample
	if n > 0 && s.list[n-1].value == sample.Value {
		s.list[n-1].last = at
		return false, false
	}
	s.list = append(s.list, step{sample.Value, at, at})
	if len(s.list) > keptSteps {
		s.list = append([]step(nil), s.list[1:]...)
	}
	return n > 0, false
}

// change is between which samples the newest value came to be; known is false where there was none before.
func (s *steps) change() (before, after time.Time, known bool) {
	n := len(s.list)
	if n < 2 {
		return before, after, false
	}
	return s.list[n-2].last, s.list[n-1].first, true
}

// around bounds the value between two instants; known is false where no sample is old, or new, enough.
func (s *steps) around(from, to time.Time) (least, most int64, known bool) {
	old := false
	for _, st := range s.list {
		if !st.first.After(from) {
			least, old = st.value, true
		}
		if !st.last.Before(to) {
			return least, st.value, old
		}
	}
	return 0, 0, false
}

// take feeds what a reading shows of the three counters.
func (c *missCounter) take(m *memory, r reading) {
	into := map[Count]*steps{HeartbeatsIn: &c.heartbeats, Ticks: &c.ticks, StatusTuples: &c.status}
	for _, src := range countSources {
		counter := into[src.count]
		if counter == nil {
			continue
		}
		sample, ok, _ := m.find(r.set, src)
		if !ok {
			continue
		}
		at := sample.At
		if at.IsZero() { // all of one reading are as old as each other
			at = r.asked
		}
		moved, anew := counter.add(sample, at)
		if anew {
			*c = missCounter{}
			return
		}
		if moved && src.count == StatusTuples {
			c.down = time.Time{}
			if sample.Value%2 == 0 {
				c.down, c.told = r.answered, nil
			}
		}
	}
	if !c.down.IsZero() && c.told == nil {
		c.told = c.misses()
	}
}

// misses is what follows of the DOWN that is the newest change; nil where the samples do not tell, or not yet, what came before.
func (c *missCounter) misses() *Misses {
	n := len(c.status.list)
	before, after, _ := c.status.change()
	if c.status.list[n-1].value != c.status.list[n-2].value+1 { // two changes between two samples
		return nil
	}
	least, most, known := c.ticks.around(before, after)
	if !known {
		return nil
	}
	if least++; most < least { // sampled in the midst of that tick, before it was counted or after
		least, most = most, most+1
	}
	beatBefore, beatAfter, heard := c.heartbeats.change()
	if !heard || beatAfter.After(after) || c.heartbeats.list[len(c.heartbeats.list)-1].last.Before(before) {
		return nil // the last one before DOWN is not known: a later one may have come before, or this one after
	}
	atLeast, atMost, known := c.ticks.around(beatBefore, beatAfter)
	if !known {
		return nil
	}
	return &Misses{Least: least - atMost, Most: most - atLeast, Seen: c.down}
}
