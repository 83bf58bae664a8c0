package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/perf/benchmath"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
	"github.com/crossdc/failover/reports/summary"
)

// comparison is two runs side by side.
type comparison struct {
	A, B       side
	Conditions []condition // that differ
	Scenarios  []row
	Better     int // scenarios
	Worse      int
	Apart      int // scenarios whose intervals do not meet, of too few trials to say more
}

// side is one of the runs.
type side struct{ Run, When, Verdict string }

// condition is something that differs between the runs besides what they show: then they are compared all the same, and it is said.
type condition struct{ What, A, B string }

// row is one scenario, all its trials together.
type row struct {
	ID, Name string
	A, B     string // verdicts, and how many trials of each; empty where the run has none
	Changed  direction
	Measures []change
}

// change is one measure of both runs.
type change struct {
	Name string
	A, B string // intervals in seconds; of several trials the median with the widest bounds
	Says string // what can be told
	To   direction

	apart bool // the intervals do not meet, of too few trials
}

// direction of a change.
type direction int

// The directions.
const (
	same direction = iota // or it cannot be told
	better
	worse
)

// String is the word that is shown.
func (d direction) String() string { return [...]string{"", "better", "worse"}[d] }

type drill struct{ id, name, topology string }

// compare puts the runs side by side. a is before, b is after.
func compare(a, b model.Run) comparison {
	c := comparison{A: sideOf(a), B: sideOf(b), Conditions: conditions(a, b)}
	before, after := byDrill(a), byDrill(b)
	drills := map[drill]bool{}
	for d := range before {
		drills[d] = true
	}
	for d := range after {
		drills[d] = true
	}
	for d := range drills {
		r := rowOf(d, before[d], after[d])
		c.Scenarios = append(c.Scenarios, r)
		switch r.Changed {
		case better:
			c.Better++
		case worse:
			c.Worse++
		default:
			if slices.ContainsFunc(r.Measures, func(m change) bool { return m.apart }) {
				c.Apart++
			}
		}
	}
	slices.SortFunc(c.Scenarios, func(x, y row) int {
		return cmp.Or(cmp.Compare(urgency(x), urgency(y)), cmp.Compare(x.ID, y.ID), cmp.Compare(x.Name, y.Name))
	})
	return c
}

// urgency puts what became worse first, then what became better.
func urgency(r row) int { return [...]int{2, 1, 0}[r.Changed] }

func sideOf(run model.Run) side {
	when := "not stated"
	if !run.Started.IsZero() {
		when = run.Started.UTC().Format("2006-01-02 15:04 UTC")
	}
	return side{run.ID, when, summary.Word(summary.Worst(run))}
}

func byDrill(run model.Run) map[drill][]model.Scenario {
	out := map[drill][]model.Scenario{}
	for _, s := range run.Scenarios {
		if s.ID != model.SuiteID {
			out[drill{s.ID, s.Name, s.Topology}] = append(out[drill{s.ID, s.Name, s.Topology}], s)
		}
	}
	return out
}

// conditions are what the runs differ in: the toolkit's configuration key by key, versions, environment.
func conditions(a, b model.Run) []condition {
	var list []condition
	add := func(what, x, y string) {
		if x != y {
			list = append(list, condition{what, cmp.Or(plain.Line(x), "not stated"), cmp.Or(plain.Line(y), "not stated")})
		}
	}
	add("environment", a.Environment.Kind, b.Environment.Kind)
	add("topology", a.Environment.Topology, b.Environment.Topology)
	add("speedup", fmt.Sprint(a.Environment.Speedup), fmt.Sprint(b.Environment.Speedup))
	add("suite version", a.Version, b.Version)
	if stated := func(r model.Run) bool { return len(r.Environment.Toolkit) > 0 }; stated(a) != stated(b) {
		// One of them did not get as far as recording it: that says nothing of what differs.
		said := map[bool]string{true: "recorded", false: "not recorded"}
		return append(list, condition{"toolkit configuration and data centers", said[stated(a)], said[stated(b)]})
	}
	for i := range max(len(a.Environment.DataCenters), len(b.Environment.DataCenters)) {
		x, y := dataCenter(a, i), dataCenter(b, i)
		name := cmp.Or(x.Name, y.Name)
		add("name of data center "+fmt.Sprint(i+1), x.Name, y.Name)
		add("application in "+name, x.Application, y.Application)
		add("Streams in "+name, x.ProductVersion, y.ProductVersion)
	}
	keys := map[string]bool{}
	for key := range a.Environment.Toolkit {
		keys[key] = true
	}
	for key := range b.Environment.Toolkit {
		keys[key] = true
	}
	var sorted []string
	for key := range keys {
		sorted = append(sorted, key)
	}
	slices.Sort(sorted)
	for _, key := range sorted {
		add(key, a.Environment.Toolkit[key], b.Environment.Toolkit[key])
	}
	return list
}

func dataCenter(run model.Run, i int) model.DataCenter {
	if i < len(run.Environment.DataCenters) {
		return run.Environment.DataCenters[i]
	}
	return model.DataCenter{}
}

func rowOf(d drill, a, b []model.Scenario) row {
	r := row{ID: plain.Line(d.id), Name: plain.Line(d.name), A: verdicts(a), B: verdicts(b)}
	if len(a) == 0 || len(b) == 0 {
		return r
	}
	if order := worstOf(b).Compare(worstOf(a)); order < 0 { // worst first
		r.Changed = worse
	} else if order > 0 {
		r.Changed = better
	}
	for _, m := range measures {
		c, ok := changeOf(m, a, b)
		if !ok {
			continue
		}
		r.Measures = append(r.Measures, c)
		if r.Changed == same || c.To == worse && worstOf(a) == worstOf(b) {
			r.Changed = c.To
		}
	}
	return r
}

func worstOf(all []model.Scenario) model.Outcome {
	outcomes := make([]model.Outcome, len(all))
	for i, s := range all {
		outcomes[i] = s.Outcome
	}
	return model.Worst(outcomes...)
}

func verdicts(all []model.Scenario) string {
	if len(all) == 0 {
		return ""
	}
	word := summary.Word(worstOf(all))
	if len(all) > 1 {
		word += fmt.Sprintf(" (worst of %d)", len(all))
	}
	return word
}

// measure is what is compared, in toolkit seconds; less is better.
type measure struct {
	name string
	of   func(model.Measures) (from, to float64, ok bool)
}

func timed(of func(model.Measures) *model.Measure) func(model.Measures) (float64, float64, bool) {
	return func(m model.Measures) (float64, float64, bool) {
		if v := of(m); v != nil {
			return v.EarliestSeconds, v.LatestSeconds, true
		}
		return 0, 0, false
	}
}

var measures = []measure{
	{"detection", timed(func(m model.Measures) *model.Measure { return m.Detection })},
	{"takeover", timed(func(m model.Measures) *model.Measure { return m.Takeover })},
	{"recovery", timed(func(m model.Measures) *model.Measure { return m.Recovery })},
	{"loss", func(m model.Measures) (float64, float64, bool) {
		if m.Loss == nil {
			return 0, 0, false
		}
		return m.Loss.EarliestSeconds, m.Loss.LatestSeconds, true
	}},
}

// sample is a measure in all trials of a scenario.
type sample struct {
	middles  []float64
	from, to float64 // the widest bounds
}

func sampleOf(m measure, all []model.Scenario) (s sample) {
	for _, one := range all {
		from, to, ok := m.of(one.Measures)
		if !ok {
			continue
		}
		if len(s.middles) == 0 {
			s.from, s.to = from, to
		}
		s.from, s.to = min(s.from, from), max(s.to, to)
		s.middles = append(s.middles, (from+to)/2)
	}
	return s
}

// fewest is how many trials of each run a test of the medians needs: with less not even the most extreme outcome would be
// significant at 5 %.
const fewest = 4

// changeOf says what can be told of a measure. Of single trials each is an interval, and detection is drawn by when the fault
// falls between two heartbeats: that two intervals do not meet says that these two runs differed, not that the configurations do.
func changeOf(m measure, a, b []model.Scenario) (change, bool) {
	x, y := sampleOf(m, a), sampleOf(m, b)
	if len(x.middles) == 0 && len(y.middles) == 0 {
		return change{}, false
	}
	c := change{Name: m.name, A: shown(x), B: shown(y)}
	switch {
	case len(x.middles) == 0 || len(y.middles) == 0:
		c.Says = "measured in one of the runs only"
	case len(x.middles) >= fewest && len(y.middles) >= fewest:
		old, now := benchmath.NewSample(x.middles, &benchmath.DefaultThresholds), benchmath.NewSample(y.middles, &benchmath.DefaultThresholds)
		result := benchmath.AssumeNothing.Compare(old, now)
		shift := median(y.middles) - median(x.middles)
		c.Says = fmt.Sprintf("median %s, p = %.3f (Mann-Whitney, %d and %d trials)", signed(shift), result.P, len(x.middles), len(y.middles))
		if result.P < benchmath.DefaultThresholds.CompareAlpha {
			c.To = to(shift)
		} else {
			c.Says += ": no difference that chance does not explain"
		}
	case y.from > x.to:
		c.Says, c.apart = fmt.Sprintf("at least %s in these runs%s", signed(y.from-x.to), tooFew(x, y)), true
	case y.to < x.from:
		c.Says, c.apart = fmt.Sprintf("at least %s in these runs%s", signed(y.to-x.from), tooFew(x, y)), true
	default:
		c.Says = "the intervals meet: no difference can be told"
	}
	return c, true
}

func tooFew(x, y sample) string {
	return fmt.Sprintf(" (%d and %d trials: %d of each would tell the configurations apart from chance)", len(x.middles), len(y.middles), fewest)
}

func to(shift float64) direction {
	switch {
	case shift > 0:
		return worse
	case shift < 0:
		return better
	}
	return same
}

func signed(seconds float64) string {
	if seconds < 0 {
		return "-" + plain.Seconds(-seconds) + " s"
	}
	return "+" + plain.Seconds(seconds) + " s"
}

func shown(s sample) string {
	switch len(s.middles) {
	case 0:
		return "not measured"
	case 1:
		return plain.Range(s.from, s.to)
	}
	return fmt.Sprintf("median %s s of %d, %s", plain.Seconds(median(s.middles)), len(s.middles), plain.Range(s.from, s.to))
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return (sorted[n/2-1] + sorted[n/2]) / 2
}

// sentence is what came out, first.
func (c comparison) sentence() string {
	var parts []string
	if c.Worse > 0 {
		parts = append(parts, fmt.Sprintf("%s became worse", counted(c.Worse)))
	}
	if c.Better > 0 {
		parts = append(parts, fmt.Sprintf("%s became better", counted(c.Better)))
	}
	if len(parts) == 0 {
		parts = append(parts, "Nothing became worse or better that can be told")
	}
	missing := 0
	for _, r := range c.Scenarios {
		if r.A == "" || r.B == "" {
			missing++
		}
	}
	text := strings.Join(parts, ", ") + fmt.Sprintf(" of %s.", counted(len(c.Scenarios)))
	if c.Apart > 0 {
		text += fmt.Sprintf(" Measured values of %s differ, of too few trials to tell it from chance.", counted(c.Apart))
	}
	if missing > 0 {
		text += fmt.Sprintf(" In one of the runs only: %s.", counted(missing))
	}
	if len(c.Conditions) > 0 {
		conditions := "1 condition"
		if len(c.Conditions) > 1 {
			conditions = fmt.Sprintf("%d conditions", len(c.Conditions))
		}
		text += " The runs differ in " + conditions + " besides."
	}
	return text
}

func counted(n int) string {
	if n == 1 {
		return "1 scenario"
	}
	return fmt.Sprintf("%d scenarios", n)
}
