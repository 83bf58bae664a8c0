package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
)

func publish(t *testing.T, outcome model.Outcome) string {
	t.Helper()
	folder := t.TempDir()
	run := model.Run{
		Schema: model.SchemaVersion, ID: "abc", Suites: []string{"outage"}, Started: time.Unix(1, 0), Finished: time.Unix(2, 0),
		Environment: model.Environment{Kind: "embedded", Speedup: 60},
		Scenarios: []model.Scenario{{
			ID: "S03", Name: "A data center crashes", Family: "outage", Outcome: outcome, Speedup: 60,
			Steps: []model.Step{{Name: "is declared DOWN", Outcome: outcome}},
		}},
	}
	if err := store.Publish(folder, run); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestExitCodeFollowsTheRun(t *testing.T) {
	for outcome, want := range map[model.Outcome]int{
		model.Passed: 0, model.HazardReproduced: 0, model.Failed: 1, model.OutcomeInconclusive: 1, model.Panicked: 1, model.Interrupted: 1, model.Skipped: 1,
	} {
		var out, problems bytes.Buffer
		if got := show(&out, &problems, publish(t, outcome)); got != want {
			t.Errorf("%s: exit %d, want %d; %s", outcome, got, want, problems.String())
		}
		if !strings.Contains(out.String(), "A data center crashes") || strings.Contains(out.String(), "\x1b") {
			t.Errorf("%s: the table is not plain text with the scenario in it:\n%s", outcome, out.String())
		}
	}
}

func TestNoResultsAreAnErrorWithAnAdvice(t *testing.T) {
	var out, problems bytes.Buffer
	if got := show(&out, &problems, filepath.Join(t.TempDir(), "nothing")); got != 2 || !strings.Contains(problems.String(), "run the suites first") {
		t.Errorf("exit %d, said %q", got, problems.String())
	}
}
