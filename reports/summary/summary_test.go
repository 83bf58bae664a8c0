package summary

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/model"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s; look at it and run the test with -update if the new one is right:\n%s", path, got)
	}
}

func TestGoldenTable(t *testing.T) {
	for name, width := range map[string]int{"table-100.txt": 100, "table-160.txt": 160, "table-80.txt": 80} {
		var b bytes.Buffer
		if err := WriteTable(&b, sample.Rich(), Look{Width: width, Paths: []string{"reports/out/index.html", "reports/out/junit.xml"}}); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.String())
	}
}

func TestGoldenJSON(t *testing.T) {
	run := sample.Rich()
	run.Scenarios = []model.Scenario{run.Scenarios[1], run.Scenarios[5]}
	var b bytes.Buffer
	if err := WriteJSON(&b, run); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary.golden.json", b.String())
}

func TestNothingIsNullButWhatWasNotMeasured(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJSON(&b, model.Run{ID: "r", Scenarios: []model.Scenario{{ID: "S01"}}}); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"suites", "notes", "scenarios"} {
		if _, ok := got[key].([]any); !ok {
			t.Errorf("%s is %v, want a list", key, got[key])
		}
	}
	scenario := got["scenarios"].([]any)[0].(map[string]any)
	if scenario["hazards"] == nil || scenario["detection"] != nil || scenario["verdict"] != "unfinished" {
		t.Errorf("scenario: %v", scenario)
	}
}

func TestLinesAreBounded(t *testing.T) {
	run := sample.Rich()
	run.Scenarios[1].Name = strings.Repeat("averylongwordwithoutanyspaces", 10)
	run.Scenarios[2].Reasons = []string{strings.Repeat("x", 1000) + " \x1b[2J gone"}
	run.Scenarios[2].Measures.Detection.LatestSeconds = 1e15
	for width := 60; width <= 200; width += 7 {
		var b bytes.Buffer
		if err := WriteTable(&b, run, Look{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("width %d: a line of %d: %s", width, n, line)
			}
		}
		if strings.Contains(b.String(), "\x1b") {
			t.Errorf("width %d: an escape reached the terminal", width)
		}
	}
}

func TestColorOnlyOnRequest(t *testing.T) {
	var plain, colored bytes.Buffer
	if WriteTable(&plain, sample.Rich(), Look{}) != nil || WriteTable(&colored, sample.Rich(), Look{Color: true}) != nil {
		t.Fatal("did not print")
	}
	if strings.Contains(plain.String(), "\x1b") || !strings.Contains(colored.String(), "\x1b[31mfailed\x1b[0m") {
		t.Error("color")
	}
}

func TestWorst(t *testing.T) {
	finished := time.Unix(1, 0)
	one := func(outcomes ...model.Outcome) model.Run {
		run := model.Run{Finished: finished}
		for _, o := range outcomes {
			run.Scenarios = append(run.Scenarios, model.Scenario{Outcome: o})
		}
		return run
	}
	drill := func(o model.Outcome) model.Scenario {
		return model.Scenario{Outcome: o, Measures: model.Measures{Detection: &model.Measure{}}}
	}
	drilled := one(model.Passed, model.Skipped)
	drilled.Scenarios[0] = drill(model.Passed)
	hazard := one(model.Passed)
	hazard.Scenarios = append(hazard.Scenarios, drill(model.HazardReproduced))
	trials := one(model.Passed)
	trials.Scenarios[0].Trials = &model.Trials{Detection: []model.Measure{{}}}
	left := one(model.Passed)
	left.Scenarios[0].Cleanup = &model.Cleanup{Outcome: model.Passed, Left: []string{"x"}}
	partial := one(model.Passed)
	partial.Finished = time.Time{}
	interrupted := one(model.Passed)
	interrupted.Interrupted = true
	refused := one()
	refused.Refused = []model.Cause{{Kind: model.CauseObjectives, Problem: "CROSSDC_RTO=60s cannot be kept"}}
	for name, c := range map[string]struct {
		run  model.Run
		want model.Outcome
		says string
	}{
		"passed":      {drilled, model.Passed, "The application failed over as required: of 2 scenarios 1 passed, 1 skipped."},
		"trials":      {trials, model.Passed, "The application failed over as required"},
		"control":     {one(model.Passed, model.Skipped), model.Passed, "Nothing failed over, as required; no failover was tested: of 2"},
		"hazard":      {hazard, model.HazardReproduced, "failed over within its objectives, with known hazards"},
		"harmless":    {one(model.Passed, model.HazardReproduced), model.HazardReproduced, "Nothing failed over, with known hazards"},
		"failed":      {one(model.Passed, model.OutcomeInconclusive, model.Failed), model.Failed, "did NOT"},
		"nothing":     {one(), model.Skipped, "Nothing was tested"},
		"skipped":     {one(model.Skipped, model.Pending), model.Skipped, "none of them ran"},
		"unfinished":  {one(model.Passed, ""), model.Unfinished, "Not proven"},
		"partial":     {partial, model.Unfinished, "did not finish"},
		"interrupted": {interrupted, model.Interrupted, "was interrupted"},
		"not tested":  {one(model.Passed, model.NotTested, model.OutcomeInconclusive), model.NotTested, "Not everything could be tested: of 3 scenarios 1 passed, 1 could not be tested, 1 proved nothing."},
		"untested":    {one(model.NotTested, model.NotTested), model.NotTested, "Nothing could be tested: of 2 scenarios 2 could not be tested."},
		"refused":     {refused, model.NotTested, "Refused, nothing was tested: CROSSDC_RTO=60s cannot be kept"},
		"left behind": {left, model.Failed, "left behind"},
	} {
		if got := Worst(c.run); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		if got := Sentence(c.run); !strings.Contains(got, c.says) {
			t.Errorf("%s: %q does not say %q", name, got, c.says)
		}
	}
}

func TestWhatKeptManyFromBeingTestedIsSaidOnce(t *testing.T) {
	cause := model.Cause{Kind: model.CauseLogin, DataCenter: "dc2", Problem: "refused the login (401)", Object: "https://b.example:9714",
		Remedy: "check CROSSDC_DC2_USER and CROSSDC_DC2_PASSWORD"}
	run := model.Run{ID: "x", Finished: time.Unix(1, 0)}
	for _, id := range []string{"S03", "S08", "S15"} {
		run.Scenarios = append(run.Scenarios, model.Scenario{ID: id, Name: "A scenario", Outcome: model.NotTested, Cause: &cause, Reasons: []string{cause.Sentence()}})
	}
	run.Scenarios = append(run.Scenarios, model.Scenario{ID: "S20", Outcome: model.Skipped, Reasons: []string{"no relay here"}},
		model.Scenario{ID: "S22", Outcome: model.Skipped, Reasons: []string{"no relay here"}})
	var out bytes.Buffer
	if err := WriteTable(&out, run, Look{Width: 160}); err != nil {
		t.Fatal(err)
	}
	for _, once := range []string{"S03, S08, S15: " + cause.Sentence(), "S20, S22: no relay here"} {
		if strings.Count(out.String(), once) != 1 {
			t.Errorf("not said once: %q in\n%s", once, out.String())
		}
	}
	for _, never := range []string{"fail over", "failed over", "speedup", "cleanup"} {
		if strings.Contains(out.String(), never) {
			t.Errorf("it says %q of an application that was not tested:\n%s", never, out.String())
		}
	}
}
