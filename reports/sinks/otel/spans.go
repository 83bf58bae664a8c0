package otel

import (
	"strings"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"

	"github.com/crossdc/failover/reports/junit"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
	"github.com/crossdc/failover/reports/summary"
)

// Spans is the trace of a run, parents before their children:
//
//	run
//	└ scenario            attributes: the properties of its JUnit test cases, with the prefix "failover."
//	  ├ fault             from the earliest possible injection to the latest possible heal
//	  ├ phase             one each, from its earliest begin to its latest end
//	  └ indicator         one per data center and indicator
//	    └ observation     one each: the span is the interval in which the event happened
//
// It is a pure function: the same run gives the same identifiers, so a run that is sent twice is one trace.
func Spans(run model.Run) []*tracepb.Span {
	t := trace{run: run}
	root := t.span(nil, "run", "run "+run.ID, model.Instant(0), end(run))
	root.Attributes = properties(junit.RunProperties(run))
	worst := summary.Worst(run)
	root.Attributes = append(root.Attributes, text("verdict", string(worst)))
	root.Status = status(model.Outcome(worst), nil)
	for i, scenario := range run.Scenarios {
		t.scenario(root, i, scenario)
	}
	return t.spans
}

// end is the run's end; of a partial run, that of the last thing it knows.
func end(run model.Run) model.Instant {
	if !run.Finished.IsZero() {
		return model.Instant(run.Finished.Sub(run.Started))
	}
	var last model.Instant
	for _, s := range run.Scenarios {
		last = max(last, s.Started, s.Finished)
	}
	return last
}

// trace collects the spans of one run.
type trace struct {
	run   model.Run
	spans []*tracepb.Span
}

func (t *trace) scenario(root *tracepb.Span, number int, s model.Scenario) {
	path := join("run", "scenario", count(number))
	title := s.Name
	if s.ID != "" {
		title = s.ID + " " + s.Name
	}
	span := t.span(root, path, title, s.Started, max(s.Started, s.Finished))
	span.Attributes = append(properties(junit.ScenarioProperties(t.run, s)), text("scenario.name", s.Name), text("family", s.Family), text("command", s.Command))
	span.Status = status(s.Outcome, s.Reasons)
	for _, reason := range s.Reasons {
		t.event(span, "reason", span.EndTimeUnixNano, text("reason", reason))
	}
	for _, hazard := range s.Hazards {
		t.event(span, "hazard "+plain.Line(hazard.Quirk), span.EndTimeUnixNano,
			text("hazard.title", hazard.Title), text("hazard.evidence", hazard.Evidence), text("hazard.remedy", hazard.Remedy))
	}
	if s.Fault != nil {
		t.fault(span, path, s)
	}
	for i, phase := range s.Phases {
		child := t.span(span, join(path, "phase", count(i)), "phase "+phase.Name, phase.From.Earliest, phase.To.Latest)
		child.Attributes = append(interval("from", phase.From), interval("to", phase.To)...)
	}
	t.indicators(span, path, s)
}

func (t *trace) fault(parent *tracepb.Span, path string, s model.Scenario) {
	f := s.Fault
	until := max(s.Finished, f.Injected.Latest)
	if f.Healed != nil {
		until = f.Healed.Latest
	}
	span := t.span(parent, join(path, "fault"), strings.TrimSpace("fault "+f.Name+" "+f.Target), f.Injected.Earliest, until)
	span.Attributes = append([]*attribute{text("fault", f.Name), text("target", f.Target), text("bite", f.Bite), text("heal_proof", f.HealProof)},
		interval("injected", f.Injected)...)
	t.event(span, "injected", t.time(f.Injected.Latest), interval("injected", f.Injected)...)
	if f.Healed != nil {
		span.Attributes = append(span.Attributes, interval("healed", *f.Healed)...)
		t.event(span, "healed", t.time(f.Healed.Latest), interval("healed", *f.Healed)...)
	}
	span.Attributes = present(span.Attributes)
}

// indicators makes a span of each indicator that was in use or saw something, in order of appearance.
func (t *trace) indicators(parent *tracepb.Span, path string, s model.Scenario) {
	spans := map[[2]string]*tracepb.Span{}
	of := func(site, indicator string) *tracepb.Span {
		key := [2]string{site, indicator}
		if spans[key] == nil {
			spans[key] = t.span(parent, join(path, "indicator", site, indicator), strings.TrimSpace(site+" "+indicator), s.Started, max(s.Started, s.Finished))
			spans[key].Attributes = present([]*attribute{text("site", site), text("indicator", indicator)})
		}
		return spans[key]
	}
	for _, use := range s.Indicators {
		span := of(use.Site, use.Indicator)
		span.Attributes = append(span.Attributes, present([]*attribute{yes("indicator.used", use.Used), text("indicator.why", use.Why),
			whole("indicator.polls", use.Polls), whole("indicator.errors", use.Errors)})...)
	}
	for i, seen := range s.Observations {
		child := t.span(of(seen.Site, seen.Indicator), join(path, "observation", count(i)), strings.TrimSpace(seen.Event+" "+seen.Subject), seen.When.Earliest, seen.When.Latest)
		child.Attributes = present(append([]*attribute{text("site", seen.Site), text("indicator", seen.Indicator), text("event", seen.Event),
			text("subject", seen.Subject), text("evidence", seen.Evidence)}, interval("when", seen.When)...))
	}
}
