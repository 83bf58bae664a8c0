package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/timeline"
)

// What a failover is measured by.
const (
	detection   = "detection"   // the survivor's watchdog submits the status tuple DOWN
	takeover    = "takeover"    // the survivor's last fragment has merged its replica
	restoration = "restoration" // a fragment of the survivor processes the first event of the lost stream
)

var measures = []string{detection, takeover, restoration}

// fused is the intersection of all indicators, which is what a scenario reports.
const fused = "fused"

// sample is one interval beside the truth.
type sample struct {
	measure   string
	indicator string
	site      string // empty for fused: all of them
	when      model.Interval
	truth     model.Instant
	wrong     time.Duration // how far the truth itself may be off
}

func (s sample) inside() bool {
	wrong := model.Instant(s.wrong)
	return s.when.Earliest-wrong <= s.truth && s.truth <= s.when.Latest+wrong
}

// off is by how much the middle of the interval misses the truth.
func (s sample) off() time.Duration {
	return time.Duration(s.when.Earliest/2 + s.when.Latest/2 - s.truth).Abs()
}

// outside says by how much the truth lies outside; negative is before the interval.
func (s sample) outside() time.Duration {
	if s.truth < s.when.Earliest {
		return time.Duration(s.truth - s.when.Earliest)
	}
	return max(0, time.Duration(s.truth-s.when.Latest))
}

// outcome is one failover beside the truth.
type outcome struct {
	name    string
	samples []sample
	since   []sample // of fused measures, as durations from t0: from the act to the true instant
	doubts  []string // why its verdict is inconclusive
	problem error    // not measured
}

// contained says that every true instant lies inside the reported interval.
func (o outcome) contained() bool {
	return o.problem == nil && len(o.escaped(true)) == 0 && len(o.escapedSince()) == 0
}

// escapedSince lists the durations since the fault that do not hold the true one: instants alone would not show a t0 that is late.
func (o outcome) escapedSince() []sample {
	return slices.DeleteFunc(slices.Clone(o.since), sample.inside)
}

// escaped lists the samples whose truth lies outside, fused ones or those of single indicators.
func (o outcome) escaped(wantFused bool) (list []sample) {
	for _, s := range o.samples {
		if (s.indicator == fused) == wantFused && !s.inside() {
			list = append(list, s)
		}
	}
	return list
}

func (o outcome) String() string {
	var b strings.Builder
	b.WriteString(o.name)
	for _, s := range o.samples {
		if s.indicator == fused {
			fmt.Fprintf(&b, "  %s %s", s.measure, milliseconds(s.when.Width()))
		}
	}
	for _, s := range append(o.escaped(true), o.escaped(false)...) {
		fmt.Fprintf(&b, "\n          OUTSIDE: %s by %s at %s: the truth is %s off the interval", s.measure, s.indicator, s.site, milliseconds(s.outside()))
	}
	for _, s := range o.escapedSince() {
		fmt.Fprintf(&b, "\n          OUTSIDE: %s since the fault: the true duration is %s off the interval", s.measure, milliseconds(s.outside()))
	}
	for _, doubt := range o.doubts {
		fmt.Fprintf(&b, "\n          inconclusive: %s", doubt)
	}
	return b.String()
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

// compare reads the truth of a failover and puts what was measured beside it.
func (o *outcome) compare(f *failover, s model.Scenario) error {
	truth, err := f.happened()
	if err != nil {
		return err
	}
	last := map[string]model.Instant{} // of all sites
	for key, at := range truth {
		last[key.measure] = max(last[key.measure], at)
	}
	for _, phase := range s.Phases {
		measure := map[string]string{
			timeline.PhaseDetection: detection, timeline.PhaseTakeover: takeover, timeline.PhaseRestoration: restoration,
		}[phase.Name]
		if measure != "" {
			o.samples = append(o.samples, sample{measure: measure, indicator: fused, when: phase.To, truth: last[measure], wrong: f.clock.wrong})
		}
	}
	for _, measure := range measures {
		if _, there := last[measure]; there && !slices.ContainsFunc(o.samples, func(s sample) bool { return s.measure == measure }) {
			return fmt.Errorf("no %s was measured: %s", measure, strings.Join(s.Reasons, "; "))
		}
	}
	acted := f.instant(f.injection.Acted) // stamped by itself, right before the act
	for name, m := range map[string]*model.Measure{detection: s.Measures.Detection, takeover: s.Measures.Takeover, restoration: s.Measures.Recovery} {
		if at, there := last[name]; there && m != nil {
			o.since = append(o.since, sample{measure: name, indicator: fused, when: wall(*m), truth: at - acted, wrong: f.clock.wrong})
		}
	}
	for key, at := range truth {
		for indicator, when := range alone(s, key) {
			o.samples = append(o.samples, sample{key.measure, indicator, key.site, when, at, f.clock.wrong})
		}
	}
	for _, m := range []*model.Measure{s.Measures.Detection, s.Measures.Takeover, s.Measures.Recovery} {
		if m != nil && m.Verdict == model.Inconclusive {
			o.doubts = append(o.doubts, m.Why)
		}
	}
	slices.Sort(o.doubts)
	o.doubts = slices.Compact(o.doubts)
	return nil
}

// wall is a measure as an interval of wall time since the fault.
func wall(m model.Measure) model.Interval {
	return model.Interval{Earliest: model.Instant(m.WallEarliest * 1e9), Latest: model.Instant(math.Ceil(m.WallLatest * 1e9))}
}

// place is where something was measured.
type place struct{ measure, site string }

// happened reads from the journals what really happened since the fault.
func (f *failover) happened() (map[place]model.Instant, error) {
	truth, merged := map[place]model.Instant{}, map[string]int{}
	from, to := f.instant(f.injection.T0.Earliest), f.instant(f.until)
	for _, site := range []string{"dc1", "dc2"} {
		entries, err := f.truth[site].next()
		if err != nil {
			return nil, err
		}
		if !slices.Contains(f.survivors, site) {
			continue
		}
		slices.SortStableFunc(entries, func(a, b entry) int { return int(a.Mono - b.Mono) })
		for _, e := range entries {
			at := f.instant(f.clock.instant(e.Mono))
			if at < from || at > to {
				continue
			}
			if e.Event != eventDeclared && e.Event != eventTakeover && e.Event != eventFirst {
				continue
			}
			given, err := e.fields()
			if err != nil {
				return nil, err
			}
			peer := f.other(site)
			switch {
			case e.Event == eventDeclared && !given.Up:
				first(truth, place{detection, site}, at)
			case e.Event == eventTakeover && given.DC == peer && merged[site] < f.env.Fragments:
				if merged[site]++; merged[site] == f.env.Fragments {
					truth[place{takeover, site}] = at
				}
			case e.Event == eventFirst:
				if stream, own := f.streamOf(given.Stream); own && stream == peer && f.losesItems {
					first(truth, place{restoration, site}, at)
				}
			}
		}
		for _, measure := range measures[:2] {
			if _, ok := truth[place{measure, site}]; !ok {
				return nil, fmt.Errorf("the truth tells no %s at %s", measure, site)
			}
		}
	}
	return truth, nil
}

// streamOf is the stream that a name in the journal stands for: below level 3 events carry the stream's own, in an environment of one failover.
func (f *failover) streamOf(name string) (stream string, own bool) {
	if f.session.Level < application.Stated {
		return name, true
	}
	return f.session.Streams.Own(name)
}

func first(truth map[place]model.Instant, key place, at model.Instant) {
	if _, known := truth[key]; !known {
		truth[key] = at
	}
}

// alone is what each single indicator says about a measure at a site.
func alone(s model.Scenario, at place) map[string]model.Interval {
	event := map[string]string{detection: timeline.PeerDown, takeover: timeline.TakeoverComplete, restoration: timeline.Served}[at.measure]
	list := map[string]model.Interval{}
	for _, o := range s.Observations {
		if o.Site != at.site || o.When.Latest < s.Fault.Injected.Earliest {
			continue
		}
		if _, known := list[o.Indicator]; o.Event == event && !known {
			list[o.Indicator] = timeline.Repeated(o, s.Observations)
		}
	}
	return list
}
