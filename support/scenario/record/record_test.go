package record

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onsi/ginkgo/v2/types"

	"github.com/crossdc/failover/reports/model"
)

func spec(container, leaf string, state types.SpecState, labels ...string) types.SpecReport {
	r := types.SpecReport{
		ContainerHierarchyTexts: []string{container}, ContainerHierarchyLabels: [][]string{labels},
		LeafNodeType: types.NodeTypeIt, LeafNodeText: leaf, State: state, StartTime: time.Unix(100, 0),
	}
	if state != types.SpecStateSkipped {
		r.NumAttempts = 1
	}
	return r
}

func TestOutcomes(t *testing.T) {
	cases := []struct {
		state   types.SpecState
		message string
		want    model.Outcome
	}{
		{types.SpecStatePassed, "", model.Passed},
		{types.SpecStateFailed, "expected DOWN within 180 s", model.Failed},
		{types.SpecStateFailed, "inconclusive: is only a word in a text", model.Failed},
		{types.SpecStatePanicked, "boom", model.Panicked},
		{types.SpecStateTimedout, "too late", model.TimedOut},
		{types.SpecStateInterrupted, "Ctrl-C", model.Interrupted},
		{types.SpecStatePending, "", model.Pending},
		{types.SpecStateSkipped, "no relay here", model.Skipped},
	}
	for _, c := range cases {
		s := spec("A data center crashes", "is declared DOWN", c.state, "S03")
		s.Failure.Message = c.message
		run := Run(types.Report{SpecReports: types.SpecReports{s}}, "outage", nil)
		if len(run.Scenarios) != 1 || run.Scenarios[0].Outcome != c.want || run.Scenarios[0].ID != "S03" {
			t.Errorf("%v %q: got %+v, want outcome %s", c.state, c.message, run.Scenarios, c.want)
		}
		if c.message != "" && !strings.Contains(strings.Join(run.Scenarios[0].Reasons, " "), c.message) {
			t.Errorf("%v: reasons %q do not say why", c.state, run.Scenarios[0].Reasons)
		}
	}
}

func TestFilteredSpecsAreNotPartOfTheRun(t *testing.T) {
	report := types.Report{
		SuiteConfig: types.SuiteConfig{LabelFilter: "S16"},
		SpecReports: types.SpecReports{
			spec("A crash", "is declared DOWN", types.SpecStateSkipped, "S03"),
			spec("A partition", "splits", types.SpecStatePassed, "S16"),
		},
	}
	run := Run(report, "partition", nil)
	if len(run.Scenarios) != 1 || run.Scenarios[0].ID != "S16" {
		t.Errorf("got %+v, want S16 alone", run.Scenarios)
	}
}

func TestInterruptedRunListsWhatDidNotRun(t *testing.T) {
	report := types.Report{
		SuiteConfig:                types.SuiteConfig{LabelFilter: "outage"},
		SpecialSuiteFailureReasons: []string{"Interrupted by User"},
		SpecReports:                types.SpecReports{spec("A crash", "is declared DOWN", types.SpecStateSkipped, "S03", "outage")},
	}
	run := Run(report, "outage", nil)
	if !run.Interrupted || len(run.Scenarios) != 1 || run.Scenarios[0].Outcome == model.Passed {
		t.Errorf("got %+v", run)
	}
}

func TestStoredVerdictIsNotOverruledByGreenSteps(t *testing.T) {
	stored := []Stored{{Scenario: model.Scenario{ID: "S03", Name: "A crash", Outcome: model.Failed, Reasons: []string{"data loss missed"}}}}
	run := Run(types.Report{SpecReports: types.SpecReports{spec("A crash", "recovers", types.SpecStatePassed, "S03")}}, "outage", stored)
	if run.Scenarios[0].Outcome != model.Failed {
		t.Errorf("outcome %s, want failed", run.Scenarios[0].Outcome)
	}
}

func TestFolderKeepsScenariosAndReportsWhatItCannotRead(t *testing.T) {
	reports := t.TempDir()
	folder, err := Open(reports, "abc", "outage")
	if err != nil {
		t.Fatal(err)
	}
	want := model.Scenario{ID: "S03", Name: "A data center crashes/dies", Outcome: model.Passed}
	path, err := folder.Save(Stored{RunID: "abc", Scenario: want})
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Base(path) != "s03-a-data-center-crashes-dies.json" {
		t.Errorf("stored as %s", path)
	}
	if err := os.WriteFile(filepath.Join(folder.Path(), "broken.json"), []byte(`{"schema":1,"surprise":true}`), 0o644); err != nil {
		t.Fatal(err)
	}
	all, err := LoadAll(reports)
	if err == nil || !strings.Contains(err.Error(), "surprise") {
		t.Errorf("error %v; want the unknown field named", err)
	}
	if len(all) != 1 || all[0].Scenario.Name != want.Name {
		t.Errorf("read back %+v", all)
	}
}

func TestOpenSaysWhatToDoAboutAnUnwritableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file, "abc", "outage"); err == nil || !strings.Contains(err.Error(), "CROSSDC_REPORTS") {
		t.Errorf("error %v; want a remedy", err)
	}
}

func TestRunIDIsTheSameForAllSuitesOfOneCommand(t *testing.T) {
	first, err := RunID()
	if err != nil {
		t.Fatal(err)
	}
	second, _ := RunID()
	if first != second || len(first) != 12 {
		t.Errorf("run ids %q and %q", first, second)
	}
}
