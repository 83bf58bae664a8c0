// Package summary says in short how a run went: summary.json for machines and a table for the terminal. Both are pure
// functions of the result model.
package summary

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// SchemaVersion of summary.json; reports/README.md documents the format. Version 2 added what was not tested, refused runs
// and objectives of a team's own.
const SchemaVersion = 2

// Summary is the content of summary.json. What was not measured is null.
type Summary struct {
	Schema      int           `json:"schema"`
	Run         string        `json:"run"`
	Verdict     string        `json:"verdict"` // the worst of the scenarios: see Worst
	Started     time.Time     `json:"started"`
	Finished    *time.Time    `json:"finished"` // null while the run is partial
	Interrupted bool          `json:"interrupted"`
	Seed        int64         `json:"seed"`
	Speedup     *float64      `json:"speedup"` // null where nothing was reached
	Environment Environment   `json:"environment"`
	Suites      []string      `json:"suites"`
	Totals      Totals        `json:"totals"`
	Refused     []model.Cause `json:"refused,omitempty"`
	Scenarios   []Scenario    `json:"scenarios"`
	Notes       []string      `json:"notes"`
	// Campaign says of which shards the run was put together; left out for a run of one command.
	Campaign *model.Campaign `json:"campaign,omitempty"`
}

// Environment says what the run was aimed at.
type Environment struct {
	Kind          string   `json:"kind"`
	Topology      string   `json:"topology"`
	AccuracyClass string   `json:"accuracy_class"`
	TLSVerified   bool     `json:"tls_verified"`
	DataCenters   []string `json:"data_centers"`
}

// Totals counts scenarios by outcome; a failed cleanup is counted beside the scenario's own outcome.
type Totals struct {
	Scenarios      int `json:"scenarios"`
	Passed         int `json:"passed"`
	Hazards        int `json:"hazards"`
	Failed         int `json:"failed"`
	Inconclusive   int `json:"inconclusive"` // nothing proven: inconclusive, panicked, timed out, interrupted, running, unfinished
	NotTested      int `json:"not_tested"`   // something was in the way before the application could be tested
	Skipped        int `json:"skipped"`      // skipped and pending
	CleanupsFailed int `json:"cleanups_failed"`
}

// Scenario is one line of the summary. Durations are toolkit seconds.
type Scenario struct {
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	Family    string       `json:"family"`
	Trial     int          `json:"trial,omitempty"`
	Shard     string       `json:"shard,omitempty"`
	Node      string       `json:"node,omitempty"`
	Verdict   string       `json:"verdict"`
	Reasons   []string     `json:"reasons"`
	Cause     *model.Cause `json:"cause,omitempty"`
	Own       []Own        `json:"own,omitempty"`
	Seed      int64        `json:"seed"`
	Speedup   *float64     `json:"speedup"`
	Objective Objective    `json:"objective"`
	Detection *Interval    `json:"detection"`
	Takeover  *Interval    `json:"takeover"`
	Recovery  *Interval    `json:"recovery"`
	Loss      *Loss        `json:"loss"`
	Hazards   []string     `json:"hazards"`
	Cleanup   *string      `json:"cleanup"` // the cleanup's own verdict; null when there was nothing to clean up
	Trials    *Trials      `json:"trials,omitempty"`
	Command   string       `json:"command,omitempty"`
}

// Trials is what all trials of a scenario carry together; it is on the one that ended last.
type Trials struct {
	Count int    `json:"count"`
	Claim string `json:"claim"` // which percentile, in words

	Fit *model.Fit `json:"fit,omitempty"` // of the observed detection to the predicted one
}

// Objective in toolkit seconds; null when there is none.
type Objective struct {
	RTOSeconds *float64 `json:"rto_s"`
	RPOSeconds *float64 `json:"rpo_s"`
}

// Interval is a measured duration with its bounds, in toolkit seconds and in wall seconds.
type Interval struct {
	EarliestSeconds     float64  `json:"earliest_s"`
	LatestSeconds       float64  `json:"latest_s"`
	WallEarliestSeconds float64  `json:"wall_earliest_s"`
	WallLatestSeconds   float64  `json:"wall_latest_s"`
	ObjectiveSeconds    *float64 `json:"objective_s"`
	Verdict             string   `json:"verdict"`
}

// Own is one objective of a team's own: a measured value with its bounds and the most that it may be, in its own unit.
type Own struct {
	Name    string  `json:"name"`
	Unit    string  `json:"unit,omitempty"`
	Least   float64 `json:"least"`
	Most    float64 `json:"most"`
	Limit   float64 `json:"limit"`
	Verdict string  `json:"verdict"`
}

// Loss is measured data loss with its bounds, in events and in toolkit seconds of traffic.
type Loss struct {
	EarliestEvents   int64    `json:"earliest_events"`
	LatestEvents     int64    `json:"latest_events"`
	EarliestSeconds  float64  `json:"earliest_s"`
	LatestSeconds    float64  `json:"latest_s"`
	ObjectiveSeconds *float64 `json:"objective_s"`
	Verdict          string   `json:"verdict"`
	// Of what the lost side had taken; absent where no side lost its memory.
	EarliestPercent *float64 `json:"earliest_percent,omitempty"`
	LatestPercent   *float64 `json:"latest_percent,omitempty"`
}

// Of summarizes run.
func Of(run model.Run) Summary {
	s := Summary{
		Schema: SchemaVersion, Run: run.ID, Started: run.Started, Interrupted: run.Interrupted, Seed: run.Seed,
		Speedup: some(run.Environment.Speedup), Suites: notNil(run.Suites), Notes: notNil(run.Notes), Scenarios: []Scenario{},
		Environment: Environment{Kind: run.Environment.Kind, Topology: run.Environment.Topology,
			AccuracyClass: run.Environment.AccuracyClass, TLSVerified: run.Environment.TLSVerified, DataCenters: []string{}},
		Totals:  Count(run),
		Refused: run.Refused, Campaign: run.Campaign,
		Verdict: Word(Worst(run)),
	}
	if !run.Finished.IsZero() {
		s.Finished = &run.Finished
	}
	for _, dc := range run.Environment.DataCenters {
		s.Environment.DataCenters = append(s.Environment.DataCenters, dc.Name)
	}
	for _, scenario := range run.Scenarios {
		s.Scenarios = append(s.Scenarios, line(scenario))
	}
	return s
}

func line(s model.Scenario) Scenario {
	out := Scenario{ID: s.ID, Name: s.Name, Family: s.Family, Trial: s.Trial, Shard: s.Shard, Node: s.Node, Verdict: Word(s.Outcome), Reasons: notNil(s.Reasons), Cause: s.Cause,
		Seed: s.Seed, Speedup: some(s.Speedup), Hazards: []string{}, Command: s.Command,
		Objective: Objective{RTOSeconds: some(s.Objectives.RTOSeconds), RPOSeconds: some(s.Objectives.RPOSeconds)},
		Detection: interval(s.Measures.Detection), Takeover: interval(s.Measures.Takeover), Recovery: interval(s.Measures.Recovery)}
	if l := s.Measures.Loss; l != nil {
		out.Loss = &Loss{
			EarliestEvents: l.EarliestEvents, LatestEvents: l.LatestEvents, EarliestSeconds: l.EarliestSeconds, LatestSeconds: l.LatestSeconds,
			ObjectiveSeconds: some(l.ObjectiveSeconds), Verdict: string(l.Verdict),
		}
		if earliest, latest, ok := l.Percent(); ok {
			out.Loss.EarliestPercent, out.Loss.LatestPercent = &earliest, &latest
		}
	}
	if s.Trials != nil {
		out.Trials = &Trials{s.Trials.Count, s.Trials.Claim, s.Trials.Fit}
	}
	for _, o := range s.Own {
		out.Own = append(out.Own, Own{o.Name, o.Unit, o.Least, o.Most, o.Limit, string(o.Verdict)})
	}
	for _, h := range s.Hazards {
		out.Hazards = append(out.Hazards, h.Quirk)
	}
	if s.Cleanup != nil || s.Fault != nil {
		verdict := Word(CleanupOutcome(s))
		out.Cleanup = &verdict
	}
	return out
}

// Word is the outcome in words, "unfinished" for a scenario that has none yet.
func Word(outcome model.Outcome) string {
	if outcome == model.Unfinished {
		return outcome.Word()
	}
	return string(outcome)
}

// CleanupOutcome is the cleanup's own outcome, except that something left behind never passes; empty when a fault was
// injected and nothing is known about its cleanup.
func CleanupOutcome(s model.Scenario) model.Outcome {
	switch c := s.Cleanup; {
	case c == nil && s.Fault == nil:
		return model.Passed
	case c == nil:
		return ""
	case len(c.Left) > 0 && c.Outcome.Green():
		return model.Failed
	default:
		return c.Outcome
	}
}

// Count counts the scenarios of a run by outcome.
func Count(run model.Run) Totals {
	t := Totals{Scenarios: len(run.Scenarios)}
	for _, s := range run.Scenarios {
		switch s.Outcome {
		case model.Passed:
			t.Passed++
		case model.HazardReproduced:
			t.Hazards++
		case model.Failed:
			t.Failed++
		case model.Skipped, model.Pending:
			t.Skipped++
		case model.NotTested:
			t.NotTested++
		default: // nothing proven, or a word of a later version
			t.Inconclusive++
		}
		if cleanupFailed(s) {
			t.CleanupsFailed++
		}
	}
	return t
}

// Worst is the run's own outcome: the worst of its scenarios by the table of outcomes (model.Outcomes), where a cleanup that
// failed counts as failed, an interrupted run as interrupted, one without an end as unfinished, and a refused one as not
// tested. What was left out on purpose counts only where nothing else is: a run in which nothing ran is skipped.
func Worst(run model.Run) model.Outcome {
	var all []model.Outcome
	for _, s := range run.Scenarios {
		if !s.Outcome.Left() {
			all = append(all, s.Outcome)
		}
		if cleanupFailed(s) {
			all = append(all, model.Failed)
		}
	}
	switch {
	case run.Interrupted:
		all = append(all, model.Interrupted)
	case run.Finished.IsZero():
		all = append(all, model.Unfinished)
	}
	if len(run.Refused) > 0 {
		all = append(all, model.NotTested)
	}
	return model.Worst(all...)
}

// WriteJSON writes summary.json. It fails on numbers that JSON cannot hold (NaN, infinity) and on the writer's errors.
func WriteJSON(w io.Writer, run model.Run) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(Of(run)); err != nil {
		return fmt.Errorf("write the summary of run %q: %w", run.ID, err)
	}
	return nil
}

func interval(m *model.Measure) *Interval {
	if m == nil {
		return nil
	}
	return &Interval{m.EarliestSeconds, m.LatestSeconds, m.WallEarliest, m.WallLatest, some(m.ObjectiveSeconds), string(m.Verdict)}
}

func some(v float64) *float64 {
	if v == 0 {
		return nil
	}
	return &v
}

func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
