package scenario

import (
	"context"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/support/watch/seen"
	"github.com/crossdc/failover/toolkit"
)

// MeetsItsObjectives judges everything that was stored, and fails with the reasons when an objective was missed or the
// verdict is inconclusive. It is the last step of every scenario, so that nothing can pass unjudged.
func (d *Drill) MeetsItsObjectives(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	d.judged = true
	d.troubleOfOurOwn()
	d.store()
	d.report()
	switch d.scenario.Outcome {
	case model.OutcomeInconclusive:
		ended.Inconclusive("%s", strings.Join(d.scenario.Reasons, "; "))
	case model.Failed:
		ginkgo.Fail(strings.Join(d.scenario.Reasons, "; "))
	}
	d.detectionFitsTheConfiguration(ctx)
	if len(d.hazardFailed) > 0 {
		ginkgo.Fail("CROSSDC_HAZARDS=fail: a known hazard of the toolkit was reproduced: " + strings.Join(d.hazardFailed, "; "))
	}
}

// concludes judges a scenario whose steps have all run and none of which did: whoever forgets the last step gets the same
// verdict. Where the selection left steps out, nothing is proven.
func (d *Drill) concludes(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	if d.env == nil || d.unavailable != "" || ginkgo.CurrentSpecReport().Failed() {
		return
	}
	if all := d.mark.Steps(); d.begun < all {
		ended.Inconclusive("%d of its %d steps were left out by the selection (--focus, --skip, labels of steps): only whole scenarios prove something", all-d.begun, all)
	}
	if !d.judged {
		progress("no step judged the scenario (MeetsItsObjectives): it is judged now")
		d.MeetsItsObjectives(ctx)
	}
}

// detectionFitsTheConfiguration holds a measured detection against O1: DOWN comes no earlier than (N-1)*I and no later than
// (N+1)*I after the fault, give or take the scheduler's allowance. Too early is as wrong as too late: a toolkit that
// declares DOWN early fails over where it should not. What was not measured, or not finely enough, fits nothing.
// Where the measured interval straddles a bound, what the survivors traced or counted of their own misses settles it.
func (d *Drill) detectionFitsTheConfiguration(ctx context.Context) {
	ginkgo.GinkgoHelper()
	if d.mayNotice {
		return
	}
	if d.scenario.Measures.Detection == nil {
		if d.injected != nil && !d.unnoticed {
			ended.Inconclusive("when the fault was detected was not measured, so it cannot be held against the toolkit's configuration")
		}
		return
	}
	verdict, why := timeline.O1(*d.scenario.Measures.Detection, d.Timing.Interval, d.Timing.Misses, d.toolkit(d.allowance()))
	d.claims(ctx, sight{since: d.t0}).Expect(verdict).NotTo(Equal(model.Missed), why)
	if verdict != model.Inconclusive {
		return
	}
	if err := d.missesFit(ctx); err != nil {
		ended.Inconclusive("%s; and neither traces nor counters settle it: %v", why, err)
	}
	progress("    %s: settled by what the survivors traced, or counted, of their own misses", why)
}

// collect gathers everything that a verdict rests on into the stored scenario and judges it.
func (d *Drill) collect() {
	s := &d.scenario
	s.Finished = d.instant(time.Now())
	s.Observations = append(d.observations[:len(d.observations):len(d.observations)], d.seen()...)
	s.Observations = append(s.Observations, timeline.Disorder(s.Observations)...)
	s.Observations = append(s.Observations, d.rerouted()...)
	s.Traces = tracesOf(s.Observations)
	s.Indicators = d.indicators()
	if d.session != nil {
		s.Concluded = d.session.Concluded()
	}
	if d.ledger != nil {
		s.Served = d.ledger.Served(s.Started, min(s.Finished, d.instant(d.endOfTraffic())))
	}
	if d.account != nil {
		ledger, loss := d.account.Ledger, d.account.Loss
		s.Ledger = &ledger
		loss.ObjectiveSeconds, loss.Before = s.Objectives.RPOSeconds, d.loadBefore
		s.Measures.Loss = &loss
		s.Contradictions = appendNew(s.Contradictions, d.account.Contradictions...)
	}
	*s = timeline.Judge(*s)
}

// maxTraces bounds the lines of traces that a report shows.
const maxTraces = 40

// tracesOf are the lines of traces among what was seen.
func tracesOf(observations []model.Observation) []model.TraceLine {
	var lines []model.TraceLine
	for _, o := range observations {
		if o.Indicator == string(toolkit.TraceLines) && o.Evidence != "" && len(lines) < maxTraces {
			lines = append(lines, model.TraceLine{Site: o.Site, Line: o.Evidence})
		}
	}
	return lines
}

// seen turns the monitor's changes into observations.
func (d *Drill) seen() []model.Observation {
	if d.monitor == nil {
		return nil
	}
	return seen.Observations(d.senses.recall(d.monitor.Changes()), seen.Window{
		From: d.from, Fault: d.t0, Fragments: d.env.Fragments, Instant: d.instant,
	})
}

// indicators says which indicators contributed at each site and why the others did not.
func (d *Drill) indicators() []model.IndicatorUse {
	if d.monitor == nil {
		return nil
	}
	failures := map[string]toolkit.Failure{}
	for _, f := range d.monitor.Failures() {
		failures[f.Site+"/"+string(f.Indicator)] = f
	}
	var uses []model.IndicatorUse
	conclusions := d.monitor.Conclusions()
	for i, side := range d.sides() {
		sends := model.IndicatorUse{Site: side.Name(), Indicator: timeline.TrafficIndicator, Used: true}
		if described := d.settings.Described(); !described.Carries(application.Service) {
			sends.Used, sends.Why = false, described.NotSaid(application.Service)
		}
		uses = append(uses, sends)
		if d.settings.Described().Carries(application.Tuples) {
			counters := model.IndicatorUse{Site: side.Name(), Indicator: string(toolkit.ServingCounters)}
			_, counters.Used = d.monitor.LookedUntil(side.Name(), toolkit.TuplesStopped)[toolkit.ServingCounters]
			if f, failed := failures[side.Name()+"/"+counters.Indicator]; failed {
				counters.Errors, counters.Why = int64(f.Times), f.Error()
				delete(failures, side.Name()+"/"+counters.Indicator)
			}
			uses = append(uses, counters)
		}
		for _, used := range conclusions[i].Used {
			use := model.IndicatorUse{Site: side.Name(), Indicator: string(used), Used: true}
			if f, failed := failures[side.Name()+"/"+string(used)]; failed {
				use.Errors, use.Why = int64(f.Times), "failed at times: "+f.Error()
				delete(failures, side.Name()+"/"+string(used))
			}
			uses = append(uses, use)
		}
		for key, f := range failures {
			if f.Site == side.Name() {
				uses = append(uses, model.IndicatorUse{Site: f.Site, Indicator: string(f.Indicator), Why: f.Error(), Errors: int64(f.Times)})
				delete(failures, key)
			}
		}
	}
	for i, use := range uses {
		uses[i].Polls = d.monitor.Polls(use.Site)[toolkit.Indicator(use.Indicator)]
	}
	return uses
}

// observe adds an observation of our own, such as what the traffic shows.
func (d *Drill) observe(o model.Observation) { d.observations = append(d.observations, o) }

// troubleOfOurOwn records when the observer, not the system, was in trouble: it makes the overlapping measures
// inconclusive instead of wrong.
func (d *Drill) troubleOfOurOwn() {
	end := d.endOfTraffic()
	note := func(event, why string, from, to time.Time) {
		d.observe(model.Observation{Indicator: timeline.TrafficIndicator, Event: event, When: d.interval(from, to), Evidence: why})
	}
	troubles, sent := d.traffic.CanaryTrouble(d.instant(d.t0), d.instant(end))
	for _, t := range troubles {
		event := timeline.CanaryFailed
		if t.Slow {
			event = timeline.CanarySlow
		}
		d.observe(model.Observation{Indicator: timeline.TrafficIndicator, Event: event, When: t.When, Evidence: t.Why})
	}
	if sent == 0 {
		note(timeline.CanaryFailed, "the canary sent nothing", d.t0, end)
	}
	for _, starved := range d.env.Starvation(d.t0, end, d.instant) {
		d.observe(starved)
	}
	d.observations = append(d.observations, d.env.Slowed(d.from, end, d.instant)...)
	window := windowOf("during", d.instant(d.t0), d.instant(end))
	window.Served = false // what a fault takes away is the finding; what we must provide is the load
	for _, why := range d.ledger.CheckLoad(window, d.settings.MinimumLoad) {
		note(timeline.LoadTooLow, why, d.t0, end)
	}
}

func (d *Drill) endOfTraffic() time.Time {
	if d.stoppedAt.IsZero() {
		return time.Now()
	}
	return d.stoppedAt
}

// report prints the measured values.
func (d *Drill) report() {
	m := d.scenario.Measures
	for _, line := range []struct {
		name    string
		measure *model.Measure
	}{{"detection", m.Detection}, {"takeover", m.Takeover}, {"recovery", m.Recovery}, {"steady", m.Steady}} {
		if line.measure != nil {
			progress("    %s: %.2f .. %.2f s of toolkit time (%.3f .. %.3f s wall), by %s: %s", line.name, line.measure.EarliestSeconds,
				line.measure.LatestSeconds, line.measure.WallEarliest, line.measure.WallLatest, strings.Join(line.measure.By, ", "), line.measure.Verdict)
		}
	}
	if m.Loss != nil {
		progress("    data loss: %d .. %d events, %.1f .. %.1f s of traffic: %s", m.Loss.EarliestEvents, m.Loss.LatestEvents,
			m.Loss.EarliestSeconds, m.Loss.LatestSeconds, m.Loss.Verdict)
	}
}

func appendNew(list []string, more ...string) []string {
	for _, text := range more {
		known := false
		for _, entry := range list {
			known = known || entry == text
		}
		if !known {
			list = append(list, text)
		}
	}
	return list
}

// rerouted is how the traffic went elsewhere while the scenario watched, for whoever reads the stored run: no verdict rests on it.
func (d *Drill) rerouted() (all []model.Observation) {
	if d.traffic == nil {
		return nil
	}
	from := d.instant(d.from)
	for _, r := range d.traffic.Reroutes() {
		if r.When.Latest < from {
			continue // of a scenario before
		}
		all = append(all, model.Observation{Indicator: "suite", Event: "traffic rerouted", Subject: r.Stream, When: r.When, Evidence: "from " + r.From + " to " + r.To + ": " + r.Why})
	}
	return all
}
