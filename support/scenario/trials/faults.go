package trials

import (
	"maps"
	"slices"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// Faults tells how the detection of each fault was distributed over all scenarios that inject it, sorted by fault. What a
// scenario adds to the fault, such as a restart before it, does not change how long a silence takes to be noticed.
func Faults(scenarios []model.Scenario, timing crossdc.Timing) []model.FaultTrials {
	measured := map[string][]model.Measure{}
	of := map[string]map[string]bool{}
	for _, s := range scenarios {
		if s.Fault == nil || s.Measures.Detection == nil {
			continue
		}
		name := s.Fault.Name
		measured[name] = append(measured[name], *s.Measures.Detection)
		if of[name] == nil {
			of[name] = map[string]bool{}
		}
		of[name][s.ID+" "+s.Name] = true
	}
	var list []model.FaultTrials
	for _, name := range slices.Sorted(maps.Keys(measured)) {
		one := model.FaultTrials{Fault: name, Scenarios: slices.Sorted(maps.Keys(of[name])), Claim: timeline.Claim("detection", measured[name])}
		if fit, ok := timeline.Compare(measured[name], timing.Detection(0).CDF); ok {
			one.Detected = fit.Trials
			if !timing.NeverDetects() {
				one.Fit = &fit
			}
		}
		list = append(list, one)
	}
	return list
}
