package decision

import (
	"fmt"

	"golang.org/x/perf/benchmath"

	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

// compare holds the distribution of a measure against the baseline's, scenario by scenario: a Mann-Whitney test says whether
// they differ at all, the shift of the median whether it matters, Cliff's delta how much they overlap. Only runs of the same
// environment are compared. Too few runs are no proof either way; the policy says what that means.
func (j *judge) compare() {
	r := j.in.Policy.Regression
	if r == nil {
		return
	}
	ids := j.in.Policy.Required
	for _, id := range ids {
		now, environment := j.current(id, r.Measure)
		var before []float64
		for _, e := range j.in.Baseline {
			if e.Scenario == id && !contains(j.d.Runs, e.Run) && (environment == "" || e.Environment == environment) {
				if v, ok := measureOf(e, r.Measure); ok {
					before = append(before, v)
				}
			}
		}
		if len(now) < r.MinimumRuns || len(before) < r.MinimumRuns {
			text := fmt.Sprintf("%s: too few runs to tell whether %s became worse: %d now and %d in the baseline, %d of each are needed", id, r.Measure, len(now), len(before), r.MinimumRuns)
			if r.TooFew == "no-go" {
				j.against("regression", id, "%s", text)
			} else {
				j.d.Notes = append(j.d.Notes, text)
			}
			continue
		}
		thresholds := benchmath.DefaultThresholds
		thresholds.CompareAlpha = r.Alpha
		old, new := benchmath.NewSample(before, &thresholds), benchmath.NewSample(now, &thresholds)
		c := benchmath.AssumeNothing.Compare(old, new)
		was, is := benchmath.AssumeNothing.Summary(old, 0.95).Center, benchmath.AssumeNothing.Summary(new, 0.95).Center
		change := 0.0
		if was > 0 {
			change = (is - was) / was * 100
		}
		text := fmt.Sprintf("%s: median of %s was %s s in %d runs and is %s s in %d (%+.1f %%, Mann-Whitney p=%.4f, alpha=%g, Cliff's delta %+.2f)",
			id, r.Measure, plain.Seconds(was), len(before), plain.Seconds(is), len(now), change, c.P, r.Alpha, cliff(before, now))
		if c.P < r.Alpha && (change > r.Maximum || was <= 0 && is > was) {
			j.against("regression", id, "%s; at most +%s %% is allowed", text, plain.Seconds(r.Maximum))
		} else {
			j.d.Notes = append(j.d.Notes, text)
		}
		for _, w := range c.Warnings {
			j.d.Notes = append(j.d.Notes, id+": "+w.Error())
		}
	}
}

// current are the values to be judged: from the history of the current runs, else one per trial from the files.
func (j *judge) current(id, measure string) (values []float64, environment string) {
	d := j.drills[id]
	if d != nil && len(d.cases) > 0 {
		environment = d.cases[0].Properties["environment"]
	}
	for _, e := range j.in.Current {
		if e.Scenario == id && (environment == "" || e.Environment == environment) {
			if v, ok := measureOf(e, measure); ok {
				values = append(values, v)
			}
		}
	}
	if len(values) > 0 || d == nil {
		return values, environment
	}
	seen := map[string]bool{}
	for _, c := range d.cases {
		key := c.Properties["run"] + "\x00" + c.Properties["trial"] + "\x00" + c.Properties["topology"]
		if v, ok := value(c, measure); ok && !seen[key] {
			seen[key] = true
			values = append(values, v)
		}
	}
	return values, environment
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
	sum := 0
	for _, a := range before {
		for _, b := range now {
			switch {
			case b > a:
				sum++
			case b < a:
				sum--
			}
		}
	}
	return float64(sum) / float64(len(before)*len(now))
}
