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
	"github.com/crossdc/failover/reports/summary"
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

	control string // the spec whose control this is
	wrong   string // why this proves nothing, or proves the spec wrong; empty when all is well
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
		return r.wrong != "" && r.Verdict == string(model.OutcomeInconclusive)
	}
	return r.CaughtBy == ""
}

func (p proof) failed(attempt int, err error) result {
	r := p.result(attempt)
	r.Verdict, r.wrong = "none", err.Error()
	return r
}

// judge reads the summary of a run. A bug is caught when the scenario's own step fails or is inconclusive and says why;
// a scenario that fails anywhere else, for whatever reason, has not caught it.
func (p proof) judge(attempt int, folder string, passed bool) result {
	raw, err := os.ReadFile(filepath.Join(folder, "summary.json"))
	if err != nil {
		return p.failed(attempt, fmt.Errorf("the run left no summary (see %s): %w", filepath.Join(folder, "output.txt"), err))
	}
	var s summary.Summary
	if err := json.Unmarshal(raw, &s); err != nil {
		return p.failed(attempt, fmt.Errorf("read the summary in %s: %w", folder, err))
	}
	r := p.result(attempt)
	r.Run = folder
	at := slices.IndexFunc(s.Scenarios, func(line summary.Scenario) bool { return line.ID == p.id })
	if at < 0 {
		r.Verdict, r.wrong = "none", fmt.Sprintf("scenario %s is not in the summary", p.id)
		return r
	}
	line := s.Scenarios[at]
	r.Verdict = line.Verdict
	if p.bug == "" {
		r.Said = first(line.Reasons)
		switch {
		case line.Verdict == string(model.OutcomeInconclusive):
			r.wrong = "it proves nothing here; is the machine busy?"
		case !passed || line.Verdict != string(model.Passed):
			r.wrong = "it finds something where nothing is broken"
		}
		return r
	}
	if !slices.ContainsFunc(s.Notes, func(note string) bool { return strings.Contains(note, p.bug) }) {
		r.wrong = "the report does not say that something was broken on purpose"
		return r
	}
	said, by := words(line.Reasons, p.step)
	caught := line.Verdict == string(model.Failed) || line.Verdict == string(model.OutcomeInconclusive)
	switch {
	case passed || !caught:
		r.wrong = "nobody caught it"
	case !by:
		r.Said, r.wrong = first(line.Reasons), fmt.Sprintf("the step %q did not catch it", p.step)
	default:
		r.CaughtBy, r.Said = p.id+": "+p.step, said
	}
	return r
}

// words are what a step said.
func words(reasons []string, step string) (said string, ok bool) {
	for _, reason := range reasons {
		if rest, found := strings.CutPrefix(reason, step+": "); found {
			return plainly(rest), true
		}
	}
	return "", false
}

// plainly leaves out how long a step waited, and what the verdict of the run repeats.
func plainly(said string) string {
	if waited, what, ok := strings.Cut(said, "s. "); ok && strings.HasPrefix(waited, "Timed out after ") {
		said = what
	}
	return strings.TrimPrefix(strings.TrimPrefix(said, "inconclusive: "), "verdict: ")
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
	if r.control != "" {
		return "(nothing) " + r.control
	}
	return r.Switch
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
