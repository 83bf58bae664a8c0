package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/timeline"
)

// result is what one spec said of one bug.
type result struct {
	Switch   string `json:"switch"`    // empty for a control
	At       string `json:"at"`        // dc1, dc2, or senses
	CaughtBy string `json:"caught_by"` // "S03: <step>"; empty when nothing did
	Verdict  string `json:"verdict"`   // of the scenario
	Said     string `json:"said"`      // the step's own words, first line
	Attempts int    `json:"attempts"`
	Run      string `json:"run"` // folder with the reports of the run

	outcome model.Outcome // of the scenario; Verdict is its word
	control string        // the spec whose control this is
	wrong   string        // why this proves nothing, or proves the spec wrong; empty when all is well
}

func (p proof) result(attempt int) result {
	r := result{Switch: p.bug, At: p.at, Attempts: attempt}
	if p.bug == "" {
		r.control = p.id
	}
	return r
}

// again says whether another attempt may tell more.
func (r result) again() bool {
	if r.control != "" {
		return r.wrong != "" && !r.outcome.Meaning().Proves
	}
	return r.CaughtBy == ""
}

func (p proof) failed(attempt int, err error) result {
	r := p.result(attempt)
	r.Verdict, r.wrong = "none", err.Error()
	return r
}

// judge reads what a run stored. A bug is caught when the scenario's own step fails and says why, or, for a bug that takes away
// what a verdict rests on, when the step doubts while no process was starved; a scenario that fails anywhere else, for
// whatever reason, has not caught it.
func (p proof) judge(attempt int, folder string, passed bool) result {
	run, err := store.Read(filepath.Join(folder, store.RunFile))
	if err != nil {
		return p.failed(attempt, fmt.Errorf("the run left no results (see %s): %w", filepath.Join(folder, "output.txt"), err))
	}
	r := p.result(attempt)
	r.Run = folder
	at := slices.IndexFunc(run.Scenarios, func(s model.Scenario) bool { return s.ID == p.id && (p.bug == "" || stepOf(s, p.step) >= 0) })
	if at < 0 {
		r.Verdict, r.wrong = "none", fmt.Sprintf("scenario %s with a step %q is not in the results", p.id, p.step)
		return r
	}
	scenario := run.Scenarios[at]
	if p.bug == "" {
		for _, s := range run.Scenarios { // several variants run under one number, and each must find nothing
			if s.ID == p.id && s.Outcome.Compare(scenario.Outcome) < 0 {
				scenario = s
			}
		}
	}
	if other := slices.IndexFunc(run.Scenarios, func(s model.Scenario) bool { return s.ID == beside[p.bug] && s.Outcome != model.Passed }); other >= 0 {
		scenario = run.Scenarios[other] // it was the second
	}
	r.outcome, r.Verdict = scenario.Outcome, scenario.Outcome.Word()
	if p.bug == "" {
		r.Said = first(scenario.Reasons)
		switch {
		case !scenario.Outcome.Meaning().Proves:
			r.wrong = "it proves nothing here; is the machine busy?"
		case !passed || scenario.Outcome != model.Passed && scenario.Outcome != model.HazardReproduced:
			r.wrong = "it finds something where nothing is broken"
		}
		return r
	}
	if len(run.Proving) == 0 {
		r.wrong = "the report does not say that something was broken on purpose"
		return r
	}
	step := stepOf(scenario, p.step)
	said := plainly(scenario.Steps[step].Failure)
	switch outcome := scenario.Steps[step].Outcome; {
	case passed || scenario.Outcome == model.Passed:
		r.wrong = "nobody caught it"
	case scenario.Outcome != model.Failed && scenario.Outcome != model.OutcomeInconclusive:
		r.Said, r.wrong = first(scenario.Reasons), "that is no verdict on it"
	case outcome != model.Failed && outcome != model.OutcomeInconclusive:
		r.Said, r.wrong = first(scenario.Reasons), fmt.Sprintf("the step %q did not catch it", p.step)
	case outcome == model.OutcomeInconclusive && !doubted[p.key()]:
		r.Said, r.wrong = said, fmt.Sprintf("the step %q doubts where it should fail; is the machine busy?", p.step)
	case outcome == model.OutcomeInconclusive && starved(scenario):
		r.Said, r.wrong = said, fmt.Sprintf("the step %q doubts, but a process was starved", p.step)
	default:
		r.CaughtBy, r.Said = scenario.ID+": "+p.step, said
	}
	return r
}

// stepOf finds a step of a scenario by its name; below 0 when it has none. Variants of a scenario may differ in it.
func stepOf(s model.Scenario, name string) int {
	return slices.IndexFunc(s.Steps, func(step model.Step) bool { return step.Name == name })
}

// starved says whether any process of the run waited for a core: then a doubt may be the machine's and not the bug's.
func starved(s model.Scenario) bool {
	return slices.ContainsFunc(s.Observations, func(o model.Observation) bool {
		return o.Event == timeline.ObserverStarved || o.Event == timeline.ObserverSlow || o.Event == timeline.DataCentersSlow
	})
}

// maxWords bounds what prove.json repeats of a step, in bytes; the run has it all.
const maxWords = 600

// plainly leaves out how long a step waited and how it is set in lines.
func plainly(said string) string {
	said = strings.Join(strings.Fields(said), " ")
	if waited, what, ok := strings.Cut(said, "s. "); ok && strings.HasPrefix(waited, "Timed out after ") {
		said = what
	}
	if len(said) > maxWords {
		said = strings.ToValidUTF8(said[:maxWords], "") + " .."
	}
	return said
}

func first(reasons []string) string {
	if len(reasons) == 0 {
		return ""
	}
	return reasons[0]
}

// write stores the results of the bugs; controls only have to pass.
func write(path string, results []result) error {
	list := slices.DeleteFunc(slices.Clone(results), func(r result) bool { return r.control != "" })
	raw, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.WriteFile(path+".part", append(raw, '\n'), 0o644); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(path+".part", path)
}

// failures joins what must not be.
func failures(results []result) error {
	var problems []error
	for _, r := range results {
		if r.wrong != "" {
			problems = append(problems, fmt.Errorf("%s: %s: verdict %s, %s", r.name(), r.wrong, r.Verdict, r.Run))
		}
	}
	return errors.Join(problems...)
}

func (r result) name() string {
	name := r.Switch
	if r.control != "" {
		name = "(nothing) " + r.control
	}
	if _, level, described := strings.Cut(r.At, " "); described {
		name += ", " + level
	}
	return name
}

// count says how many there were.
func count(results []result) string {
	caught, bugs, clean, plain := 0, 0, 0, 0
	for _, r := range results {
		switch {
		case r.control != "" && r.wrong == "":
			clean++
			plain++
		case r.control != "":
			plain++
		case r.CaughtBy != "":
			caught++
			bugs++
		default:
			bugs++
		}
	}
	return fmt.Sprintf("%d of %d bugs caught, %d of %d specs clean without a bug", caught, bugs, clean, plain)
}
