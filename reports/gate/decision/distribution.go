package decision

import (
	"fmt"
	"strconv"

	"github.com/crossdc/failover/reports/gate/policy"
	"github.com/crossdc/failover/reports/plain"
)

// distributions holds the detection of required scenarios, and of the faults in them, against what the toolkit's configuration
// predicts. Scenarios that measured no detection are not asked: what must be measured is bounded by an objective.
func (j *judge) distributions() {
	t := j.in.Policy.Trials
	if t.Distribution == "" && t.Faults == nil {
		return
	}
	asked := false
	for _, id := range j.in.Policy.Required {
		d := j.drills[id]
		if d == nil || !d.detects() {
			continue
		}
		asked = true
		if t.Distribution == policy.Predicted {
			j.distributed(id, d, "trials.distribution", "its trials", "it takes repeated trials (CROSSDC_TRIALS, or a campaign) with a conclusive detection")
		}
		if t.Faults != nil {
			j.fault(id, d, *t.Faults)
		}
	}
	if !asked {
		j.against("trials", "", "%s: the policy demands something of distributions, and no required scenario measured a detection", j.in.Policy.Where("trials"))
	}
}

// fault asks what all trials of the fault in this scenario carry.
func (j *judge) fault(id string, d *drill, demand policy.Faults) {
	if needed := j.in.Policy.Trials.FaultsNeeded(); needed > 0 {
		trials := 0
		for _, c := range d.cases {
			if n, err := strconv.Atoi(c.Properties["fault.trials"]); err == nil {
				trials = max(trials, n)
			}
		}
		if trials < needed {
			j.against("trials", id, "%d trials of its fault in the whole campaign detected it conclusively, the policy demands %d (P%s at %s %% confidence)", trials, needed,
				plain.Seconds(demand.Percentile), plain.Seconds(j.in.Policy.Trials.Confidence))
		}
	}
	if demand.Distribution == policy.Predicted {
		j.distributed(id, d, "fault.distribution", "the trials of its fault", "it takes a campaign with a conclusive detection")
	}
}

// distributed asks what one property says of a distribution. Nobody having looked is a reason against go, and so is a word that
// is not known here.
func (j *judge) distributed(id string, d *drill, property, what, remedy string) {
	said := ""
	for _, c := range d.cases {
		if word := c.Properties[property]; word != "" {
			if said = word; word != policy.Predicted {
				break
			}
		}
	}
	switch said {
	case policy.Predicted:
	case "":
		j.against("trials", id, "nothing says whether the detection of %s is distributed as the toolkit's configuration predicts: %s", what, remedy)
	case "differs":
		j.against("trials", id, "the detection of %s is distributed otherwise than the toolkit's configuration predicts, by more than chance explains", what)
	default:
		j.against("trials", id, "%s", fmt.Sprintf("%s is %q; predicted or differs was expected", property, plain.Line(said)))
	}
}

// detects reports whether any of its test cases states a detection.
func (d *drill) detects() bool {
	for _, c := range d.cases {
		if c.Properties["detection.latest_s"] != "" {
			return true
		}
	}
	return false
}
