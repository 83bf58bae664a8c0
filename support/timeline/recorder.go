package timeline

import (
	"fmt"
	"sync"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// Change is one event as an indicator saw it, in times of this process (with their monotonic reading).
type Change struct {
	Site      string // who was looked at: "dc1"
	Indicator string // "status stream", "operator metrics", ...
	Event     string // PeerDown, PeerUp, ...
	Subject   string // what it is about; empty when the event says it all
	Earliest  time.Time
	Latest    time.Time
	Evidence  string // what was read, in a few words
}

// Recorder keeps observations relative to the run's epoch. It is safe for concurrent use.
type Recorder struct {
	epoch time.Time

	mu           sync.Mutex
	observations []model.Observation
	polls        map[[2]string]*model.IndicatorUse
	order        [][2]string
}

// NewRecorder returns an empty recorder; epoch is the run's start with its monotonic reading.
func NewRecorder(epoch time.Time) *Recorder {
	return &Recorder{epoch: epoch, polls: map[[2]string]*model.IndicatorUse{}}
}

// Instant converts a time of this process.
func (r *Recorder) Instant(t time.Time) model.Instant { return model.Instant(t.Sub(r.epoch)) }

// Interval converts a pair of times of this process.
func (r *Recorder) Interval(earliest, latest time.Time) model.Interval {
	return model.Interval{Earliest: r.Instant(earliest), Latest: r.Instant(latest)}
}

// Record keeps a change. One whose bounds are reversed, or that names no site, indicator or event, is refused.
func (r *Recorder) Record(c Change) error {
	if c.Site == "" || c.Indicator == "" || c.Event == "" {
		return fmt.Errorf("record an observation: site %q, indicator %q and event %q must all be given", c.Site, c.Indicator, c.Event)
	}
	when := r.Interval(c.Earliest, c.Latest)
	if when.Earliest > when.Latest {
		return fmt.Errorf("record %q seen by %s at %s: its earliest instant is %s after its latest", c.Event, c.Indicator, c.Site, c.Earliest.Sub(c.Latest))
	}
	r.Add(model.Observation{Site: c.Site, Indicator: c.Indicator, Event: c.Event, Subject: c.Subject, When: when, Evidence: c.Evidence})
	return nil
}

// Add keeps observations that are relative to the epoch already, such as those of the traffic.
func (r *Recorder) Add(observations ...model.Observation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.observations = append(r.observations, observations...)
}

// Use notes whether an indicator contributes at a site and, if not, why; a later call replaces an earlier one.
func (r *Recorder) Use(use model.IndicatorUse) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := [2]string{use.Site, use.Indicator}
	if r.polls[key] == nil {
		r.order = append(r.order, key)
	}
	r.polls[key] = &use
}

// Indicators lists what Use was told, in the order of first mention.
func (r *Recorder) Indicators() []model.IndicatorUse {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []model.IndicatorUse
	for _, key := range r.order {
		list = append(list, *r.polls[key])
	}
	return list
}

// Observations returns what was recorded so far, of events that may have happened at or after from.
func (r *Recorder) Observations(from model.Instant) []model.Observation {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []model.Observation
	for _, o := range r.observations {
		if o.When.Latest >= from {
			list = append(list, o)
		}
	}
	return list
}
