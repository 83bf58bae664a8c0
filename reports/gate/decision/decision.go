// Package decision answers go or no-go: a pure function of the policy, the evidence, the histories and the time.
package decision

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/crossdc/failover/reports/gate/evidence"
	"github.com/crossdc/failover/reports/gate/policy"
	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/plain"
)

// SchemaVersion of the JSON form.
const SchemaVersion = 1

// control is the scenario in which nothing is injected, and nothing may be seen.
const control = "control"

// Decision is the gate's answer. It is go only when there is not a single reason against it.
type Decision struct {
	Schema       int        `json:"schema"`
	Decision     string     `json:"decision"` // "go", "no-go", or "unusable" when input could not be read
	At           time.Time  `json:"at"`
	Files        []string   `json:"files"`
	Runs         []string   `json:"runs"`
	Environments []string   `json:"environments"`
	AgeSeconds   *float64   `json:"age_s"`    // of the oldest evidence; null when nothing is dated
	Reasons      []Reason   `json:"reasons"`  // against go, grouped and bounded
	Count        int        `json:"count"`    // of all reasons, those that are left out too
	Accepted     []Accepted `json:"accepted"` // what the policy allows and the evidence shows
	Notes        []string   `json:"notes"`    // what a reader should know, no reason by itself
	Scenarios    []Scenario `json:"scenarios"`
}

// Accepted is something that is wrong, and that the policy allows by name.
type Accepted struct {
	What     string `json:"what"` // "hazard", "skipped", "inconclusive" or "flaky"
	Scenario string `json:"scenario"`
	Text     string `json:"text"` // the hazard and its title, or the reason
}

// Scenario is what the evidence says about one catalogue number.
type Scenario struct {
	ID       string   `json:"id"`
	Required bool     `json:"required"`
	Trials   int      `json:"trials"`
	Passed   int      `json:"passed"` // test cases
	Failed   int      `json:"failed"`
	Errors   int      `json:"errors"`
	Skipped  int      `json:"skipped"`
	Verdict  string   `json:"verdict"` // "go" or "no-go"
	Margins  []Margin `json:"margins,omitempty"`
}

// Input is everything that a decision rests on.
type Input struct {
	Policy   policy.Policy
	Files    []evidence.File
	Now      time.Time
	Baseline []history.Entry // of earlier runs; for the comparison
	Current  []history.Entry // of the runs to be judged; measured values in the files are used when empty
	Problems []string        // with the histories: shown as notes
}

func answer(now time.Time) Decision {
	return Decision{Schema: SchemaVersion, At: now.UTC(), Files: []string{}, Runs: []string{}, Environments: []string{}, Accepted: []Accepted{},
		Notes: []string{}, Scenarios: []Scenario{}, Reasons: []Reason{}}
}

// Unusable is the answer when input could not even be read.
func Unusable(now time.Time, problems ...error) Decision {
	d := answer(now)
	d.Decision = "unusable"
	for _, p := range problems {
		d.Reasons = append(d.Reasons, Reason{Code: "unusable", Text: p.Error()})
	}
	d.Count = len(d.Reasons)
	return d
}

// Decide looks at everything and returns every reason, not only the first; reasons of a kind are grouped.
func Decide(in Input) Decision {
	j := &judge{in: in, d: answer(in.Now)}
	for i, problem := range in.Problems {
		if i == maxNotes/2 {
			j.note("%d more problems with the histories are left out here", len(in.Problems)-i)
			break
		}
		j.note("%s", problem)
	}
	j.gather()
	j.origin()
	j.results()
	j.required()
	j.objectives()
	j.compare()
	j.d.Decision = "go"
	if j.reasons.total > 0 {
		j.d.Decision = "no-go"
	}
	j.d.Reasons, j.d.Count = j.reasons.list(in.Policy.Required), j.reasons.total
	bad := j.reasons.against()
	for _, id := range j.ids {
		s := j.drills[id].summary(bad[id], j.requires(id))
		s.Margins = j.margins(j.drills[id])
		j.d.Scenarios = append(j.d.Scenarios, s)
	}
	return j.d
}

type judge struct {
	in      Input
	d       Decision
	reasons reasons
	drills  map[string]*drill
	ids     []string // sorted
	cases   int
	passed  int
}

// drill is the evidence for one catalogue number.
type drill struct {
	id     string
	cases  []evidence.Case
	labels map[string]bool
}

func (j *judge) against(code, scenario, format string, args ...any) {
	j.reasons.add(code, scenario, fmt.Sprintf(format, args...))
}

func (j *judge) note(format string, args ...any) {
	if len(j.d.Notes) < maxNotes {
		j.d.Notes = append(j.d.Notes, plain.Clip(fmt.Sprintf(format, args...), maxText))
	}
}

func (j *judge) accept(what, scenario, format string, args ...any) {
	if len(j.d.Accepted) < maxReasons {
		j.d.Accepted = append(j.d.Accepted, Accepted{what, scenario, plain.Clip(fmt.Sprintf(format, args...), maxText)})
	}
}

func (j *judge) requires(id string) bool { return slices.Contains(j.in.Policy.Required, id) }

// known reports whether a label names a scenario: those that the policy names, for teams have names of their own.
func (j *judge) known(label string) bool {
	p := j.in.Policy
	return slices.Contains(p.Required, label) || slices.Contains(p.Skips, label) || slices.Contains(p.Inconclusive, label) || slices.Contains(p.Flaky, label)
}

func (j *judge) gather() {
	j.drills = map[string]*drill{}
	type name struct{ suite, class, name string }
	seen := map[name]string{}
	for _, f := range j.in.Files {
		j.d.Files = append(j.d.Files, f.Name)
		for _, p := range f.Problems {
			j.against("inconsistent", "", "%s: %s", f.Name, p)
		}
		n := 0
		for _, s := range f.Suites {
			for _, c := range s.Cases {
				n++
				key := name{s.Name, c.Class, c.Name}
				if where, twice := seen[key]; twice {
					j.against("duplicate", "", "test case %q is there twice, in %s and in %s: give each file once, and either the merged one or those of the suites", c.Name, where, f.Name)
				}
				seen[key] = f.Name
				j.add(c)
			}
		}
		if f.NotSelected > 0 {
			j.note("%s: %d test cases are of scenarios that were not selected to run", f.Name, f.NotSelected)
		}
		if n == 0 {
			j.against("empty", "", "%s holds no test case", f.Name)
		}
		j.cases += n
	}
	j.ids = sorted(j.drills)
	if len(j.in.Files) == 0 {
		j.against("empty", "", "no JUnit file was given")
	}
}

// add files a test case under its scenario. One that belongs to none, such as a suite's setup, is no evidence, but must not
// have gone wrong either.
func (j *judge) add(c evidence.Case) {
	ids := c.Scenarios(j.known)
	if len(ids) > 1 {
		j.against("inconsistent", "", "%q names %d scenarios (%s): one test case is evidence for one", c.Name, len(ids), list(ids))
	}
	if len(ids) != 1 {
		if c.Result == "failure" || c.Result == "error" {
			j.against("failed", "", "%q, which belongs to no scenario: %s", c.Name, said(c))
		}
		if len(c.Flaky) > 0 {
			j.against("flaky", "", "%q, which belongs to no scenario, did not pass at once: %s", c.Name, c.Flaky[0])
		}
		return
	}
	d := j.drills[ids[0]]
	if d == nil {
		d = &drill{id: ids[0], labels: map[string]bool{ids[0]: true}}
		j.drills[d.id] = d
	}
	d.cases = append(d.cases, c)
	for _, label := range c.Labels() {
		d.labels[label] = true
	}
	if c.Result == "passed" {
		j.passed++
	}
}

func said(c evidence.Case) string {
	text := c.Kind
	if text == "" {
		text = c.Result
	}
	if c.Message != "" {
		text += ": " + c.Message
	}
	return text
}

// list names some of many.
func list(names []string) string {
	const most = 8
	text := ""
	for i, name := range names {
		if i == most {
			return fmt.Sprintf("%s and %d more", text, len(names)-i)
		}
		if i > 0 {
			text += ", "
		}
		text += plain.Line(name)
	}
	return text
}

func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for key := range m {
		out = append(out, key)
	}
	sort.Strings(out)
	return out
}

func (d *drill) summary(bad, required bool) Scenario {
	s := Scenario{ID: d.id, Required: required, Trials: d.trials(), Verdict: "go"}
	for _, c := range d.cases {
		switch c.Result {
		case "passed":
			s.Passed++
		case "failure":
			s.Failed++
		case "error":
			s.Errors++
		default:
			s.Skipped++
		}
	}
	if bad {
		s.Verdict = "no-go"
	}
	return s
}
