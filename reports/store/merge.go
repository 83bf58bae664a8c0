package store

import (
	"slices"
	"sort"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// Merge puts the suites of one run together. Its instants count from the earliest Started of all; it is finished when all
// are, interrupted when any is. The environment is that of the first by suite name that reached data centers (a suite of which
// nothing was selected states only what kind it would have been), the seed that of the first that states one. Runs must have
// the same ID; the order of the arguments does not matter.
func Merge(runs ...model.Run) model.Run {
	runs = slices.Clone(runs)
	sort.SliceStable(runs, func(i, j int) bool { return slices.Compare(runs[i].Suites, runs[j].Suites) < 0 })
	var merged model.Run
	for i, run := range runs {
		if i == 0 {
			merged = run
			merged.Scenarios, merged.Suites, merged.Notes, merged.Proving, merged.Refused = nil, nil, nil, nil, nil
			merged.Folders, merged.Planned, merged.Labels = nil, nil, nil
			continue
		}
		if run.Started.Before(merged.Started) {
			merged.Started = run.Started
		}
		if run.Finished.IsZero() || merged.Finished.IsZero() {
			merged.Finished = time.Time{}
		} else if run.Finished.After(merged.Finished) {
			merged.Finished = run.Finished
		}
		merged.Interrupted = merged.Interrupted || run.Interrupted
		merged.Process = nil
		if run.Command == nil || merged.Command == nil || *run.Command != *merged.Command {
			merged.Command = nil
		}
		if merged.Environment.Kind == "" || len(merged.Environment.DataCenters) == 0 && len(run.Environment.DataCenters) > 0 {
			merged.Environment = run.Environment
		}
		if merged.Seed == 0 {
			merged.Seed = run.Seed
		}
	}
	for _, run := range runs {
		merged.Suites = union(merged.Suites, run.Suites)
		merged.Notes = union(merged.Notes, run.Notes)
		merged.Proving = union(merged.Proving, run.Proving)
		merged.Folders = union(merged.Folders, run.Folders)
		merged.Planned = union(merged.Planned, run.Planned)
		merged.Labels = union(merged.Labels, run.Labels)
		merged.Refused = union(merged.Refused, run.Refused)
		offset := model.Instant(run.Started.Sub(merged.Started))
		for _, scenario := range run.Scenarios {
			merged.Scenarios = append(merged.Scenarios, shift(scenario, offset))
		}
	}
	return merged
}

// key identifies a scenario within a run.
type key struct {
	key, id, name, family, topology string
	trial                           int
}

func keyOf(s model.Scenario) key { return key{s.Key, s.ID, s.Name, s.Family, s.Topology, s.Trial} }

// update is what becomes of a suite's stored run when the same suite publishes again, because it got further or because
// several of its processes publish: scenarios are kept, those that newer tells about are replaced. What was running before
// the suite began anew, or what it had only planned by the time it ended, is no scenario of it.
func update(older, newer model.Run) model.Run {
	finished, environment, seed, process, command := newer.Finished, newer.Environment, newer.Seed, newer.Process, newer.Command
	told := make(map[key]bool, len(newer.Scenarios))
	for _, s := range newer.Scenarios {
		told[keyOf(s)] = true
	}
	kept := older.Scenarios[:0:0]
	for _, s := range older.Scenarios {
		if !told[keyOf(s)] && s.Outcome.Ended() {
			kept = append(kept, s)
		}
	}
	older.Scenarios = kept
	merged := Merge(older, newer)
	merged.Finished, merged.Environment, merged.Seed, merged.Process, merged.Command = finished, environment, seed, process, command
	merged.Interrupted = newer.Interrupted
	return merged
}

func union[T comparable](a, b []T) []T {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
