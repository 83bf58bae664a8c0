package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
)

// TestAVerdictThatItsOwnFileContradictsIsNoGo edits values of our own file and leaves verdict and counts as they were: whoever
// wrote it, such a file proves nothing.
func TestAVerdictThatItsOwnFileContradictsIsNoGo(t *testing.T) {
	fine := asXML(t, good())
	property := func(name, value string) string {
		return fmt.Sprintf(`<property name="%s" value="%s"></property>`, name, value)
	}
	// set gives a property another value wherever the file has it.
	set := func(name, value string) []string {
		pattern := regexp.MustCompile(`<property name="` + regexp.QuoteMeta(name) + `" value="[^"]*"></property>`)
		if !pattern.MatchString(fine) {
			t.Fatalf("the file has no property %s", name)
		}
		return []string{pattern.ReplaceAllString(fine, property(name, value))}
	}
	own := func(verdict model.Verdict, most float64) []string {
		return []string{edited(t, func(r *model.Run) {
			r.Scenarios[1].Own = []model.Own{{Name: "checkout p99", Unit: "ms", Least: 90, Most: most, Limit: 98, Verdict: verdict}}
		})}
	}
	expect(t, map[string]verdict{
		"nothing contradicts it":           {"", []string{fine}, 0, "GO\n"},
		"a step that failed":               {"", []string{strings.Replace(fine, property("step.outcome", "passed"), property("step.outcome", "failed"), 1)}, 1, "has no failure, and its step.outcome is failed"},
		"a step of a word nobody knows":    {"", []string{strings.Replace(fine, property("step.outcome", "passed"), property("step.outcome", "splendid"), 1)}, 1, "its step.outcome is splendid"},
		"a measure that was missed":        {"", set("detection.verdict", "missed"), 1, "that of its detection is missed"},
		"a measure that is inconclusive":   {"", set("loss.verdict", "inconclusive"), 1, "that of its loss is inconclusive"},
		"a value beyond its own objective": {"", set("recovery.latest_s", "900"), 1, "its recovery may be 900, its own objective is 150"},
		"an objective below its own value": {"", set("loss.objective_s", "0.5"), 1, "its own objective is 0.5"},
		"a team's own, met":                {"", own(model.Met, 97), 0, "GO\n"},
		"a team's own, missed":             {"", own(model.Missed, 97), 1, "that of its checkout p99 is missed"},
		"a team's own, beyond its limit":   {"", own(model.Met, 99), 1, "its checkout p99 may be 99, its own objective is 98"},
		"a schema of a later version":      {"", set("schema", "99"), 1, "is of schema 99, from 1 to 2 are understood here"},
		"a schema that is no number":       {"", set("schema", "two"), 1, "is of schema two"},
		"certificates were not verified":   {"", set("tls_verified", "false"), 0, "did not verify certificates"},
	})
}

// TestPolicyNumbersAndListsMeanWhatTheySay: a count is not cut off, and an empty list of environments does not allow them all.
func TestPolicyNumbersAndListsMeanWhatTheySay(t *testing.T) {
	fine := []string{asXML(t, good())}
	base := "version: 1\nrequired: [S03, S16]\nhazards: [Q1, Q2]\n"
	expect(t, map[string]verdict{
		"one and a half trials":   {base + "trials: {minimum: 1.5}\n", fine, 2, "policy.yaml, line 4: trials.minimum: 1.5 is not a whole number"},
		"trials in exponents":     {base + "trials: {minimum: 1e1}\n", fine, 2, "trials.minimum: 1e1 is not a whole number"},
		"a version and a half":    {strings.Replace(base, "1", "1.9", 1), fine, 2, "line 1: version: 1.9 is not a whole number"},
		"half a run":              {base + "regression: {baseline: x, minimum_runs: 8.5}\n", fine, 2, "regression.minimum_runs: 8.5 is not a whole number"},
		"no environment":          {base + "environments: []\n", fine, 2, "policy.yaml, line 4: environments: empty would allow any"},
		"no skips, no hazards":    {base + "skips: []\ninconclusive: []\nflaky: []\n", fine, 0, "GO\n"},
		"a bound with a fraction": {base + "objectives: {S03: {detection_s: 150.5}}\n", fine, 0, "GO\n"},
	})
}
