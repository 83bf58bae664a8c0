package store

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/model"
)

// TestARunOfTheFirstSchemaIsStillRead reads a file that the version before wrote.
func TestARunOfTheFirstSchemaIsStillRead(t *testing.T) {
	got, err := Read(filepath.Join("testdata", "schema-1.json"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Schema != model.SchemaVersion || got.ID != "20261122-195820-7f3a" || len(got.Scenarios) < 10 {
		t.Fatalf("read schema %d, run %q, %d scenarios", got.Schema, got.ID, len(got.Scenarios))
	}
	seen := map[model.Outcome]bool{}
	for _, s := range got.Scenarios {
		seen[s.Outcome] = true
		if s.Cause != nil || s.Own != nil {
			t.Errorf("%s has what the first schema could not say: %+v %+v", s.ID, s.Cause, s.Own)
		}
	}
	for _, outcome := range []model.Outcome{model.Passed, model.Failed, model.OutcomeInconclusive, model.HazardReproduced, model.Skipped, model.Interrupted} {
		if !seen[outcome] {
			t.Errorf("no scenario is %q any more", outcome)
		}
	}
	faults := map[string]model.Fault{}
	for _, s := range got.Scenarios {
		if s.Fault != nil {
			faults[s.Fault.Target] = model.Fault{Struck: s.Fault.Struck, Observers: s.Fault.Observers, TakesService: s.Fault.TakesService}
		}
	}
	if want := (model.Fault{Struck: "dc1", Observers: []string{"dc2"}, TakesService: true}); !reflect.DeepEqual(faults["dc1"], want) {
		t.Errorf("a fault of dc1 strikes %+v, want %+v", faults["dc1"], want)
	}
	if want := (model.Fault{Observers: []string{"dc2"}}); !reflect.DeepEqual(faults["link dc1->dc2"], want) {
		t.Errorf("a cut of one direction is %+v, want %+v", faults["link dc1->dc2"], want)
	}
	again := filepath.Join(t.TempDir(), "again.json")
	if err := Write(again, got); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(again)
	if err != nil || !strings.Contains(string(raw), `"schema": 2`) {
		t.Errorf("written again it says %.40q, %v", raw, err)
	}
	if once, err := Read(again); err != nil || !reflect.DeepEqual(once, got) {
		t.Errorf("written and read again it differs: %v", err)
	}
}

func TestWhatWasNotTestedIsStoredWithItsCause(t *testing.T) {
	run := sample.Rich()
	cause := model.Cause{Kind: model.CauseLogin, DataCenter: "dc2", Problem: "refused the login (401)", Setting: "CROSSDC_DC2_USER"}
	run.Refused = []model.Cause{cause}
	run.Scenarios[0].Outcome, run.Scenarios[0].Cause = model.NotTested, &cause
	run.Scenarios[0].Steps[0].Outcome, run.Scenarios[0].Steps[0].Cause = model.NotTested, &cause
	run.Scenarios[1].Outcome = model.Running
	run.Scenarios[1].Own = []model.Own{{Name: "checkout p99", Unit: "ms", Least: 80, Most: 95, Limit: 100, Verdict: model.Met}}
	raw, err := Encode(run)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Decode(raw); err != nil || !reflect.DeepEqual(got, run) {
		t.Errorf("read %+v, %v", got, err)
	}
	run.Refused[0].Kind = "bad luck"
	if _, err := Encode(run); err == nil || !strings.Contains(err.Error(), `"bad luck" is not a kind of cause`) {
		t.Errorf("an unknown kind of cause: %v", err)
	}
}
