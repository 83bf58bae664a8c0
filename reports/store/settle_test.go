package store

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/summary"
)

// begun is a suite that has written down its plan.
func begun(suite string, process, command *model.Process, planned ...string) model.Run {
	return model.Run{ID: "r", Suites: []string{suite}, Folders: []string{"suites/" + suite}, Planned: planned, Started: time.Unix(100, 0),
		Process: process, Command: command,
		Scenarios: []model.Scenario{{Key: suite + "-drill", ID: "S03", Name: "A drill", Family: suite, Outcome: model.Running}}}
}

// dead is a process that has just ended.
func dead(t *testing.T) *model.Process {
	t.Helper()
	command := exec.Command("sleep", "60")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	p := process(command.Process.Pid)
	if p == nil || !alive(p) {
		t.Fatal("a process that was just started is not alive")
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // killed
	if alive(p) {
		t.Fatal("a process that was killed is alive")
	}
	return p
}

func TestASuiteThatWrotePlansOnlyIsRunningAsLongAsItsProcess(t *testing.T) {
	folder := Folder{Dir: t.TempDir()}
	if err := folder.Publish(begun("outage", Self(), Parent(), "suites/outage")); err != nil {
		t.Fatal(err)
	}
	run, err := folder.Current()
	if err != nil || run.Scenarios[0].Outcome != model.Running || run.Interrupted {
		t.Fatalf("%v, %+v", err, run)
	}
	if worst := summary.Worst(run); worst.ExitCode() != 1 {
		t.Errorf("%s passes", worst)
	}
	if err := folder.Publish(begun("outage", dead(t), Parent(), "suites/outage")); err != nil {
		t.Fatal(err)
	}
	if run, err = folder.Current(); err != nil || run.Scenarios[0].Outcome != model.Interrupted || !run.Interrupted || len(run.Scenarios[0].Reasons) != 1 {
		t.Fatalf("%v, %+v", err, run)
	}
	for _, name := range []string{JUnitFile, "junit-outage.xml"} {
		raw, err := os.ReadFile(filepath.Join(folder.Dir, name))
		if err != nil || !strings.Contains(string(raw), `type="interrupted"`) {
			t.Errorf("%s (%v): %s", name, err, raw)
		}
	}
	again, err := folder.Current()
	if err != nil || len(again.Scenarios[0].Reasons) != 1 {
		t.Errorf("asked again: %v, %+v", err, again)
	}
}

func TestSuitesThatWerePlannedAndLeftNothingAreNamed(t *testing.T) {
	folder := Folder{Dir: t.TempDir()}
	planned := []string{"suites/outage", "suites/partition"}
	done := begun("outage", nil, Parent(), planned...)
	done.Finished, done.Scenarios[0].Outcome = time.Unix(200, 0), model.Passed
	if err := folder.Publish(done); err != nil {
		t.Fatal(err)
	}
	run, err := folder.Current()
	if err != nil || len(run.Scenarios) != 2 || run.Scenarios[1].Outcome != model.Running || run.Scenarios[1].ID != model.SuiteID {
		t.Fatalf("%v, %+v", err, run.Scenarios)
	}
	done.Command = dead(t)
	if err := folder.Publish(done); err != nil {
		t.Fatal(err)
	}
	if run, err = folder.Current(); err != nil || len(run.Scenarios) != 2 || run.Scenarios[1].Outcome != model.Interrupted || run.Scenarios[1].Name != "suites/partition" {
		t.Fatalf("%v, %+v", err, run.Scenarios)
	}
	if worst := summary.Worst(run); worst != model.Interrupted {
		t.Errorf("the run is %s", worst)
	}
	late := begun("partition", nil, done.Command, planned...)
	late.Finished, late.Scenarios[0].Outcome = time.Unix(300, 0), model.Passed
	if err := folder.Publish(late); err != nil {
		t.Fatal(err)
	}
	if run, err = folder.Current(); err != nil || len(run.Scenarios) != 2 || summary.Worst(run) != model.Passed {
		t.Errorf("both are there: %v, %+v", err, run)
	}
}

func TestASuiteThatHasEndedHasNothingThatRuns(t *testing.T) {
	folder := Folder{Dir: t.TempDir()}
	first := begun("outage", Self(), Parent(), "suites/outage")
	first.Scenarios = append(first.Scenarios, model.Scenario{Key: "not-selected", ID: "S04", Name: "Focused away", Family: "outage", Outcome: model.Running})
	if err := folder.Publish(first); err != nil {
		t.Fatal(err)
	}
	last := begun("outage", nil, Parent(), "suites/outage")
	last.Finished, last.Scenarios[0].Outcome = time.Unix(200, 0), model.Passed
	run, err := folder.PublishWith(last, func(all model.Run) []model.Scenario {
		if len(all.Scenarios) != 1 {
			t.Errorf("asked with %d scenarios", len(all.Scenarios))
		}
		return []model.Scenario{{ID: model.SuiteID, Name: "one more", Family: "outage", Outcome: model.NotTested}}
	})
	if err != nil || len(run.Scenarios) != 2 || run.Scenarios[1].Name != "one more" {
		t.Fatalf("%v, %+v", err, run.Scenarios)
	}
	stored, err := Read(filepath.Join(folder.Dir, "outage.json"))
	if err != nil || len(stored.Scenarios) != 2 || stored.Process != nil {
		t.Errorf("%v, %+v", err, stored)
	}
}

func TestASuiteOfWhichNothingWasSelectedLeavesItsPlanAndNoEmptyJUnit(t *testing.T) {
	folder := Folder{Dir: t.TempDir()}
	run := begun("outage", nil, Parent(), "suites/outage")
	run.Scenarios, run.Finished = nil, time.Unix(200, 0)
	merged, err := folder.PublishWith(run, nil)
	if err != nil || !slices.Equal(merged.Folders, run.Folders) {
		t.Fatalf("%v, %+v", err, merged)
	}
	if _, err := os.Stat(filepath.Join(folder.Dir, "junit-outage.xml")); err == nil {
		t.Error("there is an empty JUnit file")
	}
	if worst := summary.Worst(merged); worst.Green() {
		t.Errorf("a run in which nothing was selected is %s", worst)
	}
}

func TestOneWrongValueDoesNotTakeTheRunAlong(t *testing.T) {
	good := model.Scenario{Key: "good", ID: "S01", Name: "Good", Family: "outage", Outcome: model.Passed}
	reversed := model.Scenario{Key: "reversed", ID: "S03", Name: "Reversed", Family: "outage", Outcome: model.Passed, Observations: []model.Observation{
		{Site: "dc1", Indicator: "PE traces", Event: "peer down", When: model.Interval{Earliest: 20, Latest: 10}},
		{Site: "dc1", Indicator: "status stream", Event: "peer down", When: model.Interval{Earliest: 10, Latest: 20}}}}
	broken := model.Scenario{Key: "broken", ID: "S08", Name: "Broken", Family: "outage", Outcome: model.Failed, Reasons: []string{"too late"},
		Measures: model.Measures{Detection: &model.Measure{LatestSeconds: math.NaN(), Verdict: model.Met}},
		Steps:    []model.Step{{Name: "is steady", Outcome: model.Passed}, {Name: "is odd", Seconds: math.Inf(1)}}}
	folder := Folder{Dir: t.TempDir()}
	run, err := folder.PublishWith(model.Run{ID: "r", Suites: []string{"outage"}, Finished: time.Unix(200, 0), Scenarios: []model.Scenario{good, reversed, broken}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s := run.Scenarios[0]; s.Outcome != model.Passed {
		t.Errorf("good: %+v", s)
	}
	if s := run.Scenarios[1]; s.Outcome != model.OutcomeInconclusive || len(s.Observations) != 1 || len(s.Contradictions) != 1 || !strings.Contains(s.Contradictions[0], "PE traces at dc1") {
		t.Errorf("reversed: %+v", s)
	}
	if s := run.Scenarios[2]; s.Outcome != model.Failed || s.Measures.Detection != nil || len(s.Steps) != 1 || !strings.Contains(s.Contradictions[0], "measures.detection.latest_s") {
		t.Errorf("broken: %+v", s)
	}
}
