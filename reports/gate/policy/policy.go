// Package policy reads what a release gate demands.
package policy

import (
	"fmt"
	"math"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Policy is the gate's policy file. Everything that it does not allow is a reason for no-go.
type Policy struct {
	Version      int                  `yaml:"version"`      // 1
	Required     []string             `yaml:"required"`     // scenario IDs that must have run and passed; at least one
	Control      *bool                `yaml:"control"`      // the no-op control must have run and passed; true when left out
	Environments []string             `yaml:"environments"` // that evidence may come from: embedded, remote, hosts; any when empty
	Objectives   map[string]Objective `yaml:"objectives"`   // per label or scenario ID; all that apply must be met
	Skips        []string             `yaml:"skips"`        // scenario IDs that may be skipped
	Inconclusive []string             `yaml:"inconclusive"` // scenario IDs that may be inconclusive
	Hazards      []string             `yaml:"hazards"`      // quirks that may be reproduced: Q1, ...
	Trials       Trials               `yaml:"trials"`       // how often each required scenario must have run
	MaximumAge   Duration             `yaml:"maximum_age"`  // of the evidence; 24h when left out
	Regression   *Regression          `yaml:"regression"`   // comparison with a baseline; none when left out
	SameRun      *bool                `yaml:"same_run"`     // all evidence must be of one run; true when left out
	Level        *int                 `yaml:"level"`        // 0 to 3: how exactly the application must have been accounted for in required scenarios; any when left out
	Flaky        []string             `yaml:"flaky"`        // scenario IDs whose test cases may have passed only when repeated

	file  string
	lines map[string]int // where each key stands: "objectives.S03.detection_s"
}

// Objective bounds measured values: toolkit seconds, and events for loss. A value that is bounded must have been measured.
type Objective struct {
	Detection   *float64 `yaml:"detection_s"`
	Takeover    *float64 `yaml:"takeover_s"`
	Recovery    *float64 `yaml:"recovery_s"`
	LossSeconds *float64 `yaml:"loss_s"`
	LossEvents  *float64 `yaml:"loss_events"`
	LossPercent *float64 `yaml:"loss_percent"` // of what the lost side had taken

	Own map[string]float64 `yaml:"own"` // the team's own objectives by name, in the unit in which the scenario states them
}

// Trials says how many trials of each required scenario there must be, and which percentile they must carry.
type Trials struct {
	Minimum    int     `yaml:"minimum"`
	Percentile float64 `yaml:"percentile"` // from 50 to less than 100, e.g. 95; none when left out
	Confidence float64 `yaml:"confidence"` // in percent, from 50 to less than 100; 95 when left out
	Nodes      string  `yaml:"nodes"`      // alike: a campaign's results may not differ between its nodes more than chance explains; anything when left out

	Distribution string  `yaml:"distribution"` // predicted: the detection of a required scenario may differ from what the configuration predicts only by chance; anything when left out
	Faults       *Faults `yaml:"faults"`       // the same of all trials of a campaign that inject the same fault; nothing when left out
}

// Faults says what all trials of the fault of a required scenario must carry together, in whichever scenarios of the campaign.
type Faults struct {
	Percentile   float64 `yaml:"percentile"`   // at the confidence of the trials
	Distribution string  `yaml:"distribution"` // see Trials
}

const (
	// NodesAlike is the one value of trials.nodes.
	NodesAlike = "alike"
	// Predicted is the one value of trials.distribution and trials.faults.distribution.
	Predicted = "predicted"
)

// enough trials that their distribution can tell something: of 20, one that is off by 30 % of the probability shows.
const enough = 20

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
	return max(t.Minimum, 1, t.carrying(t.Percentile))
}

// FaultsNeeded is the same for all trials of a fault; 0 where nothing is demanded of them.
func (t Trials) FaultsNeeded() int {
	if t.Faults == nil {
		return 0
	}
	return t.carrying(t.Faults.Percentile)
}

func (t Trials) carrying(percentile float64) int {
	if percentile <= 0 {
		return 0
	}
	return int(math.Ceil(math.Log(1-t.Confidence/100)/math.Log(percentile/100) - 1e-9))
}

// Where says where in the policy a key stands: "policy.yaml, line 7". The file alone when the key is not written there.
func (p Policy) Where(key ...string) string {
	where := p.file
	if where == "" {
		where = "the policy"
	}
	if line := p.lines[path(key...)]; line > 0 {
		return fmt.Sprintf("%s, line %d", where, line)
	}
	return where
}

func (p Policy) has(key ...string) bool { return p.lines[path(key...)] > 0 }

// path joins keys with what no key of ours holds, for labels may hold dots.
func path(key ...string) string { return strings.Join(key, "\x00") }

// Bounds of an objective by the name of their key.
func (o Objective) Bounds() map[string]float64 {
	out := map[string]float64{}
	for name, v := range map[string]*float64{"detection_s": o.Detection, "takeover_s": o.Takeover, "recovery_s": o.Recovery, "loss_s": o.LossSeconds, "loss_events": o.LossEvents, "loss_percent": o.LossPercent} {
		if v != nil {
			out[name] = *v
		}
	}
	return out
}
