package html

import (
	"slices"
	"strings"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
	"github.com/crossdc/failover/reports/summary"
)

// maxAnswer is how long the first sentence may be, in characters, and maxReason how long a reason in it that could be shorter.
const (
	maxAnswer = 220
	maxReason = 120
)

// outcomeOf is a scenario's outcome, except that what was left behind makes it fail.
func outcomeOf(s model.Scenario) model.Outcome {
	if c := summary.CleanupOutcome(s); c != model.Passed && c != model.Skipped && s.Outcome.Green() {
		return model.Failed
	}
	return s.Outcome
}

// worstFirst orders scenarios for a reader who stops soon: by outcome, then by how long both data centers were active.
func worstFirst(all []model.Scenario) []model.Scenario {
	all = slices.Clone(summary.Ordered(all))
	both := func(s model.Scenario) float64 {
		if s.BothActive == nil {
			return 0
		}
		return float64(s.BothActive.To.Latest-s.BothActive.From.Earliest) * clockOf(s).speedup
	}
	slices.SortStableFunc(all, func(a, b model.Scenario) int {
		if d := outcomeOf(a).Compare(outcomeOf(b)); d != 0 {
			return d
		}
		switch {
		case both(a) > both(b):
			return -1
		case both(a) < both(b):
			return 1
		}
		return 0
	})
	return all
}

// why says in one line why a scenario ended as it did; nothing for one that simply passed.
func why(s model.Scenario) string { return strings.Join(whyParts(s), "; ") }

func whyParts(s model.Scenario) []string {
	var parts []string
	first := ""
	switch {
	case s.Cause != nil:
		first = s.Cause.Sentence()
	case len(s.Reasons) > 0:
		first, _, _ = strings.Cut(strings.TrimSpace(s.Reasons[0]), "\n")
	}
	if first != "" {
		parts = append(parts, plain.Line(first))
	}
	if s.BothActive != nil {
		parts = append(parts, "both data centers were active for "+overlap(s))
	}
	for _, h := range s.Hazards {
		parts = append(parts, plain.Line(h.Quirk+": "+h.Title))
	}
	if c := summary.CleanupOutcome(s); c != model.Passed && c != model.Skipped {
		text := "its cleanup is " + summary.Word(c)
		if s.Cleanup != nil && len(s.Cleanup.Left) > 0 {
			text += ", left behind: " + plain.Line(strings.Join(s.Cleanup.Left, ", "))
		}
		parts = append(parts, text)
	}
	if l := s.Measures.Loss; l != nil && l.Verdict == model.Missed && len(s.Reasons) == 0 {
		parts = append(parts, plain.Count(l.EarliestEvents, l.LatestEvents)+" events were lost")
	}
	return parts
}

// answerOf says whether the failover may be relied on, with the worst thing that is known.
func answerOf(run model.Run, ordered []model.Scenario) string {
	word := map[model.Outcome]string{model.Failed: "No", model.HazardReproduced: "Only with care", model.Passed: "Yes, as far as this run shows",
		model.Skipped: "Nothing was tested", model.NotTested: "Not tested"}[summary.Worst(run)]
	if word == "" {
		word = "Not proven"
	}
	switch {
	case len(run.Refused) > 0:
		return word + ": " + plain.Line(run.Refused[0].Sentence())
	case len(ordered) == 0:
		return word + ": no scenario ran"
	case outcomeOf(ordered[0]) == model.Passed && run.Interrupted:
		return word + ": the run was interrupted"
	case outcomeOf(ordered[0]) == model.Passed && run.Finished.IsZero():
		return word + ": the run has not finished"
	}
	worst := ordered[0]
	parts := whyParts(worst)
	if len(parts) == 0 || outcomeOf(worst) == model.Passed {
		return word
	}
	first := parts[0]
	if len(first) > maxReason { // a reason of several parts: the first says enough
		first, _, _ = strings.Cut(first, "; ")
	}
	text := word + ": " + worst.ID + ", " + plain.Line(worst.Name) + ": " + clipLabel(first, maxAnswer)
	for _, part := range parts[1:] { // whole ones only; the rest is in the first row below
		if len(text)+len(part) > maxAnswer {
			break
		}
		text += "; " + part
	}
	return text
}

// findable is what the search looks through beside what the row shows.
func findable(s model.Scenario, limit int) string {
	parts := []string{s.ID, s.Family, s.Topology, strings.Join(s.Labels, " ")}
	for _, h := range s.Hazards {
		parts = append(parts, h.Quirk, h.Title)
	}
	if s.Fault != nil {
		parts = append(parts, s.Fault.Name, s.Fault.Target)
	}
	parts = append(parts, s.Reasons...)
	return clipLabel(strings.ToLower(strings.Join(parts, " ")), limit)
}
