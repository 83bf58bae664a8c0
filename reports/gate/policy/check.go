package policy

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/crossdc/failover/reports/model"
)

// check says everything that is wrong with the values, each with the line it stands in and what is allowed there.
func (p Policy) check() error {
	c := checker{policy: p}
	c.add(p.Version != 1, []string{"version"}, "%d is not known here, only 1", p.Version)
	c.add(len(p.Required) == 0, []string{"required"}, "empty; name at least one scenario, or the gate would pass without evidence")
	c.add(p.has("environments") && len(p.Environments) == 0, []string{"environments"}, "empty would allow any; name them, or leave the key out for any")
	c.lists()
	for _, label := range slices.Sorted(maps.Keys(p.Objectives)) {
		c.objective(label, p.Objectives[label])
	}
	c.trials()
	if p.Regression != nil {
		c.regression(*p.Regression)
	}
	return errors.Join(c.problems...)
}

type checker struct {
	policy   Policy
	problems []error
}

// quirk is how the toolkit's quirks are numbered. Hazards that an application has of its own do not exist.
var quirk = regexp.MustCompile(`^Q[1-9][0-9]*$`)

// add adds a problem with the value at key. It names the innermost part of the key that stands in the policy.
func (c *checker) add(bad bool, key []string, format string, args ...any) {
	if !bad {
		return
	}
	at := key
	for len(at) > 1 && !c.policy.has(at...) {
		at = at[:len(at)-1]
	}
	c.problems = append(c.problems, fmt.Errorf("%s: %s: %s", c.policy.Where(at...), strings.Join(key, "."), fmt.Sprintf(format, args...)))
}

func (c *checker) lists() {
	p := c.policy
	for _, list := range []struct {
		name   string
		values []string
	}{{"required", p.Required}, {"environments", p.Environments}, {"skips", p.Skips}, {"inconclusive", p.Inconclusive}, {"hazards", p.Hazards}, {"flaky", p.Flaky}} {
		seen := map[string]bool{}
		for i, v := range list.values {
			key := []string{list.name, strconv.Itoa(i)}
			c.add(strings.TrimSpace(v) == "" || v != strings.TrimSpace(v), key, "%q is empty or has blanks around it", v)
			c.add(seen[v], key, "%q is there twice", v)
			c.add(list.name == "environments" && v != "embedded" && v != "remote" && v != "hosts", key, "%q is not one of embedded, remote, hosts", v)
			c.add(list.name == "hazards" && !quirk.MatchString(v), key, "%q is no quirk of the toolkit; allowed here: Q and a number, such as Q1", v)
			seen[v] = true
		}
	}
	if p.Level != nil {
		c.add(*p.Level < 0 || *p.Level > model.HighestLevel, []string{"level"}, "%d is no level; 0 to %d is allowed", *p.Level, model.HighestLevel)
	}
	for i, id := range p.Required {
		key := []string{"required", strconv.Itoa(i)}
		c.add(slices.Contains(p.Skips, id), key, "%q is both required and allowed to be skipped", id)
		c.add(slices.Contains(p.Inconclusive, id), key, "%q is both required and allowed to be inconclusive", id)
	}
}

func (c *checker) objective(label string, o Objective) {
	bounds := o.Bounds()
	for _, name := range slices.Sorted(maps.Keys(bounds)) {
		v := bounds[name]
		c.add(math.IsNaN(v) || math.IsInf(v, 0) || v < 0, []string{"objectives", label, name}, "%v is not a bound; a number that is not negative is", v)
		c.add(v == 0 && !strings.HasPrefix(name, "loss_"), []string{"objectives", label, name}, "0 is kept by nobody; more than 0 toolkit seconds is allowed")
	}
	for _, name := range slices.Sorted(maps.Keys(o.Own)) {
		v := o.Own[name]
		c.add(math.IsNaN(v) || math.IsInf(v, 0), []string{"objectives", label, "own", name}, "%v is not a bound; a number is", v)
		c.add(strings.TrimSpace(name) == "", []string{"objectives", label, "own"}, "an objective without a name")
	}
	c.add(strings.TrimSpace(label) == "", []string{"objectives", label}, "an empty label")
	c.add(len(bounds)+len(o.Own) == 0, []string{"objectives", label}, "bounds nothing; allowed here: %s", strings.Join(keys(o), ", "))
}

func (c *checker) trials() {
	p, t := c.policy, c.policy.Trials
	c.add(t.Minimum < 1, []string{"trials", "minimum"}, "%d; at least 1 is allowed", t.Minimum)
	if p.has("trials", "percentile") {
		c.percent([]string{"trials", "percentile"}, t.Percentile)
	}
	c.percent([]string{"trials", "confidence"}, t.Confidence)
	c.add(p.has("trials", "nodes") && t.Nodes != NodesAlike, []string{"trials", "nodes"}, "%q; allowed here: %s", t.Nodes, NodesAlike)
	c.add(p.has("trials", "confidence") && !p.has("trials", "percentile") && !p.has("trials", "faults", "percentile"), []string{"trials", "confidence"}, "says nothing without trials.percentile")
	demands := slices.ContainsFunc([]string{"minimum", "percentile", "nodes", "distribution", "faults"}, func(key string) bool { return p.has("trials", key) })
	c.add(p.has("trials") && !demands, []string{"trials"}, "demands nothing; allowed here: %s", strings.Join(keys(t), ", "))
	c.distribution(t.Distribution, t.Needed(), "set trials.minimum or trials.percentile", "trials", "distribution")
	if f := t.Faults; f != nil {
		if p.has("trials", "faults", "percentile") {
			c.percent([]string{"trials", "faults", "percentile"}, f.Percentile)
		}
		c.add(!p.has("trials", "faults", "percentile") && !p.has("trials", "faults", "distribution"), []string{"trials", "faults"}, "demands nothing; allowed here: %s", strings.Join(keys(*f), ", "))
		c.distribution(f.Distribution, t.FaultsNeeded(), "set trials.faults.percentile", "trials", "faults", "distribution")
	}
}

// distribution asks for more trials than chance needs to explain whatever they show.
func (c *checker) distribution(value string, trials int, remedy string, key ...string) {
	if !c.policy.has(key...) {
		return
	}
	c.add(value != Predicted, key, "%q; allowed here: %s", value, Predicted)
	c.add(trials < enough, key, "%d trials tell next to nothing of a distribution; %s, so that there are at least %d", trials, remedy, enough)
}

// percent is a percentage from 50 to less than 100. A share such as 0.95 would silently demand next to nothing.
func (c *checker) percent(key []string, v float64) {
	hint := ""
	if v >= 0.5 && v < 1 {
		hint = fmt.Sprintf(": write %v for %v", v*100, v)
	}
	c.add(!(v >= 50 && v < 100), key, "%v is not a percentage from 50 to less than 100%s", v, hint)
}

func (c *checker) regression(r Regression) {
	at := func(key string) []string { return []string{"regression", key} }
	c.add(!slices.Contains([]string{"detection", "takeover", "recovery"}, r.Measure), at("measure"), "%q is not one of detection, takeover, recovery", r.Measure)
	alphaFine := r.Alpha > 0 && r.Alpha < 0.5
	c.add(!alphaFine, at("alpha"), "%v; more than 0 and less than 0.5 is allowed, 0.05 when left out", r.Alpha)
	c.add(!(r.Maximum > 0 && r.Maximum <= 1000), at("maximum"), "%v; more than 0 and up to 1000 percent is allowed, 10 when left out", r.Maximum)
	c.add(r.MinimumRuns < 2 || r.MinimumRuns > 1_000_000, at("minimum_runs"), "%d; from 2 to a million is allowed, 8 when left out", r.MinimumRuns)
	if alphaFine && r.MinimumRuns >= 2 && smallestP(r.MinimumRuns) >= r.Alpha {
		n := r.MinimumRuns
		for smallestP(n) >= r.Alpha {
			n++
		}
		c.add(true, at("minimum_runs"), "%d runs can never show a difference at alpha %v; at least %d are needed", r.MinimumRuns, r.Alpha, n)
	}
	c.add(r.TooFew != "note" && r.TooFew != "no-go", at("too_few_means"), "%q is not one of note, no-go", r.TooFew)
	c.add(c.policy.has("regression", "baseline") && strings.TrimSpace(r.Baseline) == "", at("baseline"), "empty; the folder of a history is allowed")
}

// smallestP is the smallest p that the two-sided Mann-Whitney test can give with n values on each side: 2 of all the ways to
// choose n of 2n.
func smallestP(n int) float64 {
	p := 2.0
	for i := 1; i <= n; i++ {
		p *= float64(i) / float64(n+i)
	}
	return p
}
