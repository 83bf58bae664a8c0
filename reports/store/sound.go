package store

import (
	"reflect"
	"slices"
	"strings"

	"github.com/crossdc/failover/reports/model"
)

// sound replaces every scenario that Validate would refuse. Observations whose bounds are reversed are taken out and named as
// a contradiction. If something else is wrong, what was measured is taken out as well, and the scenario is inconclusive.
func sound(run model.Run) model.Run {
	run.Scenarios = slices.Clone(run.Scenarios)
	for i, s := range run.Scenarios {
		if check(reflect.ValueOf(s)) == nil {
			continue
		}
		s.Observations = nil
		for _, o := range run.Scenarios[i].Observations {
			if o.When.Earliest > o.When.Latest {
				s.Contradictions = append(slices.Clone(s.Contradictions), o.Indicator+" at "+o.Site+" says of "+strings.TrimSpace(o.Event+" "+o.Subject)+
					" that it happened before it can have: the observation does not count")
				continue
			}
			s.Observations = append(s.Observations, o)
		}
		if p := check(reflect.ValueOf(s)); p != nil {
			s = bare(s, strings.TrimPrefix(p.path, ".")+": "+p.text)
		}
		if s.Outcome.Green() || s.Outcome.Left() || !s.Outcome.Known() {
			s.Outcome = model.OutcomeInconclusive
			s.Reasons = append(slices.Clone(s.Reasons), "what was seen contradicts itself: "+strings.Join(s.Contradictions, "; "))
		}
		run.Scenarios[i] = s
	}
	return run
}

// bare is a scenario with nothing but what identifies it and how its steps ended.
func bare(s model.Scenario, why string) model.Scenario {
	out := model.Scenario{Key: s.Key, ID: s.ID, Name: s.Name, Family: s.Family, Labels: s.Labels, Topology: s.Topology, Trial: s.Trial, Outcome: s.Outcome,
		Reasons: s.Reasons, Seed: s.Seed, DeclaredSteps: s.DeclaredSteps, Command: s.Command, Hazards: s.Hazards, Cleanup: s.Cleanup,
		Contradictions: append(slices.Clone(s.Contradictions), "what was measured cannot be stored: "+why)}
	for _, step := range s.Steps {
		if check(reflect.ValueOf(step)) == nil {
			out.Steps = append(out.Steps, step)
		}
	}
	if out.Cleanup != nil && check(reflect.ValueOf(*out.Cleanup)) != nil {
		out.Cleanup = &model.Cleanup{Outcome: model.OutcomeInconclusive, Reason: "what became of it cannot be stored: " + why}
	}
	return out
}
