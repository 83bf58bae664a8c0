package toolkit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/toolkit/metrics"
)

// servingCounters is the application's own operators, whose tuples its owner says tell that it serves. Nobody rules it out by a
// setting: who does not want it names no counter.
func servingCounters() Way {
	return Way{
		Name: ServingCounters, Needs: Needs{Management: true}, Fixed: true,
		polls: func(s *Site) []probe {
			if len(s.Serving) == 0 {
				return nil
			}
			return []probe{{every: 3, ask: s.askServing}}
		},
		until: func(m *memory, event Event) (time.Time, bool) {
			if event != TuplesStopped && event != TuplesResumed || len(m.served.points) == 0 {
				return time.Time{}, false
			}
			return m.served.newest().hold, true
		},
	}
}

// Tuples is the name of the metric that counts the tuples of a port: what an input port processed, what an output port submitted.
func (p OperatorPort) Tuples() string {
	if p.Port.Direction == metrics.Output {
		return "nTuplesSubmitted"
	}
	return "nTuplesProcessed"
}

func (p OperatorPort) String() string { return fmt.Sprintf("operator %s %s", p.Operator, p.Port) }

// askServing reads the counters that tell that the application serves. Each that is named must be there: the others alone would tell
// another rate.
func (s *Site) askServing(ctx context.Context) (apply, error) {
	set, err := s.Management.Counters(ctx, s.Serving...)
	if err != nil {
		return nil, err
	}
	var samples []metrics.Sample
	var missing []string
	for _, want := range s.Serving {
		before := len(samples)
		for _, sample := range set.Samples {
			own := sample.Operator == want.Operator || strings.HasPrefix(sample.Operator, want.Operator+"[") // or a channel of it
			if own && sample.Name == want.Tuples() && sample.Port.Matches(want.Port) {
				samples = append(samples, sample)
			}
		}
		if len(samples) == before {
			missing = append(missing, want.String())
		}
	}
	if len(missing) > 0 {
		return nil, WithCause(CauseGone, fmt.Errorf("the application has no counter of tuples at %s", strings.Join(missing, ", ")))
	}
	return func(m *memory, asked, answered time.Time) ([]Change, error) {
		delete(m.problems, ServingCounters)
		return m.tuplesCounted(reading{indicator: ServingCounters, asked: asked, answered: answered}, samples), nil
	}, nil
}

const (
	// fewestTuples is how many tuples must be missing, at the rate of the time before, until they count as stopped. Where they come
	// at random, a gap of this length comes once in 500 million.
	fewestTuples = 20
	// servedBefore is over how long a time before, in heartbeat intervals, the rate is taken that tells when tuples are missing.
	servedBefore = 10
	// keptPoints bounds what is remembered of the counters; the older half is let go of.
	keptPoints = 1 << 14
)

// servedMemory follows the counters of one site through the lives of their processes.
type servedMemory struct {
	series  map[string]*track // by operator and port
	points  []servedPoint     // oldest first; a run of equal counts keeps its ends
	grown   bounds            // when the newest growth came to be; zero: it has not grown
	stopped bool
}

// servedPoint is one reading: the counters together had this value at some instant from hold to answered.
type servedPoint struct {
	hold, answered time.Time
	total          int64 // counted since we look
	anew           bool  // a process counted from nothing: what the one before counted last is not known
}

func (s *servedMemory) newest() servedPoint { return s.points[len(s.points)-1] }

// tuplesCounted takes in one reading of all counters.
func (m *memory) tuplesCounted(r reading, samples []metrics.Sample) []Change {
	s := &m.served
	point := servedPoint{answered: r.answered}
	if n := len(s.points); n > 0 {
		if r.asked.Before(s.points[n-1].answered) {
			return nil // they overlap: what this one shows may be older
		}
		point.total = s.points[n-1].total
	}
	now := make(map[string]*track, len(samples))
	var growth int64
	for _, sample := range samples {
		key := sample.Operator + " " + sample.Port.String()
		old := s.series[key]
		t := &track{sample: sample, asked: r.asked, holdAfter: m.holdsAfter(old, r, sample)}
		if old != nil {
			grew, reset := metrics.Growth(old.sample, sample)
			growth += grew
			point.anew = point.anew || reset
			t.holdAfter = later(t.holdAfter, old.holdAfter)
		}
		now[key] = t
		if point.hold.IsZero() || t.holdAfter.Before(point.hold) {
			point.hold = t.holdAfter
		}
	}
	for key := range s.series {
		if now[key] == nil { // another layout of the application: what its counters say begins anew
			*s = servedMemory{}
			break
		}
	}
	s.series = now
	if len(s.points) == 0 {
		point.total = 0
		s.points = append(s.points, point)
		return nil
	}
	before := s.newest()
	point.total += growth
	s.add(point)
	if growth == 0 {
		return m.tuplesMissing(point)
	}
	resumed := s.stopped
	s.stopped, s.grown = false, bounds{before.hold, point.answered}
	if !resumed {
		return nil
	}
	return []Change{m.tuples(TuplesResumed, s.grown, fmt.Sprintf("counted %d more", growth))}
}

// add keeps a reading. Of a run of readings that show the same, the first and the last tell all.
func (s *servedMemory) add(p servedPoint) {
	if n := len(s.points); n > 1 && s.points[n-1].total == p.total && s.points[n-2].total == p.total && !p.anew && !s.points[n-1].anew {
		s.points[n-1] = p
		return
	}
	if len(s.points) >= keptPoints {
		s.points = slices.Clone(s.points[keptPoints/2:])
	}
	s.points = append(s.points, p)
}

// tuplesMissing reports, once, that no tuple was counted for as long as fewestTuples take at the rate of the time before.
func (m *memory) tuplesMissing(now servedPoint) []Change {
	s := &m.served
	if s.stopped || s.grown.latest.IsZero() {
		return nil
	}
	first := s.points[0]
	for _, p := range s.points {
		if p.hold.After(s.grown.latest.Add(-servedBefore * m.cfg.Timing.Interval())) {
			break
		}
		first = p
	}
	counted, during := now.total-first.total, s.grown.latest.Sub(first.hold)
	if counted < fewestTuples || during <= 0 {
		return nil // too few to tell a rate
	}
	due := time.Duration(float64(during) / float64(counted) * fewestTuples)
	if due = max(due, 3*m.cfg.Refresh); now.hold.Sub(s.grown.latest) < due {
		return nil
	}
	s.stopped = true
	return []Change{m.tuples(TuplesStopped, bounds{s.grown.earliest, s.grown.latest.Add(due)},
		fmt.Sprintf("no tuple was counted for %v; before, %d were in %v", now.hold.Sub(s.grown.latest).Round(time.Millisecond), counted, during.Round(time.Millisecond)))}
}

func (m *memory) tuples(event Event, when bounds, evidence string) Change {
	return Change{Site: m.site.Name, Indicator: ServingCounters, Event: event, Subject: m.site.Name, Count: 1, Earliest: when.earliest, Latest: when.latest, Evidence: evidence}
}

// Counted bounds how many tuples a site's serving counters counted from one instant to another; known is false where they were not read
// before and after, or a process began anew in between.
func (m *Monitor) Counted(site string, from, to time.Time) (least, most int64, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, side := range m.sides {
		if side.site.Name == site {
			return side.served.between(from, to)
		}
	}
	return 0, 0, false
}

// between takes the widest two readings that both lie inside for the least, and the closest two that lie outside for the most.
func (s *servedMemory) between(from, to time.Time) (least, most int64, known bool) {
	var inFirst, inLast, outFirst, outLast *servedPoint
	for i := range s.points {
		p := &s.points[i]
		if inFirst == nil && !p.hold.Before(from) {
			inFirst = p
		}
		if !p.answered.After(to) {
			inLast = p
		}
		if !p.answered.After(from) {
			outFirst = p
		}
		if outLast == nil && !p.hold.Before(to) {
			outLast = p
		}
	}
	if outFirst == nil || outLast == nil {
		return 0, 0, false
	}
	for _, p := range s.points {
		if p.anew && p.answered.After(outFirst.answered) && !p.answered.After(outLast.answered) {
			return 0, 0, false
		}
	}
	if inFirst != nil && inLast != nil {
		least = max(0, inLast.total-inFirst.total)
	}
	return least, outLast.total - outFirst.total, true
}
