package decision

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/crossdc/failover/reports/gate/evidence"
	"github.com/crossdc/failover/reports/plain"
)

const control = "control"

// results asks of every test case, required or not, whether it may have ended as it did.
func (j *judge) results() {
	for _, id := range j.ids {
		d := j.drills[id]
		hazards := map[string]bool{}
		for _, c := range d.cases {
			cleanup := strings.HasSuffix(c.Name, ": leaves nothing behind")
			switch c.Result {
			case "failure":
				j.against(code(cleanup), id, "%q failed: %s", c.Name, said(c))
			case "error":
				if !j.mayBeInconclusive(id, c, cleanup) {
					j.against(code(cleanup), id, "%q proved nothing: %s", c.Name, said(c))
				}
			case "skipped":
				if id == control || !contains(j.in.Policy.Skips, id) && !j.mayBeInconclusive(id, c, cleanup) {
					j.against("skipped", id, "%q was skipped: %s", c.Name, said(c))
				}
			}
			for quirk := range strings.SplitSeq(c.Properties["hazards"], ",") {
				if quirk = strings.TrimSpace(quirk); quirk != "" {
					hazards[quirk] = true
				}
			}
		}
		j.properties(d)
		for _, quirk := range sorted(hazards) {
			if !contains(j.in.Policy.Hazards, quirk) {
				j.against("hazard", id, "reproduced the known hazard %s, which the policy does not allow", quirk)
			}
		}
	}
	if j.cases > 0 && j.passed == 0 {
		j.against("no evidence", "", "not a single test case of a scenario passed")
	}
}

func code(cleanup bool) string {
	if cleanup {
		return "cleanup"
	}
	return "failed"
}

// mayBeInconclusive: the policy allows it, the scenario says that it is, and this is neither a crash of the test nor the
// cleanup. Steps that were skipped after the inconclusive one are part of it.
func (j *judge) mayBeInconclusive(id string, c evidence.Case, cleanup bool) bool {
	if cleanup || id == control || !contains(j.in.Policy.Inconclusive, id) || c.Properties["verdict"] != "inconclusive" {
		return false
	}
	return c.Result == "skipped" || c.Kind == "inconclusive"
}

// properties asks whether the scenario's own verdict, written into every test case, agrees with their results. Each
// complaint is made once.
func (j *judge) properties(d *drill) {
	said := map[string]bool{}
	once := func(code, format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !said[text] {
			said[text] = true
			j.against(code, d.id, "%s", text)
		}
	}
	for _, c := range d.cases {
		switch verdict := c.Properties["verdict"]; verdict {
		case "", "passed", "hazard":
		case "skipped", "pending":
			if !contains(j.in.Policy.Skips, d.id) {
				once("skipped", "its verdict is %s", verdict)
			}
		case "inconclusive":
			if d.id == control || !contains(j.in.Policy.Inconclusive, d.id) {
				once("failed", "its verdict is inconclusive")
			}
		default:
			once("failed", "its verdict is %s", plain.Line(verdict))
		}
		if cleanup := c.Properties["cleanup"]; cleanup != "" && cleanup != "passed" {
			once("cleanup", "its cleanup is %s: something may have been left behind", plain.Line(cleanup))
		}
	}
}

// required asks whether everything is there that must be, often enough.
func (j *judge) required() {
	p := j.in.Policy
	if d := j.drills[control]; *p.Control && (d == nil || d.passes() == 0) {
		j.against("control", control, "the no-op control did not run and pass: without it nobody knows whether the suite sees failovers where there are none")
	}
	needed := p.Trials.Needed()
	for _, id := range p.Required {
		d := j.drills[id]
		switch {
		case d == nil:
			j.against("missing", id, "is required, and there is no evidence of it")
			continue
		case d.passes() == 0:
			j.against("missing", id, "is required, and none of its %d test cases passed", len(d.cases))
			continue
		}
		if n := d.trials(); n < needed {
			text := fmt.Sprintf("%d trials, the policy demands %d", n, needed)
			if p.Trials.Percentile > 0 {
				text += fmt.Sprintf(" (P%s at %s %% confidence)", plain.Seconds(p.Trials.Percentile), plain.Seconds(p.Trials.Confidence))
			}
			j.against("trials", id, "%s", text)
		}
	}
}

func (d *drill) passes() int {
	n := 0
	for _, c := range d.cases {
		if c.Result == "passed" {
			n++
		}
	}
	return n
}

// trials is how many trials the evidence holds: those that are told apart by their number and that passed throughout. A
// number that the scenario merely states counts when all of the trials are judged in one scenario.
func (d *drill) trials() int {
	good := map[string]bool{}
	stated := 0
	for _, c := range d.cases {
		trial := c.Properties["trial"]
		if _, known := good[trial]; !known {
			good[trial] = true
		}
		good[trial] = good[trial] && c.Result == "passed"
		if n, err := strconv.Atoi(c.Properties["trials"]); err == nil {
			stated = max(stated, n)
		}
	}
	n := 0
	for _, ok := range good {
		if ok {
			n++
		}
	}
	if n == 1 && len(good) == 1 {
		return max(n, stated)
	}
	return n
}

// measured holds every measured value against the objectives of its labels.
func (j *judge) measured(d *drill) {
	said := map[string]bool{}
	for _, label := range sorted(d.labels) {
		objective, ok := j.in.Policy.Objectives[label]
		if !ok {
			continue
		}
		bounds := objective.Bounds()
		for _, name := range sorted(bounds) {
			j.bound(d, label, name, bounds[name], said)
		}
	}
}

// bound is one bound on one value, for every trial of the scenario. What must be bounded must have been measured.
func (j *judge) bound(d *drill, label, name string, limit float64, said map[string]bool) {
	measure, unit, _ := strings.Cut(name, "_")
	from, to := measure+".earliest_"+unit, measure+".latest_"+unit
	unitText := " s"
	if unit == "events" {
		unitText = " events"
	}
	any := false
	for _, c := range d.cases {
		if c.Result == "skipped" && c.Properties["verdict"] != "inconclusive" {
			continue
		}
		any = true
		text, ok := c.Properties[to]
		earliestText, ok2 := c.Properties[from]
		complaint := ""
		switch earliest, latest, err := interval(earliestText, text); {
		case !ok && !ok2:
			complaint = fmt.Sprintf("%s was not measured, and the objective of %q bounds it", measure, label)
		case err != nil:
			complaint = fmt.Sprintf("%s is %q to %q: %v", measure, earliestText, text, err)
		case earliest > limit:
			complaint = fmt.Sprintf("%s took %s%s, %q allows %s%s", measure, between(earliest, latest), unitText, label, plain.Seconds(limit), unitText)
		case latest > limit && !contains(j.in.Policy.Inconclusive, d.id):
			complaint = fmt.Sprintf("%s took %s%s, and what %q allows, %s%s, lies in between: not proven", measure, between(earliest, latest), unitText, label, plain.Seconds(limit), unitText)
		}
		if complaint != "" && !said[complaint] {
			said[complaint] = true
			j.against("objective", d.id, "%s", complaint)
		}
	}
	if !any && j.requires(d.id) && !said[measure] {
		said[measure] = true
		j.against("objective", d.id, "%s was not measured, and the objective of %q bounds it", measure, label)
	}
}

func between(from, to float64) string {
	return strings.TrimSuffix(plain.Range(from, to), " s")
}

func interval(from, to string) (earliest, latest float64, err error) {
	if earliest, err = strconv.ParseFloat(from, 64); err != nil {
		return 0, 0, fmt.Errorf("%q is not a number", from)
	}
	if latest, err = strconv.ParseFloat(to, 64); err != nil {
		return 0, 0, fmt.Errorf("%q is not a number", to)
	}
	if math.IsNaN(earliest+latest) || math.IsInf(latest, 0) || math.IsInf(earliest, 0) || earliest > latest {
		return 0, 0, fmt.Errorf("that is no interval")
	}
	return earliest, latest, nil
}

// value of a measure in a test case, for the comparison.
func value(c evidence.Case, measure string) (float64, bool) {
	from, to, err := interval(c.Properties[measure+".earliest_s"], c.Properties[measure+".latest_s"])
	return (from + to) / 2, err == nil
}
