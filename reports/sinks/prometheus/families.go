// Package prometheus states the results of a stored run as Prometheus metrics: in a file for node_exporter's textfile
// collector, or pushed to a Pushgateway. It imports nothing of this module outside of reports.
package prometheus

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
	"github.com/crossdc/failover/reports/summary"
)

// unfinished is the verdict of a scenario that has none yet.
const unfinished = "unfinished"

// help is every metric that a run may give, with its help text. All are gauges. Those of a scenario have the labels
// scenario, name, family, topology and, for repeated trials, trial. Seconds are toolkit seconds unless the name says wall.
var help = map[string]string{
	"failover_run_info":                       "The run that these results are of; always 1.",
	"failover_run_verdict":                    "1 for the run's verdict: failed, inconclusive, hazard, passed or skipped.",
	"failover_run_started_timestamp_seconds":  "When the run started.",
	"failover_run_finished_timestamp_seconds": "When the run finished; absent while it is partial.",
	"failover_run_interrupted":                "1 when somebody stopped the run.",
	"failover_scenarios":                      "Scenarios of the run by verdict.",
	"failover_scenario_verdict":               "1 for the scenario's verdict.",
	"failover_scenario_duration_wall_seconds": "How long the scenario took, in wall seconds.",
	"failover_detection_seconds":              "Fault to peer declared DOWN: not less than bound=earliest, not more than bound=latest.",
	"failover_takeover_seconds":               "Fault to last replicated fragment handed over, as bounds.",
	"failover_recovery_seconds":               "Fault to first event of the lost side served by the survivor, as bounds.",
	"failover_steady_seconds":                 "Fault to throughput back at its level, as bounds.",
	"failover_loss_events":                    "Acknowledged events that no surviving state contains, as bounds.",
	"failover_loss_seconds":                   "Seconds of traffic that the lost events stand for, as bounds.",
	"failover_objective_seconds":              "What was promised: objective=rto or rpo.",
	"failover_measure_verdict":                "1 for the verdict of a measure against its objective: met, missed, inconclusive, not applicable.",
	"failover_hazard_reproduced":              "1 for every known quirk of the toolkit that the scenario reproduced.",
	"failover_cleanup_verdict":                "1 for the verdict of the scenario's cleanup.",
}

// Names of every metric that a run may give, sorted.
func Names() []string {
	names := make([]string, 0, len(help))
	for name := range help {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Families are the metrics of run, sorted by name, without timestamps. It is a pure function.
func Families(run model.Run) []*dto.MetricFamily {
	c := collection{}
	dcs := make([]string, 0, len(run.Environment.DataCenters))
	for _, dc := range run.Environment.DataCenters {
		dcs = append(dcs, dc.Name)
	}
	c.add("failover_run_info", 1, "run", run.ID, "environment", run.Environment.Kind, "topology", run.Environment.Topology,
		"accuracy_class", run.Environment.AccuracyClass, "version", run.Version, "data_centers", strings.Join(dcs, ","))
	c.add("failover_run_verdict", 1, "verdict", string(summary.Worst(run)))
	c.add("failover_run_started_timestamp_seconds", float64(run.Started.UnixMilli())/1000)
	if !run.Finished.IsZero() {
		c.add("failover_run_finished_timestamp_seconds", float64(run.Finished.UnixMilli())/1000)
	}
	interrupted := 0.0
	if run.Interrupted {
		interrupted = 1
	}
	c.add("failover_run_interrupted", interrupted)

	counts := map[model.Outcome]float64{}
	for _, s := range run.Scenarios {
		counts[s.Outcome]++
		c.scenario(run, s)
	}
	for _, meaning := range model.Outcomes() {
		c.add("failover_scenarios", counts[meaning.Outcome], "verdict", verdict(meaning.Outcome))
	}
	return c.sorted()
}

func (c collection) scenario(run model.Run, s model.Scenario) {
	topology := s.Topology
	if topology == "" {
		topology = run.Environment.Topology
	}
	labels := []string{"scenario", s.ID, "name", s.Name, "family", s.Family, "topology", topology}
	if s.Trial > 0 {
		labels = append(labels, "trial", strconv.Itoa(s.Trial))
	}
	add := func(name string, value float64, more ...string) {
		c.add(name, value, append(slices.Clone(labels), more...)...)
	}
	bounds := func(name string, earliest, latest float64) {
		add(name, earliest, "bound", "earliest")
		add(name, latest, "bound", "latest")
	}
	add("failover_scenario_verdict", 1, "verdict", verdict(s.Outcome))
	if s.Finished > s.Started {
		add("failover_scenario_duration_wall_seconds", float64(s.Finished-s.Started)/1e9)
	}
	for measure, m := range map[string]*model.Measure{"detection": s.Measures.Detection, "takeover": s.Measures.Takeover,
		"recovery": s.Measures.Recovery, "steady": s.Measures.Steady} {
		if m != nil {
			bounds("failover_"+measure+"_seconds", m.EarliestSeconds, m.LatestSeconds)
			add("failover_measure_verdict", 1, "measure", measure, "verdict", string(m.Verdict))
		}
	}
	if loss := s.Measures.Loss; loss != nil {
		bounds("failover_loss_events", float64(loss.EarliestEvents), float64(loss.LatestEvents))
		bounds("failover_loss_seconds", loss.EarliestSeconds, loss.LatestSeconds)
		add("failover_measure_verdict", 1, "measure", "loss", "verdict", string(loss.Verdict))
	}
	if s.Objectives.RTOSeconds > 0 {
		add("failover_objective_seconds", s.Objectives.RTOSeconds, "objective", "rto")
	}
	if s.Objectives.RPOSeconds > 0 {
		add("failover_objective_seconds", s.Objectives.RPOSeconds, "objective", "rpo")
	}
	for _, hazard := range s.Hazards {
		add("failover_hazard_reproduced", 1, "quirk", hazard.Quirk)
	}
	if s.Cleanup != nil {
		outcome := s.Cleanup.Outcome
		if len(s.Cleanup.Left) > 0 && outcome == model.Passed {
			outcome = model.Failed
		}
		add("failover_cleanup_verdict", 1, "verdict", verdict(outcome))
	}
}

func verdict(outcome model.Outcome) string { return cmp.Or(plain.Line(string(outcome)), unfinished) }

// collection holds metrics by name and labels: the same series stated twice would make the whole file unreadable.
type collection map[string]map[string]*dto.Metric

func (c collection) add(name string, value float64, pairs ...string) {
	metric := &dto.Metric{Gauge: &dto.Gauge{Value: &value}}
	for i := 0; i < len(pairs); i += 2 {
		if text := plain.Line(pairs[i+1]); text != "" { // an empty label is the same as none
			metric.Label = append(metric.Label, &dto.LabelPair{Name: &pairs[i], Value: &text})
		}
	}
	slices.SortFunc(metric.Label, func(a, b *dto.LabelPair) int { return cmp.Compare(a.GetName(), b.GetName()) })
	var key strings.Builder
	for _, label := range metric.Label {
		key.WriteString(label.GetName() + "\x00" + label.GetValue() + "\x00")
	}
	if c[name] == nil {
		c[name] = map[string]*dto.Metric{}
	}
	c[name][key.String()] = metric
}

func (c collection) sorted() []*dto.MetricFamily {
	gauge := dto.MetricType_GAUGE
	var out []*dto.MetricFamily
	for _, name := range Names() {
		if len(c[name]) == 0 {
			continue
		}
		keys := make([]string, 0, len(c[name]))
		for key := range c[name] {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		text := help[name]
		family := &dto.MetricFamily{Name: &name, Help: &text, Type: &gauge}
		for _, key := range keys {
			family.Metric = append(family.Metric, c[name][key])
		}
		out = append(out, family)
	}
	return out
}
