package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/scenario"
	"github.com/crossdc/failover/support/timeline"
)

// Every bug that can be switched on must have a proof, or nobody knows whether it would be caught. The emulator says itself
// which it knows: it is another program, which may not be imported.
func TestEveryBugHasAProof(t *testing.T) {
	emulator := exec.Command("go", "run", "./fixtures/emulator", "switches")
	emulator.Dir = filepath.Join("..", "..", "..")
	output, err := emulator.Output()
	if err != nil {
		t.Fatal(err)
	}
	var switches []struct{ Name, Does string }
	if err := json.Unmarshal(output, &switches); err != nil {
		t.Fatal(err)
	}
	at := map[string]bool{}
	for _, s := range switches {
		at[s.Name] = false
	}
	for _, s := range scenario.Senses() {
		at[s.Name] = true
	}
	if len(switches) < 6 || len(scenario.Senses()) < 6 {
		t.Errorf("only %d bug switches and %d senses", len(switches), len(scenario.Senses()))
	}
	for _, p := range proofs {
		if ours, known := at[p.bug]; !known || ours != (p.at == senses) {
			t.Errorf("nothing at %s can be broken as %q", p.at, p.bug)
		}
	}
	for name := range at {
		if !slices.ContainsFunc(proofs, func(p proof) bool { return p.bug == name }) {
			t.Errorf("%s has no proof", name)
		}
	}
}

// The spec of every proof must also be shown to be clean without the bug.
func TestEverySpecHasAControl(t *testing.T) {
	for i, c := range controls {
		if slices.Index(controls, c) != i {
			t.Errorf("the control of %s of %s is there twice", c.id, c.suite)
		}
	}
	for _, p := range proofs {
		if !slices.ContainsFunc(controls, func(c proof) bool { return c.suite == p.suite && c.id == p.id }) {
			t.Errorf("%s is caught by %s of %s, which has no control", p.bug, p.id, p.suite)
		}
	}
}

func judged(t *testing.T, p proof, run model.Run, passed bool) result {
	t.Helper()
	folder := t.TempDir()
	if err := store.Write(filepath.Join(folder, store.RunFile), run); err != nil {
		t.Fatal(err)
	}
	return p.judge(1, folder, passed)
}

func TestOnlyTheNamedStepCatches(t *testing.T) {
	bug := proof{bug: "never-notices", at: "dc2", suite: "outage", id: "S03", step: detection}
	blinding := proof{bug: "dropped-observations", at: senses, suite: "outage", id: "S03", step: detection}
	control := proof{suite: "outage", id: "S03"}
	starvation := model.Observation{Event: timeline.ObserverStarved, Evidence: "a core was missing"}
	ran := func(proving bool, outcome model.Outcome, step string, ended model.Outcome, seen ...model.Observation) model.Run {
		run := model.Run{ID: "r", Suites: []string{"outage"}, Scenarios: []model.Scenario{{ID: "S03", Name: "crash", Family: "outage", Outcome: outcome,
			Observations: seen, Steps: []model.Step{{Name: step, Outcome: ended, Failure: "Timed out after 3.0s.\nx"}}}}}
		if proving {
			run.Proving = []string{"for proving only"}
		}
		return run
	}
	for _, c := range []struct {
		name   string
		proof  proof
		run    model.Run
		passed bool
		proven bool
	}{
		{"caught", bug, ran(true, model.Failed, detection, model.Failed), false, true},
		{"a doubt does not count", bug, ran(true, model.OutcomeInconclusive, detection, model.OutcomeInconclusive), false, false},
		{"a doubt counts where the bug can cause no more", blinding, ran(true, model.OutcomeInconclusive, detection, model.OutcomeInconclusive), false, true},
		{"but not that of a starved run", blinding, ran(true, model.OutcomeInconclusive, detection, model.OutcomeInconclusive, starvation), false, false},
		{"a failure of a starved run counts", bug, ran(true, model.Failed, detection, model.Failed, starvation), false, true},
		{"passed", bug, ran(true, model.Passed, detection, model.Passed), true, false},
		{"another step failed", bug, ran(true, model.Failed, steady, model.Failed), false, false},
		{"the step passed", bug, ran(true, model.Failed, detection, model.Passed), false, false},
		{"the bug was not on", bug, ran(false, model.Failed, detection, model.Failed), false, false},
		{"a panic is no verdict", bug, ran(true, model.Panicked, detection, model.Panicked), false, false},
		{"not tested is no verdict", bug, ran(true, model.NotTested, detection, model.NotTested), false, false},
		{"no such scenario", bug, model.Run{ID: "r", Suites: []string{"outage"}, Proving: []string{"x"}}, false, false},
		{"a clean control", control, ran(false, model.Passed, detection, model.Passed), true, true},
		{"an inconclusive control", control, ran(false, model.OutcomeInconclusive, steady, model.OutcomeInconclusive), false, false},
		{"a control with a finding", control, ran(false, model.Failed, detection, model.Failed), false, false},
		{"a control whose process failed", control, ran(false, model.Passed, detection, model.Passed), false, false},
	} {
		r := judged(t, c.proof, c.run, c.passed)
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
		"Timed out after 3.000s.\nexpected dc2 to\n    hold dc1 DOWN": "expected dc2 to hold dc1 DOWN",
		"too early: dc2 declared DOWN 92 s after":                     "too early: dc2 declared DOWN 92 s after",
		strings.Repeat("long ", maxWords):                             strings.Repeat("long ", maxWords/5) + " ..",
	} {
		if got := plainly(said); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}

// Results are those of their proofs, whichever run ended first, and no more run at once than allowed.
func TestProofsRunSeveralAtOnce(t *testing.T) {
	const parallel = 3
	todo := make([]proof, 20)
	for i := range todo {
		todo[i].bug = strconv.Itoa(i)
	}
	var now atomic.Int64
	together, once := make(chan struct{}), sync.Once{}
	shown := 0
	results := inParallel(todo, parallel, func(p proof) result {
		defer now.Add(-1)
		switch n := now.Add(1); {
		case n == parallel:
			once.Do(func() { close(together) })
		case n > parallel:
			t.Errorf("%d at once", n)
		}
		<-together // nobody ends before as many as allowed have run at once
		return result{Switch: p.bug}
	}, func(result) { shown++ })
	for i, r := range results {
		if r.Switch != strconv.Itoa(i) {
			t.Errorf("result %d is that of %s", i, r.Switch)
		}
	}
	if shown != len(todo) {
		t.Errorf("%d results shown", shown)
	}
}

func TestWhatIsTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		r     result
		again bool
	}{
		"a bug that was not caught":      {result{Switch: "x", Verdict: "passed", wrong: "nobody"}, true},
		"a bug that was caught":          {result{Switch: "x", CaughtBy: "S03", Verdict: "failed"}, false},
		"a clean control":                {result{control: "S03", outcome: model.Passed}, false},
		"a control that proved nothing":  {result{control: "S03", outcome: model.OutcomeInconclusive, wrong: "busy"}, true},
		"a control before any fault":     {result{control: "S03", outcome: model.NotTested, wrong: "load"}, true},
		"a control that found something": {result{control: "S03", outcome: model.Failed, wrong: "found"}, false},
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

func TestAControlIsAsGoodAsItsWorstVariant(t *testing.T) {
	control := proof{suite: "configuration", id: "S52"}
	ran := func(outcomes ...model.Outcome) model.Run {
		run := model.Run{ID: "r", Suites: []string{"configuration"}}
		for _, o := range outcomes {
			run.Scenarios = append(run.Scenarios, model.Scenario{ID: "S52", Name: string(o), Family: "configuration", Outcome: o})
		}
		return run
	}
	if r := judged(t, control, ran(model.Passed, model.Passed), true); r.wrong != "" {
		t.Errorf("all variants passed: %+v", r)
	}
	if r := judged(t, control, ran(model.Passed, model.OutcomeInconclusive, model.Passed), false); r.Verdict != model.OutcomeInconclusive.Word() || !r.again() {
		t.Errorf("one variant proved nothing, so it must be tried again: %+v", r)
	}
	if r := judged(t, control, ran(model.OutcomeInconclusive, model.Failed), false); r.Verdict != model.Failed.Word() || r.again() {
		t.Errorf("one variant failed: %+v", r)
	}
}
