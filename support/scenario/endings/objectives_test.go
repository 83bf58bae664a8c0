package endings

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/record"
)

// TestInfeasibleObjectiveIsRefused asks for an RTO that the shipped 30/4 cannot keep: it is refused before anything is
// started or broken, with what would meet it.
func TestInfeasibleObjectiveIsRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite")
	}
	r := ginkgo(t, "repeated", false, "CROSSDC_RTO=60s")
	r.fails()
	r.vanishes()
	raw, err := os.ReadFile(filepath.Join(r.reports, "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"refused, nothing tested:", "CROSSDC_RTO=1m0s cannot be kept", "the nearest that can be kept is CROSSDC_RTO=2m30s", "detection alone takes up to (N+1)*I = 150 s", "I <= 12 s with N = 4", "N <= 1 with I = 30 s"} {
		if !strings.Contains(r.output.String(), text) {
			t.Errorf("the output does not say %q", text)
		}
	}
	if !strings.Contains(string(raw), "cannot be kept") {
		t.Errorf("the summary does not say why: %s", raw)
	}
	if strings.Contains(string(raw), "did not fail over") || strings.Contains(strings.ToLower(r.output.String()), "fail over as required") {
		t.Error("something is said of an application that was not tested")
	}
	if strings.Contains(r.output.String(), "injected:") || strings.Contains(r.output.String(), "two data centers at") {
		t.Error("something was started or broken for an objective that cannot be kept")
	}
}

// TestTrials repeats a scenario in one process: each trial is stored and reported by itself, with a phase of its own, and
// the last one tells what all of them together carry, which is no percentile with two.
func TestTrials(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite")
	}
	r := ginkgo(t, "repeated", false, "CROSSDC_TRIALS=2", "CROSSDC_SEED=7")
	r.wait()
	r.vanishes()
	stored, err := record.LoadAll(filepath.Join(r.reports, "runs"))
	if err != nil || len(stored) != 2 {
		t.Fatalf("%d scenarios stored, %v; want one for each trial", len(stored), err)
	}
	first, second := stored[0].Scenario, stored[1].Scenario
	if first.Name != second.Name || first.Trial+second.Trial != 3 {
		t.Errorf("stored %q trial %d and %q trial %d", first.Name, first.Trial, second.Name, second.Trial)
	}
	if first.Measures.Detection == nil || second.Measures.Detection == nil {
		t.Fatalf("detection of the trials: %v and %v; %q %q", first.Measures.Detection, second.Measures.Detection, first.Reasons, second.Reasons)
	}
	files, err := filepath.Glob(filepath.Join(r.reports, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var run model.Run
		if json.Unmarshal(raw, &run) != nil {
			continue
		}
		for _, s := range run.Scenarios {
			if s.Trials == nil {
				continue
			}
			if s.Trials.Count != 2 || len(s.Trials.Detection) != 2 || len(s.Trials.Predicted) < 3 ||
				s.Trials.Predicted[0] != 90 || s.Trials.Predicted[len(s.Trials.Predicted)-1] != 150 {
				t.Errorf("trials: %+v", s.Trials)
			}
			if !strings.Contains(s.Trials.Claim, "2 trials carry no percentile") || !strings.Contains(s.Trials.Claim, "needs 29 trials") {
				t.Errorf("claim: %s", s.Trials.Claim)
			}
			t.Logf("%s: %s", filepath.Base(file), s.Trials.Claim)
			return
		}
	}
	t.Errorf("no report tells of the trials: %q", files)
}
