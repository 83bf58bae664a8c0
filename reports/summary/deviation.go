package summary

import (
	"fmt"
	"strings"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

// Deviation says what of a scenario is not as its objectives and its steps ask for, for a record of recovery tests: by how much
// an objective was missed, what failed, or why nothing was shown. It is "none" where everything is.
func Deviation(s model.Scenario) string {
	var parts []string
	for _, m := range []struct {
		what string
		of   *model.Measure
	}{{"detection", s.Measures.Detection}, {"recovery", s.Measures.Recovery}} {
		if m.of != nil && m.of.Verdict == model.Missed {
			parts = append(parts, fmt.Sprintf("%s at least %s s beyond the objective of %s s", m.what,
				plain.Seconds(m.of.EarliestSeconds-m.of.ObjectiveSeconds), plain.Seconds(m.of.ObjectiveSeconds)))
		}
	}
	if l := s.Measures.Loss; l != nil && l.Verdict == model.Missed {
		parts = append(parts, fmt.Sprintf("%s events lost (%s) with an objective of %s s", plain.Count(l.EarliestEvents, l.LatestEvents),
			plain.Range(l.EarliestSeconds, l.LatestSeconds), plain.Seconds(l.ObjectiveSeconds)))
	}
	for _, h := range s.Hazards {
		parts = append(parts, strings.TrimSpace("known hazard "+h.Quirk+" "+h.Title))
	}
	if len(parts) == 0 && s.Outcome != model.Passed {
		why := Word(s.Outcome)
		if len(s.Reasons) > 0 {
			why += ": " + s.Reasons[0]
		}
		parts = append(parts, why)
	}
	if len(parts) == 0 {
		return "none"
	}
	return plain.Line(strings.Join(parts, "; "))
}

// Untouched is what a record says of the fault of a scenario that has none: that none belongs to it, or that it never came to it.
func Untouched(s model.Scenario) string {
	if s.Outcome.Meaning().Proves {
		return "none"
	}
	return "not injected"
}
