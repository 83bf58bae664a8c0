package scenario

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/obscure"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/toolkit"
)

// Obscured returns what scenarios need in which our own view of the data centers gets worse: an embedded environment of their own,
// with a proxy between us and dc2, which survives. They are skipped elsewhere: who reaches data centers by URL puts a proxy there himself.
func (s *Suite) Obscured() Given {
	given := s.Given()
	if !given.Config.Kind().Emulated {
		given.unfit = "the scenario needs a proxy between the suite and a data center, which it starts in front of an emulated one only"
		return given
	}
	return s.withOwn(given, nil, environment.Options{Obscurable: "dc2"})
}

// Obscures makes our view of a side worse from now on, until Clears; the data center itself is well and notices nothing.
func (d *Drill) Obscures(_ context.Context, side *Side, t obscure.Trouble) {
	ginkgo.GinkgoHelper()
	Expect(d.obscured).To(BeNil(), "one trouble at a time: make one of several with obscure.Together")
	_, err := side.Obscure(t)
	Expect(err).NotTo(HaveOccurred())
	d.obscured = &obscured{side: side, trouble: t, since: time.Now()}
	at := d.interval(d.obscured.since, d.obscured.since)
	d.phase("view of "+side.Name()+" gets worse: "+t.Title, at, at)
	progress("    from now on, of %s: %s", side.Name(), t.Title)
}

// TellsByWhatItSaw expects that the failover was seen and timed by what could still look, and that whatever could not is named as
// blind and carries nothing. It must come before Clears: what can look again later learns the rest from counters and traces.
func (d *Drill) TellsByWhatItSaw(context.Context) {
	ginkgo.GinkgoHelper()
	o := d.obscured
	Expect(o).NotTo(BeNil(), "nothing was obscured: the scenario must use Obscures before")
	d.collect()
	told := d.scenario.Measures.Detection
	Expect(told).NotTo(BeNil(), "the failover must be timed by what could still look")
	carried := *told
	o.told = &carried
	Expect(blindButCarrying(o.trouble.Blinds, told.By)).To(BeEmpty(), "detection of %.1f..%.1f s rests on what could not look", told.EarliestSeconds, told.LatestSeconds)
	Expect(d.unnamed(o)).To(BeEmpty(), "what could not look must be named, with why")
	Expect(told.LatestSeconds).To(BeNumerically("<=", d.scenario.Objectives.RTOSeconds), "detection must be shown to have met the RTO")
	progress("    detection of %.1f..%.1f s, by %s", told.EarliestSeconds, told.LatestSeconds, strings.Join(told.By, ", "))
}

// blindButCarrying are the indicators that could not look and yet carry a measure.
func blindButCarrying(blind []toolkit.Indicator, by []string) (wrong []string) {
	for _, indicator := range blind {
		if slices.Contains(by, string(indicator)) {
			wrong = append(wrong, string(indicator))
		}
	}
	return wrong
}

// unnamed are the indicators that could not look and of which no report will say so.
func (d *Drill) unnamed(o *obscured) (missing []string) {
	failures := d.monitor.Failures()
	for _, indicator := range o.trouble.Blinds {
		named := slices.ContainsFunc(failures, func(f toolkit.Failure) bool {
			return f.Site == o.side.Name() && f.Indicator == indicator && f.Last.After(o.since)
		})
		if !named {
			missing = append(missing, string(indicator)+" of "+o.side.Name())
		}
	}
	return missing
}

// Clears ends what Obscures began, and expects that it spoilt calls of ours: one that spoilt none proves nothing.
func (d *Drill) Clears(context.Context) {
	ginkgo.GinkgoHelper()
	o := d.obscured
	Expect(o).NotTo(BeNil(), "nothing was obscured: the scenario must use Obscures before")
	spoilt, err := o.side.Obscure(obscure.Trouble{})
	Expect(err).NotTo(HaveOccurred())
	ended.Doubt().Expect(spoilt).To(BeNumerically(">", 0), "of %s: %s, and yet no call of ours was spoilt by it", o.side.Name(), o.trouble.Title)
	now := time.Now()
	at := d.interval(now, now)
	d.phase("view of "+o.side.Name()+" is clear again", at, at)
	progress("    of %s: clear again, after %d calls were spoilt", o.side.Name(), spoilt)
}

// ToldTheTruth expects that what was told while the view was bad agrees with what those say who could not look then: the traces and
// counters of that time, read since. Detection as it is known now would not do: what was told is a part of it.
func (d *Drill) ToldTheTruth(context.Context) {
	ginkgo.GinkgoHelper()
	o := d.obscured
	Expect(o != nil && o.told != nil).To(BeTrue(), "nothing was told: the scenario must use TellsByWhatItSaw before")
	d.collect()
	known := d.scenario.Measures.Detection
	Expect(known).NotTo(BeNil(), "detection was timed before, and must be still")
	Expect(apart(*o.told, *known)).To(BeZero(), "told while the view was bad: %s; known now: %s", spanText(*o.told), spanText(*known))
	Expect(d.scenario.Contradictions).To(BeEmpty(), "no indicator may contradict another")
	if len(o.trouble.Blinds) == 0 {
		progress("    told while the view was bad: %s; known now: %s", spanText(*o.told), spanText(*known))
		return
	}
	declared := declaredBetween(*d.scenario.Fault, *o.told)
	later := wordsOf(d.scenario.Observations, o.side.Name(), o.trouble.Blinds, d.scenario.Fault.Injected.Earliest)
	ended.Doubt().Expect(later).NotTo(BeEmpty(), "nothing that could not look then has told since when %s declared its peer DOWN", o.side.Name())
	for _, word := range later {
		Expect(word.When.Earliest <= declared.Latest && declared.Earliest <= word.When.Latest).To(BeTrue(),
			"told while the view was bad: %s; the %s say now that it was %s earlier or %s later", spanText(*o.told), word.Indicator,
			time.Duration(declared.Earliest-word.When.Latest), time.Duration(word.When.Earliest-declared.Latest))
		progress("    told while the view was bad: %s; the %s agree", spanText(*o.told), word.Indicator)
	}
}

// declaredBetween is when a data center must have declared its peer DOWN for a detection to have taken as long as measured.
func declaredBetween(f model.Fault, detection model.Measure) model.Interval {
	return model.Interval{
		Earliest: f.Injected.Earliest + model.Instant(detection.WallEarliest*1e9), Latest: f.Injected.Latest + model.Instant(detection.WallLatest*1e9),
	}
}

// wordsOf are the first words of some indicators of a site on its peer being DOWN, from an instant on.
func wordsOf(observations []model.Observation, site string, by []toolkit.Indicator, from model.Instant) (first []model.Observation) {
	told := map[string]bool{}
	for _, o := range observations {
		if o.Site == site && o.Event == timeline.PeerDown && o.When.Latest >= from && slices.Contains(by, toolkit.Indicator(o.Indicator)) && !told[o.Indicator] {
			told[o.Indicator] = true
			first = append(first, o)
		}
	}
	return first
}

// apart is how far two measures are from having an instant in common, toolkit seconds; 0 when they have.
func apart(a, b model.Measure) float64 {
	return max(0, a.EarliestSeconds-b.LatestSeconds, b.EarliestSeconds-a.LatestSeconds)
}

func spanText(m model.Measure) string {
	return fmt.Sprintf("%.2f..%.2f s by %s", m.EarliestSeconds, m.LatestSeconds, strings.Join(m.By, ", "))
}
