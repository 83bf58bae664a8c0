package record

import (
	"os"
	"path/filepath"
	"slices"
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
		s.Failure.Message, s.NumAttempts = c.message, 1
		run := Run(types.Report{SpecReports: types.SpecReports{s}}, "outage", nil, nil, false)
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
	run := Run(report, "partition", nil, nil, false)
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
	run := Run(report, "outage", nil, nil, true)
	if !run.Interrupted || len(run.Scenarios) != 1 || run.Scenarios[0].Outcome == model.Passed {
		t.Errorf("got %+v", run)
	}
}

func TestStoredVerdictIsNotOverruledByGreenSteps(t *testing.T) {
	stored := []Stored{{Scenario: model.Scenario{Key: "a-crash", ID: "S03", Name: "A crash", Outcome: model.Failed, Reasons: []string{"data loss missed"}}}}
	run := Run(types.Report{SpecReports: types.SpecReports{spec("A crash", "recovers", types.SpecStatePassed, "S03", "drill=a-crash")}}, "outage", nil, stored, false)
	if run.Scenarios[0].Outcome != model.Failed {
		t.Errorf("outcome %s, want failed", run.Scenarios[0].Outcome)
	}
}

// planned is a drill of which nothing is known but what its author wrote.
func planned(key, name string) Planned {
	return Planned{Depth: 1, Scenario: model.Scenario{Key: key, ID: "S03", Name: name, Family: "outage", Outcome: model.Running, DeclaredSteps: 2}}
}

func TestDrillsOfTheSameTextInOneContainerAreTwoScenarios(t *testing.T) {
	var specs types.SpecReports
	for _, key := range []string{"a-crash", "a-crash-2"} {
		for _, leaf := range []string{"is steady", "recovers"} {
			s := spec("A crash", leaf, types.SpecStatePassed, "S03", "drill="+key)
			s.ContainerHierarchyTexts = []string{"Everything that our team needs", "A crash", "and then"}
			specs = append(specs, s)
		}
	}
	specs[3].State, specs[3].Failure.Message = types.SpecStateFailed, "expected one thing"
	plan := []Planned{planned("a-crash", "A crash"), planned("a-crash-2", "A crash (2)")}
	plan[0].Depth, plan[1].Depth = 2, 2
	stored := []Stored{{Scenario: model.Scenario{Key: "a-crash", ID: "S03", Name: "A crash", Hazards: []model.Hazard{{Quirk: "Q1"}}, Outcome: model.HazardReproduced}}}
	run := Run(types.Report{SpecReports: specs}, "acceptance", plan, stored, false)
	if len(run.Scenarios) != 2 {
		t.Fatalf("%d scenarios, want 2", len(run.Scenarios))
	}
	first, second := run.Scenarios[0], run.Scenarios[1]
	if first.Outcome != model.HazardReproduced || len(first.Hazards) != 1 || len(first.Steps) != 2 || first.Steps[0].Name != "and then is steady" {
		t.Errorf("the first: %+v", first)
	}
	if second.Outcome != model.Failed || second.Name != "A crash (2)" || len(second.Steps) != 2 {
		t.Errorf("the second: %+v", second)
	}
}

func TestPlannedDrillsAreThereWhateverBecameOfTheSuite(t *testing.T) {
	plan := []Planned{planned("a-crash", "A crash"), planned("a-hang", "A hang")}
	ran := spec("A crash", "is steady", types.SpecStatePassed, "S03", "drill=a-crash")
	never := spec("A hang", "is steady", types.SpecStateSkipped, "S03", "drill=a-hang")
	before := types.SpecReport{LeafNodeType: types.NodeTypeBeforeSuite, State: types.SpecStateFailed, Failure: types.Failure{Message: "CROSSDC_RATE=\"x\": a number is wanted\nmore"}}
	for _, c := range []struct {
		name   string
		report types.Report
		told   bool
		want   []model.Outcome
		why    string
	}{
		{"the set-up failed", types.Report{SpecReports: types.SpecReports{before}}, false, []model.Outcome{model.NotTested, model.NotTested}, "a number is wanted"},
		{"told to end between two specs", types.Report{SpecialSuiteFailureReasons: []string{"says what it likes"}, SpecReports: types.SpecReports{ran, never}}, true,
			[]model.Outcome{model.Interrupted, model.Interrupted}, "interrupted before this scenario began"},
		{"fail fast", types.Report{SuiteConfig: types.SuiteConfig{FailFast: true}, SpecReports: types.SpecReports{ran, never}}, false,
			[]model.Outcome{model.Interrupted, model.Interrupted}, "--fail-fast"},
		{"Ginkgo did not select it", types.Report{SuiteSucceeded: true, SpecReports: types.SpecReports{ran, never}}, false, []model.Outcome{model.Interrupted}, ""},
	} {
		run := Run(c.report, "outage", plan, nil, c.told)
		var got []model.Outcome
		var reasons []string
		for _, s := range run.Scenarios {
			got, reasons = append(got, s.Outcome), append(reasons, s.Reasons...)
		}
		if !slices.Equal(got, c.want) || !strings.Contains(strings.Join(reasons, "; "), c.why) {
			t.Errorf("%s: %v (%q), want %v with %q", c.name, got, reasons, c.want, c.why)
		}
	}
}

func TestStepsThatTheSelectionLeavesOutLeaveTheScenarioUnproven(t *testing.T) {
	ran := spec("A crash", "is steady", types.SpecStatePassed, "S03", "drill=a-crash")
	never := spec("A crash", "recovers", types.SpecStateSkipped, "S03", "drill=a-crash")
	run := Run(types.Report{SuiteSucceeded: true, SpecReports: types.SpecReports{ran, never}}, "outage", []Planned{planned("a-crash", "A crash")},
		[]Stored{{Scenario: model.Scenario{Key: "a-crash", Outcome: model.Passed}}}, false)
	if s := run.Scenarios[0]; s.Outcome != model.OutcomeInconclusive || !strings.Contains(strings.Join(s.Reasons, " "), "1 of its 2 steps were left out") {
		t.Errorf("%s (%q)", s.Outcome, s.Reasons)
	}
}

func TestOneReasonHoweverManyStepsItSkips(t *testing.T) {
	var specs types.SpecReports
	for _, leaf := range []string{"is steady", "recovers", "comes home"} {
		s := spec("A crash", leaf, types.SpecStateSkipped, "S03", "drill=a-crash")
		s.Failure.Message, s.NumAttempts = "no relay here", 1 // each of them was tried
		specs = append(specs, s)
	}
	run := Run(types.Report{SpecReports: specs}, "outage", []Planned{planned("a-crash", "A crash")}, nil, false)
	if s := run.Scenarios[0]; s.Outcome != model.Skipped || !slices.Equal(s.Reasons, []string{"no relay here"}) {
		t.Errorf("%s %q", s.Outcome, s.Reasons)
	}
}

// TestTheCauseComesBeforeWhatFollowsFromIt: a scenario that never came to its fault says first what its step met, and what was
// therefore not measured after it; that Ginkgo left the other steps out is no reason at all.
func TestTheCauseComesBeforeWhatFollowsFromIt(t *testing.T) {
	first := spec("A crash", "serves events", types.SpecStateFailed, "S03")
	first.Failure.Message = "no event came through dc2"
	rest := spec("A crash", "is declared DOWN", types.SpecStateSkipped, "S03")
	rest.Failure.Message = "Spec skipped because an earlier spec in an ordered container failed"
	planned := []Planned{{Scenario: model.Scenario{Key: "a-crash", ID: "S03", Name: "A crash"}, Depth: 1}}
	for i, s := range []*types.SpecReport{&first, &rest} {
		s.LeafNodeLabels = []string{"drill=a-crash"}
		s.StartTime = time.Unix(int64(100+i), 0)
	}
	stored := []Stored{{RunID: "r1", Scenario: model.Scenario{Key: "a-crash", ID: "S03", Name: "A crash", Outcome: model.OutcomeInconclusive, Reasons: []string{"verdict: the loss was not measured"}}}}
	run := Run(types.Report{SpecReports: types.SpecReports{first, rest}}, "outage", planned, stored, false)
	if want := []string{"serves events: no event came through dc2", "verdict: the loss was not measured"}; len(run.Scenarios) != 1 || !slices.Equal(run.Scenarios[0].Reasons, want) {
		t.Errorf("reasons %q, want %q", run.Scenarios[0].Reasons, want)
	}

	first.State, first.Failure.Message = types.SpecStateSkipped, "no Data Exchange is configured"
	rest.Failure.Message = "Spec skipped because Skip() was called in BeforeAll"
	stored[0].Scenario.Outcome, stored[0].Scenario.Reasons = model.Skipped, []string{"no Data Exchange is configured"}
	run = Run(types.Report{SpecReports: types.SpecReports{first, rest}}, "outage", planned, stored, false)
	if want := []string{"no Data Exchange is configured"}; len(run.Scenarios) != 1 || run.Scenarios[0].Outcome != model.Skipped || !slices.Equal(run.Scenarios[0].Reasons, want) {
		t.Errorf("%+v, want skipped for %q alone", run.Scenarios, want)
	}
}

func TestLocationIsTheStepsLineInTheFileOfItsAuthor(t *testing.T) {
	s := spec("A crash", "recovers", types.SpecStateFailed, "S03", "drill=a-crash")
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	s.LeafNodeLocation = types.CodeLocation{FileName: filepath.Join(here, "crash.go"), LineNumber: 21}
	s.Failure = types.Failure{Message: "expected", Location: types.CodeLocation{FileName: "/modules/github.com/onsi/ginkgo/v2@v2/internal/node.go", LineNumber: 409}}
	run := Run(types.Report{SuitePath: here, SpecReports: types.SpecReports{s}}, "outage", nil, nil, false)
	if got := run.Scenarios[0].Steps[0].Location; got != "support/scenario/record/crash.go:21" {
		t.Errorf("location %q", got)
	}
	s.LeafNodeLocation.FileName = "/modules/github.com/crossdc/failover@v1.0.0/suites/outage/crash.go"
	run = Run(types.Report{SuitePath: here, SpecReports: types.SpecReports{s}}, "outage", nil, nil, false)
	if got := run.Scenarios[0].Steps[0].Location; got != "outage/crash.go:21" {
		t.Errorf("location %q", got)
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
