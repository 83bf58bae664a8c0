// Package decision answers go or no-go: a pure function of the policy, the evidence, the histories and the time.
package decision

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/gate/evidence"
	"github.com/crossdc/failover/reports/gate/policy"
	"github.com/crossdc/failover/reports/history"
)

// SchemaVersion of the JSON form.
const SchemaVersion = 1

// Decision is the gate's answer. It is go only when there is not a single reason against it.
type Decision struct {
	Schema    int        `json:"schema"`
	Decision  string     `json:"decision"` // "go", "no-go", or "unusable" when input could not be read
	At        time.Time  `json:"at"`
	Files     []string   `json:"files"`
	Runs      []string   `json:"runs"`
	Reasons   []Reason   `json:"reasons"` // against go; all of them
	Notes     []string   `json:"notes"`   // what a reader should know, no reason by itself
	Scenarios []Scenario `json:"scenarios"`
}

// Reason is one reason for no-go.
type Reason struct {
	Code     string `json:"code"`               // stable, for machines: "missing", "stale", "objective", ...
	Scenario string `json:"scenario,omitempty"` // catalogue number
	Text     string `json:"text"`
}

// Scenario is what the evidence says about one catalogue number.
type Scenario struct {
	ID       string `json:"id"`
	Required bool   `json:"required"`
	Trials   int    `json:"trials"`
	Passed   int    `json:"passed"` // test cases
	Failed   int    `json:"failed"`
	Errors   int    `json:"errors"`
	Skipped  int    `json:"skipped"`
	Verdict  string `json:"verdict"` // "go" or "no-go"
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

// Unusable is the answer when input could not even be read.
func Unusable(now time.Time, problems ...error) Decision {
	d := Decision{Schema: SchemaVersion, Decision: "unusable", At: now.UTC(), Files: []string{}, Runs: []string{}, Notes: []string{}, Scenarios: []Scenario{}, Reasons: []Reason{}}
	for _, p := range problems {
		d.Reasons = append(d.Reasons, Reason{Code: "unusable", Text: p.Error()})
	}
	return d
}

// Decide looks at everything and returns every reason, not only the first.
func Decide(in Input) Decision {
	j := &judge{in: in, d: Decision{Schema: SchemaVersion, At: in.Now.UTC(), Files: []string{}, Runs: []string{}, Notes: []string{}, Reasons: []Reason{}, Scenarios: []Scenario{}}}
	j.d.Notes = append(j.d.Notes, in.Problems...)
	j.gather()
	j.origin()
	j.results()
	j.required()
	for _, id := range j.ids {
		j.measured(j.drills[id])
	}
	j.compare()
	j.d.Decision = "go"
	if len(j.d.Reasons) > 0 {
		j.d.Decision = "no-go"
	}
	for _, id := range j.ids {
		j.d.Scenarios = append(j.d.Scenarios, j.drills[id].summary(j.d.Reasons, j.requires(id)))
	}
	return j.d
}

type judge struct {
	in     Input
	d      Decision
	drills map[string]*drill
	ids    []string // sorted
	cases  int
	passed int
}

// drill is the evidence for one catalogue number.
type drill struct {
	id     string
	cases  []evidence.Case
	labels map[string]bool
}

func (j *judge) against(code, scenario, format string, args ...any) {
	j.d.Reasons = append(j.d.Reasons, Reason{Code: code, Scenario: scenario, Text: fmt.Sprintf(format, args...)})
}

func (j *judge) requires(id string) bool { return contains(j.in.Policy.Required, id) }

func (j *judge) gather() {
	j.drills = map[string]*drill{}
	seen := map[string]string{}
	for _, f := range j.in.Files {
		j.d.Files = append(j.d.Files, f.Name)
		for _, p := range f.Problems {
			j.against("inconsistent", "", "%s: %s", f.Name, p)
		}
		n := 0
		for _, s := range f.Suites {
			for _, c := range s.Cases {
				n++
				key := s.Name + "\x00" + c.Class + "\x00" + c.Name
				if where, twice := seen[key]; twice {
					j.against("duplicate", c.Scenario(), "test case %q is there twice, in %s and in %s: give each file once, and either the merged one or those of the suites", c.Name, where, f.Name)
				}
				seen[key] = f.Name
				j.add(c)
			}
		}
		if n == 0 {
			j.against("empty", "", "%s holds no test case", f.Name)
		}
		j.cases += n
	}
	for id := range j.drills {
		j.ids = append(j.ids, id)
	}
	sort.Strings(j.ids)
	if len(j.in.Files) == 0 {
		j.against("empty", "", "no JUnit file was given")
	}
}

// add files a test case under its scenario. One that belongs to none, such as a suite's setup, is no evidence, but must not
// have gone wrong either.
func (j *judge) add(c evidence.Case) {
	id := c.Scenario()
	if id == "" {
		if c.Result == "failure" || c.Result == "error" {
			j.against("failed", "", "%q, which belongs to no scenario: %s", c.Name, said(c))
		}
		return
	}
	d := j.drills[id]
	if d == nil {
		d = &drill{id: id, labels: map[string]bool{id: true}}
		j.drills[id] = d
	}
	d.cases = append(d.cases, c)
	for _, label := range c.Labels() {
		d.labels[label] = true
	}
	if c.Result == "passed" {
		j.passed++
	}
}

// origin asks where the evidence comes from: which run, how old, whether the run was whole, what it was aimed at.
func (j *judge) origin() {
	p := j.in.Policy
	runs, environments := map[string]bool{}, map[string]bool{}
	dated := 0
	for _, f := range j.in.Files {
		for _, s := range f.Suites {
			if len(s.Cases) == 0 {
				continue
			}
			for _, flag := range []string{"partial", "interrupted"} {
				if len(s.Properties[flag]) > 0 && s.Properties[flag][0] != "false" {
					j.against("partial", "", "%s: suite %q comes from a run that is %s", f.Name, s.Name, map[string]string{"partial": "not finished", "interrupted": "interrupted"}[flag])
				}
			}
			ours := len(s.Properties["run"]) > 0
			for _, run := range s.Properties["run"] {
				runs[run] = true
			}
			for _, c := range s.Cases {
				if c.Properties["run"] != "" {
					runs[c.Properties["run"]] = true
				}
				if c.Scenario() != "" {
					environments[c.Properties["environment"]] = true
				}
			}
			j.age(f.Name, s, ours)
			dated++
		}
	}
	for run := range runs {
		j.d.Runs = append(j.d.Runs, run)
	}
	sort.Strings(j.d.Runs)
	if len(runs) > 1 && *p.SameRun {
		j.against("mixed", "", "the evidence is of %d runs (%s), and same_run demands one", len(runs), strings.Join(j.d.Runs, ", "))
	}
	if len(p.Environments) > 0 {
		for _, environment := range sorted(environments) {
			if !contains(p.Environments, environment) {
				j.against("foreign", "", "evidence comes from environment %q, allowed are %s", environment, strings.Join(p.Environments, ", "))
			}
		}
	}
	if j.cases > 0 && len(j.drills) == 0 {
		j.against("foreign", "", "none of the %d test cases belongs to a scenario of the catalogue: neither property, label nor name has an S-number", j.cases)
	}
}

// age refuses evidence that is too old, from the future, or undated. Times without a zone are UTC in our files; other
// writers take local time, so that half a day of future proves nothing there.
func (j *judge) age(file string, s evidence.Suite, ours bool) {
	limit, ahead := time.Duration(j.in.Policy.MaximumAge), 14*time.Hour
	if ours {
		ahead = 5 * time.Minute
	}
	switch age := j.in.Now.Sub(s.Timestamp); {
	case s.Timestamp.IsZero():
		j.against("stale", "", "%s: suite %q has no timestamp, so nobody knows how old it is", file, s.Name)
	case age > limit:
		j.against("stale", "", "%s: suite %q started %s ago, %s are allowed", file, s.Name, age.Round(time.Minute), limit)
	case age < -ahead:
		j.against("stale", "", "%s: suite %q started %s in the future", file, s.Name, (-age).Round(time.Minute))
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

func contains(list []string, wanted string) bool {
	for _, v := range list {
		if v == wanted {
			return true
		}
	}
	return false
}

func sorted[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for key := range m {
		out = append(out, key)
	}
	sort.Strings(out)
	return out
}

func (d *drill) summary(reasons []Reason, required bool) Scenario {
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
	for _, r := range reasons {
		if r.Scenario == d.id {
			s.Verdict = "no-go"
		}
	}
	return s
}
