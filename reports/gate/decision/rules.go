package decision

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/crossdc/failover/reports/gate/evidence"
	"github.com/crossdc/failover/reports/gate/policy"
	"github.com/crossdc/failover/reports/plain"
)

// results asks of every test case, required or not, whether it may have ended as it did.
func (j *judge) results() {
	for _, id := range j.ids {
		d := j.drills[id]
		blamed := map[instance]bool{}
		for _, c := range d.cases {
			if j.result(d, c) {
				blamed[instanceOf(c)] = true
			}
		}
		j.properties(d, blamed)
		j.contradicted(d)
		j.hazards(d)
		j.level(d)
		j.complete(d)
	}
	if j.cases > 0 && j.passed == 0 {
		j.against("no evidence", "", "not a single test case of a scenario passed")
	}
}

// result judges one test case and reports whether it is a reason against go.
func (j *judge) result(d *drill, c evidence.Case) (bad bool) {
	cleanup := c.Properties["step"] == "cleanup"
	allowed := j.mayBeInconclusive(d.id, c, cleanup)
	switch c.Result {
	case "failure":
		j.against(code(cleanup), d.id, "%q failed: %s", c.Name, said(c))
		bad = true
	case "error":
		if !allowed {
			j.against(code(cleanup), d.id, "%q proved nothing: %s", c.Name, said(c))
			bad = true
		}
	case "skipped":
		switch {
		case allowed:
		case d.id == control || !slices.Contains(j.in.Policy.Skips, d.id):
			j.against("skipped", d.id, "%q was skipped: %s", c.Name, said(c))
			bad = true
		default:
			j.acceptOnce("skipped", d.id, said(c))
		}
	}
	if allowed && c.Result == "error" {
		j.acceptOnce("inconclusive", d.id, said(c))
	}
	if len(c.Flaky) > 0 {
		if d.id == control || !slices.Contains(j.in.Policy.Flaky, d.id) {
			j.against("flaky", d.id, "%q did not pass at once (%s), and flaky does not name %s", c.Name, c.Flaky[0], plain.Line(d.id))
			bad = true
		} else {
			j.acceptOnce("flaky", d.id, c.Flaky[0])
		}
	}
	return bad
}

// acceptOnce tells the first of what is accepted of a scenario.
func (j *judge) acceptOnce(what, id, text string) {
	for _, a := range j.d.Accepted {
		if a.What == what && a.Scenario == id {
			return
		}
	}
	j.accept(what, id, "%s", text)
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
	if cleanup || id == control || !slices.Contains(j.in.Policy.Inconclusive, id) || c.Properties["verdict"] != "inconclusive" {
		return false
	}
	return c.Result == "skipped" || c.Kind == "inconclusive"
}

// properties asks whether the scenario's own verdict, written into every test case, agrees with their results. A verdict
// that a test case has explained is not said again.
func (j *judge) properties(d *drill, blamed map[instance]bool) {
	for _, c := range d.cases {
		explained := blamed[instanceOf(c)]
		switch verdict := c.Properties["verdict"]; verdict {
		case "passed", "hazard":
		case "":
			if c.Ours() {
				j.against("incomplete", d.id, "%q does not say the verdict of its scenario", c.Name)
			}
		case "skipped", "pending":
			if !explained && (d.id == control || !slices.Contains(j.in.Policy.Skips, d.id)) {
				j.against("skipped", d.id, "its verdict is %s", verdict)
			}
		case "inconclusive":
			if !explained && (d.id == control || !slices.Contains(j.in.Policy.Inconclusive, d.id)) {
				j.against("failed", d.id, "its verdict is inconclusive")
			}
		default:
			if !explained {
				j.against("failed", d.id, "its verdict is %s", plain.Line(verdict))
			}
		}
		cleanup := c.Properties["cleanup"]
		switch {
		case cleanup == "" && c.Properties["fault"] != "":
			j.against("cleanup", d.id, "a fault was injected, and nothing says that it was cleaned up")
		case cleanup != "" && cleanup != "passed":
			j.against("cleanup", d.id, "its cleanup is %s: something may have been left behind", plain.Line(cleanup))
		}
	}
}

// level asks whether a required scenario accounted for the application as exactly as the policy demands.
func (j *judge) level(d *drill) {
	if j.in.Policy.Level == nil || !slices.Contains(j.in.Policy.Required, d.id) {
		return
	}
	demanded := *j.in.Policy.Level
	for _, c := range d.cases {
		if c.Result == "skipped" || c.Properties["step"] == "cleanup" { // judged by rules of their own
			continue
		}
		text, said := c.Properties["level"]
		level, err := strconv.Atoi(text)
		switch {
		case !said && c.Ours() || said && err != nil:
			j.against("level", d.id, "%q does not say at which level the application was accounted for, and level %d is demanded", c.Name, demanded)
			return
		case !said:
			j.against("level", d.id, "%q was written by another tool, which says no level, and level %d is demanded", c.Name, demanded)
			return
		case level < demanded:
			j.against("level", d.id, "the application was accounted for at level %d, and level %d is demanded: %s", level, demanded, plain.Line(c.Properties["level.left_out"]))
			return
		}
	}
}

// hazards asks whether the policy allows every hazard that the scenario reproduced.
func (j *judge) hazards(d *drill) {
	titles := map[string]string{}
	for _, c := range d.cases {
		named := false
		for quirk := range strings.SplitSeq(c.Properties["hazards"], ",") {
			if quirk = strings.TrimSpace(quirk); quirk != "" {
				named = true
				if titles[quirk] == "" {
					titles[quirk] = c.Properties["hazard."+quirk]
				}
			}
		}
		if c.Properties["verdict"] == "hazard" && !named {
			j.against("hazard", d.id, "its verdict is hazard, and it names none")
		}
	}
	for _, quirk := range sorted(titles) {
		text := quirk
		if titles[quirk] != "" {
			text += " (" + titles[quirk] + ")"
		}
		if !slices.Contains(j.in.Policy.Hazards, quirk) {
			j.against("hazard", d.id, "reproduced the known hazard %s, which the policy does not allow", text)
		} else {
			j.accept("hazard", d.id, "%s", text)
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
		if p.Trials.Nodes == policy.NodesAlike {
			j.nodes(id, d)
		}
	}
	j.distributions()
}

// nodes asks that a campaign's results do not differ between its nodes, and that somebody has looked.
func (j *judge) nodes(id string, d *drill) {
	asked := false
	for _, c := range d.cases {
		differ := c.Properties["nodes.differ"]
		asked = asked || differ != ""
		if differ != "" && differ != "none" {
			j.against("trials", id, "%s differ between the nodes of the campaign more than chance explains", differ)
			return
		}
	}
	if !asked {
		j.against("trials", id, "nothing says whether results differ between nodes: it takes a campaign with at least two results on each of two nodes")
	}
}

// passes counts the steps that passed. A cleanup proves nothing about the scenario.
func (d *drill) passes() int {
	n := 0
	for _, c := range d.cases {
		if c.Result == "passed" && c.Properties["step"] != "cleanup" {
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
