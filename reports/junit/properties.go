package junit

import (
	"sort"
	"strconv"
	"strings"

	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

// list collects properties; empty values are left out.
type list struct {
	all    []property
	redact func(string) string
}

func (l *list) add(name, value string) {
	if l.redact != nil {
		value = l.redact(value)
	}
	if value = plain.Line(value); value != "" {
		l.all = append(l.all, property{name, clip(value, maxProperty)})
	}
}

func (l *list) number(name string, v float64) { l.add(name, strconv.FormatFloat(v, 'g', -1, 64)) }

// above is for numbers of which 0 says that there is none.
func (l *list) above(name string, v float64) {
	if v > 0 {
		l.number(name, v)
	}
}

func (l *list) integer(name string, v int64) { l.add(name, strconv.FormatInt(v, 10)) }

// runProperties are those of a testsuite: what holds for the whole run.
func runProperties(run model.Run, options Options) []property {
	l := list{redact: options.Redact}
	l.add("run", run.ID)
	l.integer("seed", run.Seed)
	l.integer("schema", int64(run.Schema))
	l.add("environment", run.Environment.Kind)
	l.add("topology", run.Environment.Topology)
	l.above("speedup", run.Environment.Speedup)
	l.add("accuracy_class", run.Environment.AccuracyClass)
	if run.Environment.Kind != "" { // nothing was reached otherwise, verified or not
		l.add("tls_verified", strconv.FormatBool(run.Environment.TLSVerified))
	}
	l.add("configuration", history.Fingerprint(run.Environment.Toolkit))
	l.add("proving", strings.Join(run.Proving, "; "))
	if run.Finished.IsZero() {
		l.add("partial", "true")
	}
	if run.Interrupted {
		l.add("interrupted", "true")
	}
	for _, dc := range run.Environment.DataCenters {
		l.add("data_center."+plain.Line(dc.Name), strings.Join(fields(dc.Instance, dc.ProductVersion, dc.Application), " "))
	}
	keys := make([]string, 0, len(run.Environment.Toolkit))
	for key := range run.Environment.Toolkit {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		l.add("toolkit."+plain.Line(key), run.Environment.Toolkit[key])
	}
	for _, note := range run.Notes {
		l.add("note", note)
	}
	return l.all
}

// scenarioProperties are repeated on every test case of a scenario; reports/README.md lists them.
func scenarioProperties(run model.Run, s model.Scenario, options Options) []property {
	l := list{redact: options.Redact}
	l.add("run", run.ID)
	l.add("scenario", s.ID)
	l.add("scenario.name", s.Name)
	if s.DeclaredSteps > 0 {
		l.integer("steps", int64(s.DeclaredSteps))
	}
	if s.Trial > 0 {
		l.integer("trial", int64(s.Trial))
	}
	l.add("labels", strings.Join(s.Labels, ","))
	l.add("verdict", outcomeText(s.Outcome))
	if s.Cause != nil {
		l.add("cause", string(s.Cause.Kind))
		l.add("cause.setting", s.Cause.Setting)
	}
	l.add("environment", run.Environment.Kind)
	l.add("topology", first(s.Topology, run.Environment.Topology))
	l.integer("seed", s.Seed)
	l.above("speedup", s.Speedup)
	l.add("accuracy_class", run.Environment.AccuracyClass)
	if s.Fault != nil {
		l.add("fault", strings.Join(fields(s.Fault.Name, s.Fault.Target), " "))
	}
	if s.Objectives.RTOSeconds > 0 {
		l.number("objective.rto_s", s.Objectives.RTOSeconds)
	}
	if s.Objectives.RPOSeconds > 0 {
		l.number("objective.rpo_s", s.Objectives.RPOSeconds)
	}
	l.measure("detection", s.Measures.Detection)
	l.measure("takeover", s.Measures.Takeover)
	l.measure("recovery", s.Measures.Recovery)
	l.measure("steady", s.Measures.Steady)
	if loss := s.Measures.Loss; loss != nil {
		l.integer("loss.earliest_events", loss.EarliestEvents)
		l.integer("loss.latest_events", loss.LatestEvents)
		l.number("loss.earliest_s", loss.EarliestSeconds)
		l.number("loss.latest_s", loss.LatestSeconds)
		if earliest, latest, ok := loss.Percent(); ok {
			l.number("loss.earliest_percent", earliest)
			l.number("loss.latest_percent", latest)
		}
		if loss.ObjectiveSeconds > 0 {
			l.number("loss.objective_s", loss.ObjectiveSeconds)
		}
		l.add("loss.verdict", string(loss.Verdict))
	}
	for _, o := range s.Own {
		name := "own." + plain.Line(o.Name)
		l.add(name+".unit", o.Unit)
		l.number(name+".least", o.Least)
		l.number(name+".most", o.Most)
		l.number(name+".limit", o.Limit)
		l.add(name+".verdict", string(o.Verdict))
	}
	if a := s.Accounting; a != nil {
		l.add("application", a.Application)
		l.integer("level", int64(a.Level))
		l.add("level.left_out", strings.Join(a.LeftOut, " "))
	}
	quirks := make([]string, 0, len(s.Hazards))
	for _, h := range s.Hazards {
		quirks = append(quirks, h.Quirk)
	}
	l.add("hazards", strings.Join(quirks, ","))
	for _, h := range s.Hazards {
		l.add("hazard."+plain.Line(h.Quirk), h.Title)
	}
	var used []string
	for _, use := range s.Indicators {
		if use.Used {
			used = append(used, strings.Join(fields(use.Site, use.Indicator), " "))
		}
	}
	l.add("indicators", strings.Join(used, ", "))
	if s.Trials != nil {
		l.integer("trials", int64(s.Trials.Count))
		l.add("trials.claim", s.Trials.Claim)
		l.add("trials.distribution", distribution(s.Trials.Fit))
	}
	if f := faultOf(run.Campaign, s); f != nil {
		l.integer("fault.trials", int64(f.Detected))
		l.add("fault.claim", f.Claim)
		l.add("fault.distribution", distribution(f.Fit))
	}
	l.add("nodes.differ", nodesDiffer(run.Campaign, s))
	if s.Cleanup != nil || s.Fault != nil {
		l.add("cleanup", outcomeText(outcomeOfCleanup(s)))
	}
	return l.all
}

func (l *list) measure(name string, m *model.Measure) {
	if m == nil {
		return
	}
	l.number(name+".earliest_s", m.EarliestSeconds)
	l.number(name+".latest_s", m.LatestSeconds)
	if m.ObjectiveSeconds > 0 {
		l.number(name+".objective_s", m.ObjectiveSeconds)
	}
	l.add(name+".verdict", string(m.Verdict))
}

func fields(values ...string) []string {
	var out []string
	for _, v := range values {
		if v != "" {
			out = append(out, v)
		}
	}
	return out
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// distribution is "predicted" where chance explains how the observed distribution differs from the predicted one, and "differs" where
// it does not; empty where they were not compared.
func distribution(fit *model.Fit) string {
	switch {
	case fit == nil:
		return ""
	case fit.Close():
		return "predicted"
	}
	return "differs"
}

// faultOf is what all trials of a campaign tell about the fault of a scenario that measured a detection; nil where there is none.
func faultOf(c *model.Campaign, s model.Scenario) *model.FaultTrials {
	if c == nil || s.Fault == nil || s.Measures.Detection == nil {
		return nil
	}
	for i := range c.Faults {
		if c.Faults[i].Fault == s.Fault.Name {
			return &c.Faults[i]
		}
	}
	return nil
}

// nodesDiffer names what of a scenario differs between the nodes of a campaign more than chance explains, none where nothing does;
// empty where it was not asked, because fewer than two nodes have results.
func nodesDiffer(c *model.Campaign, s model.Scenario) string {
	if c == nil {
		return ""
	}
	asked := false
	var differ []string
	for _, d := range c.Differences {
		if d.Scenario != s.ID+" "+s.Name {
			continue
		}
		asked = true
		if d.Differs {
			differ = append(differ, d.Measure)
		}
	}
	switch {
	case len(differ) > 0:
		return strings.Join(differ, ", ")
	case asked:
		return "none"
	}
	return ""
}
