package decision

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/crossdc/failover/reports/gate/evidence"
	"github.com/crossdc/failover/reports/plain"
)

// bound is one bound of the policy on one measured value.
type bound struct {
	label    string
	measure  string // "detection", ..., or "own." and the name of a team's own objective
	from, to string // the properties with its bounds
	unit     string // "s", "events", or the unit in which a scenario states its own objective
	limit    float64
}

func (b bound) title() string { return strings.TrimPrefix(b.measure, "own.") }

// bounds are those that apply to the drill.
func (j *judge) bounds(d *drill) []bound {
	var out []bound
	for _, label := range sorted(d.labels) {
		objective, ok := j.in.Policy.Objectives[label]
		if !ok {
			continue
		}
		limits := objective.Bounds()
		for _, name := range sorted(limits) {
			measure, unit, _ := strings.Cut(name, "_")
			out = append(out, bound{label, measure, measure + ".earliest_" + unit, measure + ".latest_" + unit, unit, limits[name]})
		}
		for _, name := range sorted(objective.Own) {
			measure := "own." + name
			unit := ""
			for _, c := range d.cases {
				unit = c.Properties[measure+".unit"]
			}
			out = append(out, bound{label, measure, measure + ".least", measure + ".most", unit, objective.Own[name]})
		}
	}
	return out
}

// objectives holds every measured value against the objectives of its labels. An objective that applies to nothing would
// be a promise that nobody checks.
func (j *judge) objectives() {
	labels := map[string]bool{}
	for _, id := range j.ids {
		d := j.drills[id]
		maps.Copy(labels, d.labels)
		for _, b := range j.bounds(d) {
			j.bound(d, b)
		}
	}
	for _, label := range sorted(j.in.Policy.Objectives) {
		if !labels[label] {
			j.against("objective", "", "%s: objectives.%s applies to nothing: no scenario has this label; allowed here: %s",
				j.in.Policy.Where("objectives", label), label, list(sorted(labels)))
		}
	}
}

// bound is one bound on one value, for every trial of the scenario. What must be bounded must have been measured.
func (j *judge) bound(d *drill, b bound) {
	any := false
	title, unit := b.title(), strings.TrimRight(" "+b.unit, " ")
	for _, c := range d.cases {
		if c.Result == "skipped" && c.Properties["verdict"] != "inconclusive" {
			continue
		}
		any = true
		to, ok := c.Properties[b.to]
		from, ok2 := c.Properties[b.from]
		switch earliest, latest, err := evidence.Interval(from, to); {
		case !ok && !ok2:
			j.against("objective", d.id, "%s was not measured, and the objective of %q bounds it", title, b.label)
		case err != nil:
			j.against("objective", d.id, "%s is %q to %q: %v", title, from, to, err)
		case earliest > b.limit:
			j.against("objective", d.id, "%s took %s%s, %q allows %s%s", title, between(earliest, latest), unit, b.label, plain.Seconds(b.limit), unit)
		case latest > b.limit && !slices.Contains(j.in.Policy.Inconclusive, d.id):
			j.against("objective", d.id, "%s took %s%s, and what %q allows, %s%s, lies in between: not proven", title, between(earliest, latest), unit, b.label, plain.Seconds(b.limit), unit)
		}
	}
	if !any && j.requires(d.id) {
		j.against("objective", d.id, "%s was not measured, and the objective of %q bounds it", title, b.label)
	}
}

func between(from, to float64) string {
	return strings.TrimSuffix(plain.Range(from, to), " s")
}

// Margin is how much of an objective is left, in the worst case of all trials.
type Margin struct {
	Measure string  `json:"measure"`
	Unit    string  `json:"unit,omitempty"`
	Latest  float64 `json:"latest"`
	Limit   float64 `json:"limit"` // the strictest that applies
}

// String says the margin in words: "detection 103.9 of 150 s (31 % left)".
func (m Margin) String() string {
	text := fmt.Sprintf("%s %s of %s", m.Measure, plain.Seconds(m.Latest), plain.Seconds(m.Limit))
	if m.Unit != "" {
		text += " " + plain.Line(m.Unit)
	}
	if m.Limit > 0 {
		text += fmt.Sprintf(" (%.0f %% left)", (m.Limit-m.Latest)/m.Limit*100)
	}
	return text
}

// margins of a drill: against the policy's objectives and those that the scenario itself states.
func (j *judge) margins(d *drill) []Margin {
	var out []Margin
	add := func(b bound, limit float64, c evidence.Case) {
		_, latest, err := evidence.Interval(c.Properties[b.from], c.Properties[b.to])
		if err != nil {
			return
		}
		for i := range out {
			if out[i].Measure == b.title() && out[i].Unit == b.unit {
				out[i].Latest, out[i].Limit = max(out[i].Latest, latest), min(out[i].Limit, limit)
				return
			}
		}
		out = append(out, Margin{b.title(), b.unit, latest, limit})
	}
	bounds := j.bounds(d)
	for _, c := range d.cases {
		for _, measure := range []string{"detection", "takeover", "recovery", "loss"} {
			if limit, _, err := evidence.Interval(c.Properties[measure+".objective_s"], c.Properties[measure+".objective_s"]); err == nil {
				add(bound{measure: measure, from: measure + ".earliest_s", to: measure + ".latest_s", unit: "s"}, limit, c)
			}
		}
		for _, b := range bounds {
			add(b, b.limit, c)
		}
		for name := range c.Properties {
			if measure, stated := strings.CutSuffix(name, ".limit"); stated && strings.HasPrefix(measure, "own.") {
				if limit, err := strconv.ParseFloat(c.Properties[name], 64); err == nil {
					add(bound{measure: measure, from: measure + ".least", to: measure + ".most", unit: c.Properties[measure+".unit"]}, limit, c)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b Margin) int {
		return cmp.Or(place(a)-place(b), strings.Compare(a.Measure, b.Measure), strings.Compare(a.Unit, b.Unit))
	})
	return out
}

// place orders margins as a failover goes; the team's own come last, by name.
func place(m Margin) int {
	if at := slices.Index([]string{"detection", "takeover", "recovery", "loss"}, m.Measure); at >= 0 {
		return at
	}
	return len("loss")
}
