package decision

import (
	"strings"

	"github.com/crossdc/failover/reports/gate/evidence"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

// contradicted looks for what our own files say against a verdict that passed: a step that ended otherwise than its test case,
// a measure that its own verdict calls missed or inconclusive, a value beyond the objective that stands beside it. Our writer
// makes no such file, so that whoever edited one, or an error of ours, is found before anything is released.
func (j *judge) contradicted(d *drill) {
	said := map[string]bool{}
	against := func(code, format string, args ...any) {
		if key := code + format + strings.Join(texts(args), "\x00"); !said[key] {
			said[key] = true
			j.against(code, d.id, format, args...)
		}
	}
	for _, c := range d.cases {
		p := c.Properties
		if !c.Ours() || !model.Outcome(p["verdict"]).Green() {
			continue
		}
		if outcome, stated := p["step.outcome"]; stated && c.Result == "passed" && !model.Outcome(outcome).Green() {
			against("failed", "%q has no failure, and its step.outcome is %s", c.Name, plain.Line(outcome))
		}
		for _, m := range measures(c) {
			switch verdict := p[m.name+".verdict"]; model.Verdict(verdict) {
			case model.Missed, model.Inconclusive:
				against("objective", "its verdict is %s, and that of its %s is %s", p["verdict"], plain.Line(m.title), verdict)
				continue
			}
			latest, err := evidence.Decimal(p[m.most])
			if limit, unbounded := evidence.Decimal(p[m.limit]); err == nil && unbounded == nil && latest > limit {
				against("objective", "its verdict is %s, and its %s may be %s, its own objective is %s", p["verdict"], plain.Line(m.title), plain.Seconds(latest), plain.Seconds(limit))
			}
		}
	}
}

// measured names the properties of one measured value of a test case.
type measured struct{ title, name, most, limit string }

// measures are those that a test case states together with an objective: the suite's, and the team's own.
func measures(c evidence.Case) []measured {
	var out []measured
	for _, name := range []string{"detection", "takeover", "recovery", "loss"} {
		out = append(out, measured{name, name, name + ".latest_s", name + ".objective_s"})
	}
	for _, property := range sorted(c.Properties) {
		if name, own := strings.CutSuffix(property, ".limit"); own && strings.HasPrefix(name, "own.") {
			out = append(out, measured{strings.TrimPrefix(name, "own."), name, name + ".most", property})
		}
	}
	return out
}

func texts(values []any) []string {
	var out []string
	for _, v := range values {
		if text, is := v.(string); is {
			out = append(out, text)
		}
	}
	return out
}
