package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/summary"
)

// Every bug that can be switched on must have a proof, or nobody knows whether it would be caught.
func TestEveryBugHasAProof(t *testing.T) {
	for file, pattern := range map[string]string{
		"../../../fixtures/emulator/pe/switches.go": `(?m)^\t\{"([a-z-]+)", "`,
		"../../../support/scenario/senses.go":       `(?m)^\t[a-zA-Z]+ += "([a-z-]+)"$`,
	} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(pattern).FindAllStringSubmatch(string(source), -1)
		if len(found) < 6 {
			t.Errorf("%s: found only %d bugs; the pattern is out of date", file, len(found))
		}
		for _, match := range found {
			if !slices.ContainsFunc(proofs, func(p proof) bool { return p.bug == match[1] }) {
				t.Errorf("%s of %s has no proof", match[1], file)
			}
		}
	}
}

// The spec of every proof must also be shown to be clean without the bug.
func TestEverySpecHasAControl(t *testing.T) {
	for _, p := range proofs {
		if !slices.ContainsFunc(controls, func(c proof) bool { return c.suite == p.suite && c.id == p.id }) {
			t.Errorf("%s is caught by %s of %s, which has no control", p.bug, p.id, p.suite)
		}
	}
}

// A step that does not exist catches nothing.
func TestEveryStepIsOneOfItsSuite(t *testing.T) {
	for _, p := range proofs {
		files, err := filepath.Glob("../../../suites/" + p.suite + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("no files of suite %s: %v", p.suite, err)
		}
		found := false
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			found = found || strings.Contains(string(source), `It("`+p.step+`"`) && strings.Contains(string(source), `"`+p.id+`"`)
		}
		if !found {
			t.Errorf("%s: suite %s has no scenario %s with a step %q", p.bug, p.suite, p.id, p.step)
		}
	}
}

func judged(t *testing.T, p proof, s summary.Summary, passed bool) result {
	t.Helper()
	folder := t.TempDir()
	raw, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "summary.json"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return p.judge(1, folder, passed)
}

func TestOnlyTheNamedStepCatches(t *testing.T) {
	bug := proof{bug: "never-notices", at: "dc2", suite: "outage", id: "S03", step: detection}
	control := proof{suite: "outage", id: "S03"}
	note := []string{"for proving only: the emulated data center dc2 has the bugs never-notices"}
	line := func(verdict string, reasons ...string) []summary.Scenario {
		return []summary.Scenario{{ID: "S03", Verdict: verdict, Reasons: reasons}}
	}
	for _, c := range []struct {
		name    string
		proof   proof
		summary summary.Summary
		passed  bool
		proven  bool
	}{
		{"caught", bug, summary.Summary{Notes: note, Scenarios: line("failed", "verdict: x", detection+": Timed out")}, false, true},
		{"inconclusive counts", bug, summary.Summary{Notes: note, Scenarios: line("inconclusive", detection+": inconclusive: x")}, false, true},
		{"passed", bug, summary.Summary{Notes: note, Scenarios: line("passed")}, true, false},
		{"another step failed", bug, summary.Summary{Notes: note, Scenarios: line("failed", steady+": Timed out")}, false, false},
		{"the bug was not on", bug, summary.Summary{Scenarios: line("failed", detection+": Timed out")}, false, false},
		{"a panic is no verdict", bug, summary.Summary{Notes: note, Scenarios: line("panicked", detection+": oops")}, false, false},
		{"no such scenario", bug, summary.Summary{Notes: note}, false, false},
		{"a clean control", control, summary.Summary{Scenarios: line("passed")}, true, true},
		{"an inconclusive control", control, summary.Summary{Scenarios: line("inconclusive", steady+": inconclusive: load")}, false, false},
		{"a control with a finding", control, summary.Summary{Scenarios: line("failed", detection+": x")}, false, false},
		{"a control whose process failed", control, summary.Summary{Scenarios: line("passed")}, false, false},
	} {
		r := judged(t, c.proof, c.summary, c.passed)
		if (r.wrong == "") != c.proven || c.proof.bug != "" && (r.CaughtBy != "") != c.proven {
			t.Errorf("%s: %+v", c.name, r)
		}
		if (failures([]result{r}) == nil) != c.proven {
			t.Errorf("%s: the exit code would be wrong", c.name)
		}
	}
}

func TestWordsAreThoseOfTheStep(t *testing.T) {
	for said, want := range map[string]string{
		"Timed out after 3.000s. expected dc2 to hold dc1 DOWN":           "expected dc2 to hold dc1 DOWN",
		"inconclusive: verdict: detection of 1..2 s is inconclusive: why": "detection of 1..2 s is inconclusive: why",
		"too early: dc2 declared DOWN 92 s after":                         "too early: dc2 declared DOWN 92 s after",
	} {
		if got, ok := words([]string{"another step: x", "a step: " + said}, "a step"); !ok || got != want {
			t.Errorf("%q, %v; want %q", got, ok, want)
		}
	}
}

func TestWhatIsTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		r     result
		again bool
	}{
		"a bug that was not caught":      {result{Switch: "x", Verdict: "passed", wrong: "nobody"}, true},
		"a bug that was caught":          {result{Switch: "x", CaughtBy: "S03", Verdict: "failed"}, false},
		"a clean control":                {result{control: "S03", Verdict: "passed"}, false},
		"a control that proved nothing":  {result{control: "S03", Verdict: "inconclusive", wrong: "busy"}, true},
		"a control that found something": {result{control: "S03", Verdict: "failed", wrong: "found"}, false},
	} {
		if c.r.again() != c.again {
			t.Errorf("%s: again %v", name, !c.again)
		}
	}
}

func TestRunWithoutSummaryProvesNothing(t *testing.T) {
	p := proof{bug: "never-notices", id: "S03", step: detection}
	if r := p.judge(1, t.TempDir(), false); r.wrong == "" || r.CaughtBy != "" {
		t.Errorf("%+v", r)
	}
}

func TestResultsAreWrittenWithoutControls(t *testing.T) {
	path := filepath.Join(t.TempDir(), "prove.json")
	caught := result{Switch: "never-notices", CaughtBy: "S03: x", Verdict: "failed", Said: "y"}
	if err := write(path, []result{{control: "S03"}, caught}); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal(raw, &list); err != nil || len(list) != 1 || list[0]["caught_by"] != "S03: x" || list[0]["verdict"] != "failed" {
		t.Errorf("%s, %v", raw, err)
	}
}

func TestTableShowsWhoSaidWhat(t *testing.T) {
	var out bytes.Buffer
	table := newTable(&out, proofs)
	table.row(result{Switch: "never-notices", CaughtBy: "S03: " + detection, Verdict: "failed", Said: strings.Repeat("long ", 100)})
	table.row(result{Switch: "notices-late", Verdict: "passed", wrong: "nobody caught it", Attempts: 3})
	table.row(result{control: "S03", Verdict: "passed"})
	for _, want := range []string{"never-notices ", "| S03 ", "failed in \"" + detection, "NOT PROVEN: nobody caught it", "[attempt 3]", "(nothing) S03"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

func TestSpecsGetNothingThatAProofSetsItself(t *testing.T) {
	kept := sound([]string{"PATH=/bin", "CROSSDC_SEED=7", "CROSSDC_REPORTS=x", "CROSSDC_PROOF_SENSES=x", "CROSSDC_EMULATOR_SWITCHES_DC1=x"})
	if !slices.Equal(kept, []string{"PATH=/bin", "CROSSDC_SEED=7"}) {
		t.Errorf("%v", kept)
	}
}

func TestUnknownNameIsRefused(t *testing.T) {
	if _, err := selected([]string{"never-notice"}); err == nil || !strings.Contains(err.Error(), "never-notices") {
		t.Errorf("error %v", err)
	}
	if todo, err := selected(nil); err != nil || len(todo) != len(controls)+len(proofs) {
		t.Errorf("%d, %v", len(todo), err)
	}
}
