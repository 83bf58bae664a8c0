// Package policy reads what a release gate demands.
package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Policy is the gate's policy file. Everything that it does not allow is a reason for no-go.
type Policy struct {
	Version      int                  `yaml:"version"`      // 1
	Required     []string             `yaml:"required"`     // scenario IDs that must have run and passed; at least one
	Control      *bool                `yaml:"control"`      // the no-op control must have run and passed; true when left out
	Environments []string             `yaml:"environments"` // that evidence may come from: embedded, remote; any when empty
	Objectives   map[string]Objective `yaml:"objectives"`   // per label or scenario ID; all that apply must be met
	Skips        []string             `yaml:"skips"`        // scenario IDs that may be skipped
	Inconclusive []string             `yaml:"inconclusive"` // scenario IDs that may be inconclusive
	Hazards      []string             `yaml:"hazards"`      // quirks that may be reproduced: Q1, ...
	Trials       Trials               `yaml:"trials"`       // how often each required scenario must have run
	MaximumAge   Duration             `yaml:"maximum_age"`  // of the evidence; 24h when left out
	Regression   *Regression          `yaml:"regression"`   // comparison with a baseline; none when left out
	SameRun      *bool                `yaml:"same_run"`     // all evidence must be of one run; true when left out
}

// Objective bounds measured values: toolkit seconds, and events for loss. A value that is bounded must have been measured.
type Objective struct {
	Detection   *float64 `yaml:"detection_s"`
	Takeover    *float64 `yaml:"takeover_s"`
	Recovery    *float64 `yaml:"recovery_s"`
	LossSeconds *float64 `yaml:"loss_s"`
	LossEvents  *float64 `yaml:"loss_events"`
}

// Trials says how many trials of each required scenario there must be, and which percentile they must carry.
type Trials struct {
	Minimum    int     `yaml:"minimum"`
	Percentile float64 `yaml:"percentile"` // e.g. 95; 0 for none
	Confidence float64 `yaml:"confidence"` // in percent, 95 when left out
}

// Regression says how much worse than the baseline a value may have become.
type Regression struct {
	Baseline    string  `yaml:"baseline"`      // folder of a history; may be given by -baseline instead
	Measure     string  `yaml:"measure"`       // detection, takeover or recovery; recovery when left out
	Alpha       float64 `yaml:"alpha"`         // of the Mann-Whitney test; 0.05 when left out
	Maximum     float64 `yaml:"maximum"`       // increase of the median in percent, 10 when left out
	MinimumRuns int     `yaml:"minimum_runs"`  // on each side, 8 when left out
	TooFew      string  `yaml:"too_few_means"` // note or no-go when there are too few runs to tell; note when left out
}

// Duration is a positive time.Duration in YAML: 24h, 90m.
type Duration time.Duration

// UnmarshalYAML reads a duration with its unit.
func (d *Duration) UnmarshalYAML(node *yaml.Node) error {
	parsed, err := time.ParseDuration(node.Value)
	if err != nil || node.Kind != yaml.ScalarNode || parsed <= 0 {
		return fmt.Errorf("line %d: %q is not a positive duration such as 24h or 90m", node.Line, node.Value)
	}
	*d = Duration(parsed)
	return nil
}

// Needed is the number of trials that carry the percentile with the confidence when none of them is beyond the objective:
// ln(1-confidence)/ln(percentile), so 59 for the 95th and 29 for the 90th at 95 %.
func (t Trials) Needed() int {
	needed := max(t.Minimum, 1)
	if t.Percentile > 0 {
		needed = max(needed, int(math.Ceil(math.Log(1-t.Confidence/100)/math.Log(t.Percentile/100)-1e-9)))
	}
	return needed
}

const maxPolicy = 1 << 20

// Parse reads a policy. Unknown keys, wrong types, contradictions and a second document are errors that name the line and what
// is allowed.
func Parse(data []byte) (Policy, error) {
	var p Policy
	if len(data) > maxPolicy {
		return p, fmt.Errorf("the policy is larger than %d bytes", maxPolicy)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&p); err != nil {
		if errors.Is(err, io.EOF) {
			return p, errors.New("the policy is empty: it must at least have version and required")
		}
		return p, fmt.Errorf("read the policy: %w", explain(err))
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return p, errors.New("the policy has more than one document: only the first would count")
	}
	p.defaults()
	return p, p.check()
}

func (p *Policy) defaults() {
	yes := true
	if p.Control == nil {
		p.Control = &yes
	}
	if p.SameRun == nil {
		p.SameRun = &yes
	}
	if p.MaximumAge == 0 {
		p.MaximumAge = Duration(24 * time.Hour)
	}
	if p.Trials.Confidence == 0 {
		p.Trials.Confidence = 95
	}
	if r := p.Regression; r != nil {
		if r.Measure == "" {
			r.Measure = "recovery"
		}
		if r.Alpha == 0 {
			r.Alpha = 0.05
		}
		if r.Maximum == 0 {
			r.Maximum = 10
		}
		if r.MinimumRuns == 0 {
			r.MinimumRuns = 8
		}
		if r.TooFew == "" {
			r.TooFew = "note"
		}
	}
}

func (p Policy) check() error {
	var problems []error
	add := func(bad bool, format string, args ...any) {
		if bad {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	add(p.Version != 1, "version: %d is not known here, only 1", p.Version)
	add(len(p.Required) == 0, "required: empty; name at least one scenario, or the gate would pass without evidence")
	for _, list := range []struct {
		name   string
		values []string
	}{{"required", p.Required}, {"environments", p.Environments}, {"skips", p.Skips}, {"inconclusive", p.Inconclusive}, {"hazards", p.Hazards}} {
		for i, v := range list.values {
			add(strings.TrimSpace(v) == "", "%s[%d]: empty", list.name, i)
			add(slices.Contains(list.values[:i], v), "%s[%d]: %q is there twice", list.name, i, v)
		}
	}
	for _, id := range p.Required {
		add(slices.Contains(p.Skips, id), "%q is both required and allowed to be skipped", id)
		add(slices.Contains(p.Inconclusive, id), "%q is both required and allowed to be inconclusive", id)
	}
	for _, environment := range p.Environments {
		add(environment != "embedded" && environment != "remote", "environments: %q is not one of embedded, remote", environment)
	}
	for label, o := range p.Objectives {
		for name, v := range o.Bounds() {
			add(math.IsNaN(v) || math.IsInf(v, 0) || v < 0, "objectives.%s.%s: %v is not a bound", label, name, v)
		}
		add(len(o.Bounds()) == 0, "objectives.%s: bounds nothing", label)
	}
	t := p.Trials
	add(t.Minimum < 0, "trials.minimum: %d is negative", t.Minimum)
	add(!(t.Percentile >= 0 && t.Percentile < 100), "trials.percentile: %v is not between 0 and 100", t.Percentile)
	add(!(t.Confidence > 0 && t.Confidence < 100), "trials.confidence: %v is not between 0 and 100", t.Confidence)
	if r := p.Regression; r != nil {
		add(!slices.Contains([]string{"detection", "takeover", "recovery"}, r.Measure), "regression.measure: %q is not one of detection, takeover, recovery", r.Measure)
		add(!(r.Alpha > 0 && r.Alpha < 0.5), "regression.alpha: %v is not between 0 and 0.5", r.Alpha)
		add(!(r.Maximum > 0 && !math.IsInf(r.Maximum, 0)), "regression.maximum: %v is not a positive percentage", r.Maximum)
		add(r.MinimumRuns < 2, "regression.minimum_runs: %d, at least 2 are needed", r.MinimumRuns)
		add(r.TooFew != "note" && r.TooFew != "no-go", "regression.too_few_means: %q is not one of note, no-go", r.TooFew)
	}
	return errors.Join(problems...)
}

// Bounds of an objective by the name of their key.
func (o Objective) Bounds() map[string]float64 {
	out := map[string]float64{}
	for name, v := range map[string]*float64{"detection_s": o.Detection, "takeover_s": o.Takeover, "recovery_s": o.Recovery, "loss_s": o.LossSeconds, "loss_events": o.LossEvents} {
		if v != nil {
			out[name] = *v
		}
	}
	return out
}

var unknown = regexp.MustCompile(`(?m)^(.*line (\d+): )field (\S+) not found in type (\S+)$`)

// explain adds to YAML's complaint about an unknown key what is allowed in its place.
func explain(err error) error {
	text := unknown.ReplaceAllStringFunc(err.Error(), func(s string) string {
		m := unknown.FindStringSubmatch(s)
		for _, t := range []any{Policy{}, Objective{}, Trials{}, Regression{}} {
			if reflect.TypeOf(t).String() == m[4] {
				return fmt.Sprintf("%sunknown key %q; allowed here: %s", m[1], m[3], strings.Join(keys(t), ", "))
			}
		}
		return s
	})
	return errors.New(text)
}

func keys(v any) []string {
	var out []string
	for i := range reflect.TypeOf(v).NumField() {
		out = append(out, reflect.TypeOf(v).Field(i).Tag.Get("yaml"))
	}
	return out
}
