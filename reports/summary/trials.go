package summary

import (
	"fmt"
	"slices"

	"github.com/crossdc/failover/reports/model"
)

// fewTrials are still shown one by one.
const fewTrials = 3

// Ordered puts the trials of a scenario next to each other in their order, where the first of them was; a run holds them in the
// order in which they ended.
func Ordered(scenarios []model.Scenario) []model.Scenario {
	ordered := make([]model.Scenario, 0, len(scenarios))
	for _, trials := range repetitions(scenarios) {
		ordered = append(ordered, trials...)
	}
	return ordered
}

// repetitions are the scenarios, each with its trials in their order.
func repetitions(scenarios []model.Scenario) [][]model.Scenario {
	place := map[string]int{}
	var all [][]model.Scenario
	for _, s := range scenarios {
		key := s.ID + "\x00" + s.Name
		at, known := place[key]
		if s.Trial == 0 || !known {
			at = len(all)
			all = append(all, nil)
		}
		if s.Trial > 0 {
			place[key] = at
		}
		all[at] = append(all[at], s)
	}
	for _, trials := range all {
		slices.SortStableFunc(trials, func(a, b model.Scenario) int { return a.Trial - b.Trial })
	}
	return all
}

// gathered are the rows of the table. From more than a few, the trials of a scenario that passed are one row, because what
// differs is what a reader looks for.
func gathered(scenarios []model.Scenario) []model.Scenario {
	var rows []model.Scenario
	for _, trials := range repetitions(scenarios) {
		if len(trials) <= fewTrials {
			rows = append(rows, trials...)
			continue
		}
		var passed []model.Scenario
		for _, s := range trials {
			if s.Outcome == model.Passed && !cleanupFailed(s) {
				passed = append(passed, s)
			} else {
				rows = append(rows, s)
			}
		}
		if len(passed) > 0 {
			rows = append(rows, together(passed))
		}
	}
	return rows
}

func cleanupFailed(s model.Scenario) bool {
	outcome := CleanupOutcome(s)
	return outcome != model.Passed && outcome != model.Skipped
}

// together is one row for trials that passed: every interval reaches from the least to the greatest value of any of them.
func together(trials []model.Scenario) model.Scenario {
	all := trials[0]
	all.Trial, all.Trials = 0, nil
	all.Name = fmt.Sprintf("%s (%s)", all.Name, plural(len(trials), "trial", "trials"))
	all.Measures = model.Measures{
		Detection: span(trials, func(m model.Measures) *model.Measure { return m.Detection }),
		Takeover:  span(trials, func(m model.Measures) *model.Measure { return m.Takeover }),
		Recovery:  span(trials, func(m model.Measures) *model.Measure { return m.Recovery }),
	}
	for _, s := range trials {
		if l := s.Measures.Loss; l != nil {
			if all.Measures.Loss == nil {
				own := *l
				all.Measures.Loss = &own
				continue
			}
			o := all.Measures.Loss
			o.Of = 0 // each trial had its own
			o.EarliestEvents, o.LatestEvents = min(o.EarliestEvents, l.EarliestEvents), max(o.LatestEvents, l.LatestEvents)
			o.EarliestSeconds, o.LatestSeconds = min(o.EarliestSeconds, l.EarliestSeconds), max(o.LatestSeconds, l.LatestSeconds)
		}
	}
	return all
}

// span is from the least to the greatest value; nil where no trial measured one.
func span(trials []model.Scenario, of func(model.Measures) *model.Measure) *model.Measure {
	var all *model.Measure
	for _, s := range trials {
		m := of(s.Measures)
		switch {
		case m == nil:
		case all == nil:
			own := *m
			all = &own
		default:
			all.EarliestSeconds, all.LatestSeconds = min(all.EarliestSeconds, m.EarliestSeconds), max(all.LatestSeconds, m.LatestSeconds)
			all.WallEarliest, all.WallLatest = min(all.WallEarliest, m.WallEarliest), max(all.WallLatest, m.WallLatest)
		}
	}
	return all
}

// claims prints which percentiles the trials carry.
func (p *printer) claims(run model.Run) {
	for _, s := range run.Scenarios {
		if s.Trials != nil && s.Trials.Claim != "" {
			p.wrapped(p.clean(s.ID)+": ", s.Trials.Claim)
		}
	}
}
