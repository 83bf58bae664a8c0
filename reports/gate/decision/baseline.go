package decision

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/perf/benchmath"

	"github.com/crossdc/failover/reports/gate/evidence"
	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

// conditions are what must be the same for two values to be comparable.
type conditions struct{ variant, environment, topology, toolkit, speedup string }

// differences names what differs, in words.
func (c conditions) differences(o conditions) string {
	var out []string
	for _, d := range []struct{ what, now, before string }{
		{"variant", c.variant, o.variant}, {"environment", c.environment, o.environment}, {"topology", c.topology, o.topology},
		{"toolkit configuration", c.toolkit, o.toolkit}, {"speedup", c.speedup, o.speedup}} {
		if d.now != d.before {
			out = append(out, fmt.Sprintf("another %s (%s, now %s)", d.what, unstated(d.before), unstated(d.now)))
		}
	}
	return strings.Join(out, ", ")
}

func unstated(s string) string {
	if s == "" {
		return "not stated"
	}
	return plain.Line(s)
}

func conditionsOf(e history.Entry) conditions {
	return conditions{e.Name, e.Environment, e.Topology, e.Toolkit, number(e.Speedup)}
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// compare holds the distribution of a measure against the baseline's, scenario by scenario and variant by variant: a
// Mann-Whitney test says whether they differ at all, the shift of the median whether it matters, Cliff's delta how much they
// overlap. Only what was measured under the same conditions is compared, and what was not is said. Too few runs are no proof
// either way; the policy says what that means.
func (j *judge) compare() {
	r := j.in.Policy.Regression
	if r == nil {
		return
	}
	judged := map[string]bool{}
	for _, run := range j.d.Runs {
		judged[run] = true
	}
	for _, e := range j.in.Current {
		judged[e.Run] = true
	}
	before := map[string][]history.Entry{}
	for _, e := range j.in.Baseline {
		if _, ok := measureOf(e, r.Measure); ok && !judged[e.Run] {
			before[e.Scenario] = append(before[e.Scenario], e)
		}
	}
	for _, id := range j.in.Policy.Required {
		now := j.current(id, r.Measure)
		if len(now) == 0 {
			now = map[conditions][]float64{{}: nil}
		}
		variants := make([]conditions, 0, len(now))
		for c := range now {
			variants = append(variants, c)
		}
		sort.Slice(variants, func(a, b int) bool { return fmt.Sprint(variants[a]) < fmt.Sprint(variants[b]) })
		for _, c := range variants {
			j.compareOne(id, c, now, before[id])
		}
	}
}

// compareOne compares the values of one variant with those of the baseline that were measured under the same conditions.
func (j *judge) compareOne(id string, c conditions, all map[conditions][]float64, baseline []history.Entry) {
	r, now := j.in.Policy.Regression, all[c]
	title := id
	if len(all) > 1 {
		title += " (" + plain.Line(c.variant) + ")"
	}
	var before []float64
	other := map[string]int{}
	for _, e := range baseline {
		conditions := conditionsOf(e)
		if conditions == c {
			v, _ := measureOf(e, r.Measure)
			before = append(before, v)
		} else if conditions.variant == c.variant || len(all) == 1 {
			other[c.differences(conditions)]++
		}
	}
	for _, difference := range sorted(other) {
		j.note("%s: %d runs of the baseline are not comparable: %s", title, other[difference], difference)
	}
	if len(now) < r.MinimumRuns || len(before) < r.MinimumRuns {
		text := fmt.Sprintf("%s: too few runs to tell whether %s became worse: %d now and %d in the baseline, %d of each are needed", title, r.Measure, len(now), len(before), r.MinimumRuns)
		if r.TooFew == "no-go" {
			j.against("regression", id, "%s", text)
		} else {
			j.note("%s", text)
		}
		return
	}
	thresholds := benchmath.DefaultThresholds
	thresholds.CompareAlpha = r.Alpha
	old, new := benchmath.NewSample(before, &thresholds), benchmath.NewSample(now, &thresholds)
	result := benchmath.AssumeNothing.Compare(old, new)
	was, is := benchmath.AssumeNothing.Summary(old, 0.95).Center, benchmath.AssumeNothing.Summary(new, 0.95).Center
	change := 0.0
	if was > 0 {
		change = (is - was) / was * 100
	}
	text := fmt.Sprintf("%s: median of %s was %s s in %d runs and is %s s in %d (%+.1f %%, Mann-Whitney p=%.4f, alpha=%g, Cliff's delta %+.2f)",
		title, r.Measure, plain.Seconds(was), len(before), plain.Seconds(is), len(now), change, result.P, r.Alpha, cliff(before, now))
	if result.P < r.Alpha && (change > r.Maximum || was <= 0 && is > was) {
		j.against("regression", id, "%s; at most +%s %% is allowed", text, plain.Seconds(r.Maximum))
	} else {
		j.note("%s", text)
	}
	for _, w := range result.Warnings {
		j.note("%s: %v", title, w)
	}
}

// current are the values to be judged by their conditions: from the history of the current runs, else one per trial from
// the files.
func (j *judge) current(id, measure string) map[conditions][]float64 {
	values := map[conditions][]float64{}
	for _, e := range j.in.Current {
		if v, ok := measureOf(e, measure); ok && e.Scenario == id {
			values[conditionsOf(e)] = append(values[conditionsOf(e)], v)
		}
	}
	if len(values) > 0 || j.drills[id] == nil {
		return values
	}
	toolkit := j.configurations()
	seen := map[instance]bool{}
	for _, c := range j.drills[id].cases {
		p := c.Properties
		speedup, err := strconv.ParseFloat(p["speedup"], 64)
		at := conditions{p["scenario.name"], p["environment"], p["topology"], toolkit[p["run"]], ""}
		if err == nil {
			at.speedup = number(speedup)
		}
		if v, ok := value(c, measure); ok && !seen[instanceOf(c)] {
			seen[instanceOf(c)] = true
			values[at] = append(values[at], v)
		}
	}
	return values
}

// configurations is the fingerprint of the toolkit's configuration, by run.
func (j *judge) configurations() map[string]string {
	out := map[string]string{}
	for _, f := range j.in.Files {
		for _, s := range f.Suites {
			for _, run := range s.Properties["run"] {
				if c := s.Properties["configuration"]; len(c) > 0 {
					out[run] = c[0]
				}
			}
		}
	}
	return out
}

// value of a measure in a test case.
func value(c evidence.Case, measure string) (float64, bool) {
	switch model.Outcome(c.Properties["verdict"]) {
	case model.Passed, model.HazardReproduced, model.Failed:
	default:
		return 0, false
	}
	from, to, err := evidence.Interval(c.Properties[measure+".earliest_s"], c.Properties[measure+".latest_s"])
	return (from + to) / 2, err == nil
}

// measureOf leaves out what was cut short: a value counts when its scenario came to a verdict.
func measureOf(e history.Entry, measure string) (float64, bool) {
	switch e.Outcome {
	case model.Passed, model.HazardReproduced, model.Failed:
	default:
		return 0, false
	}
	b := map[string]*history.Bounds{"detection": e.Detection, "takeover": e.Takeover, "recovery": e.Recovery}[measure]
	if b == nil {
		return 0, false
	}
	return b.Mid(), true
}

// cliff is the share of pairs in which the new value is greater, less the share in which it is smaller.
func cliff(before, now []float64) float64 {
	before = slices.Clone(before)
	slices.Sort(before)
	sum := 0
	for _, v := range now {
		smaller := sort.SearchFloat64s(before, v)
		larger := len(before) - sort.Search(len(before), func(i int) bool { return before[i] > v })
		sum += smaller - larger
	}
	return float64(sum) / float64(len(before)*len(now))
}
