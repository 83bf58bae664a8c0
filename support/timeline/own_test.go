package timeline

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
)

// A team's own objective decides like any other: missed fails, doubt is inconclusive, and judging again changes nothing.
func TestATeamsOwnObjectiveDecides(t *testing.T) {
	for name, c := range map[string]struct {
		own     model.Own
		verdict model.Verdict
		outcome model.Outcome
	}{
		"within":      {model.Own{Name: "checkout p99", Unit: "ms", Least: 80, Most: 95, Limit: 98}, model.Met, model.Passed},
		"beyond":      {model.Own{Name: "checkout p99", Unit: "ms", Least: 99, Most: 120, Limit: 98}, model.Missed, model.Failed},
		"straddles":   {model.Own{Name: "checkout p99", Unit: "ms", Least: 90, Most: 120, Limit: 98}, model.Inconclusive, model.OutcomeInconclusive},
		"zero":        {model.Own{Name: "refunds twice", Limit: 0}, model.Met, model.Passed},
		"above zero":  {model.Own{Name: "refunds twice", Least: 1, Most: 1, Limit: 0}, model.Missed, model.Failed},
		"no number":   {model.Own{Name: "x", Least: math.NaN(), Most: 1, Limit: 2}, model.Inconclusive, model.OutcomeInconclusive},
		"reversed":    {model.Own{Name: "x", Least: 3, Most: 1, Limit: 5}, model.Inconclusive, model.OutcomeInconclusive},
		"a limit NaN": {model.Own{Name: "x", Least: 1, Most: 1, Limit: math.NaN()}, model.Inconclusive, model.OutcomeInconclusive},
	} {
		once := Judge(model.Scenario{Own: []model.Own{c.own}})
		if once.Own[0].Verdict != c.verdict || once.Outcome != c.outcome {
			t.Errorf("%s: %s and %s, want %s and %s", name, once.Own[0].Verdict, once.Outcome, c.verdict, c.outcome)
		}
		if said := strings.Contains(strings.Join(once.Reasons, ""), c.own.Name); said != (c.outcome != model.Passed) {
			t.Errorf("%s: reasons %q", name, once.Reasons)
		}
		again := Judge(once)
		if again.Outcome != once.Outcome || !slices.Equal(again.Reasons, once.Reasons) {
			t.Errorf("%s: judged again %s %q", name, again.Outcome, again.Reasons)
		}
	}
}
