package timeline

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crossdc/failover/reports/model"
)

// outcome concludes: what ended a scenario from outside stays; a failed step, a missed objective or a failure that was
// stored with a reason of its own is a failure; doubt is inconclusive; hazards alone are hazards.
func (j *judgement) outcome() {
	j.unchecked()
	j.blinded()
	j.irregular()
	switch j.s.Outcome {
	case model.Panicked, model.TimedOut, model.Interrupted, model.Skipped, model.Pending, model.NotTested:
		return
	}
	outcome := model.Passed
	if len(j.s.Hazards) > 0 {
		outcome = model.HazardReproduced
	}
	stored := len(without(j.s.Reasons, verdictPrefix)) > 0
	for _, worse := range []struct {
		outcome model.Outcome
		verdict model.Verdict
	}{{model.OutcomeInconclusive, model.Inconclusive}, {model.Failed, model.Missed}} {
		step := slices.ContainsFunc(j.s.Steps, func(s model.Step) bool { return s.Outcome == worse.outcome })
		if step || stored && j.s.Outcome == worse.outcome || j.judged(worse.verdict) {
			outcome = worse.outcome
		}
	}
	j.s.Outcome = outcome
}

// judged reports whether the judge reached this verdict anywhere. Absent events leave no measure, only a reason.
func (j *judgement) judged(verdict model.Verdict) bool {
	m := j.s.Measures
	for _, measure := range []*model.Measure{m.Detection, m.Takeover, m.Recovery, m.Steady} {
		if measure != nil && measure.Verdict == verdict {
			return true
		}
	}
	if m.Loss != nil && m.Loss.Verdict == verdict {
		return true
	}
	return slices.Contains(j.without, verdict)
}

// Differences says in words how a scenario judged again differs from what was stored: none when nobody touched it.
func Differences(stored, again model.Scenario) []string {
	var list []string
	note := func(what string, a, b any) {
		if x, y := fmt.Sprintf("%+v", a), fmt.Sprintf("%+v", b); x != y {
			list = append(list, fmt.Sprintf("%s: stored %s, judged again %s", what, x, y))
		}
	}
	note("outcome", stored.Outcome, again.Outcome)
	for _, pair := range []struct {
		name string
		a, b *model.Measure
	}{
		{"detection", stored.Measures.Detection, again.Measures.Detection},
		{"takeover", stored.Measures.Takeover, again.Measures.Takeover},
		{"recovery", stored.Measures.Recovery, again.Measures.Recovery},
		{"steady", stored.Measures.Steady, again.Measures.Steady},
	} {
		note(pair.name, measureText(pair.a), measureText(pair.b))
	}
	var a, b model.Loss
	if stored.Measures.Loss != nil {
		a = *stored.Measures.Loss
	}
	if again.Measures.Loss != nil {
		b = *again.Measures.Loss
	}
	note("data loss", a, b)
	note("both active", span(stored.BothActive), span(again.BothActive))
	note("contradictions", stored.Contradictions, again.Contradictions)
	note("reasons", stored.Reasons, again.Reasons)
	return list
}

func measureText(m *model.Measure) string {
	if m == nil {
		return "not measured"
	}
	return fmt.Sprintf("%.3f..%.3f s by %s: %s %s", m.EarliestSeconds, m.LatestSeconds, strings.Join(m.By, ", "), m.Verdict, m.Why)
}

func span(s *model.Span) model.Span {
	if s == nil {
		return model.Span{}
	}
	return *s
}
