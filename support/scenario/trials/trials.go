// Package trials tells what the trials of a scenario carry together: a suite asks it of its own, a campaign of those of all
// its shards. It is pure and may import reports, support/timeline and toolkit/crossdc.
package trials

import (
	"fmt"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// Summarize tells, in the last trial of each scenario, how all its trials were distributed, which percentile they
// carry, and what the toolkit's configuration predicts.
func Summarize(scenarios []model.Scenario, timing crossdc.Timing) {
	last := map[string]*model.Scenario{}
	trials := map[string]*model.Trials{}
	for i := range scenarios {
		s := &scenarios[i]
		if s.Trial == 0 {
			continue
		}
		all := trials[s.Name]
		if all == nil {
			all = &model.Trials{}
			trials[s.Name] = all
		}
		if s.Outcome != model.Skipped && s.Outcome != model.Pending {
			all.Count++
		}
		if m := s.Measures.Detection; m != nil {
			all.Detection = append(all.Detection, *m)
		}
		if m := s.Measures.Recovery; m != nil {
			all.Recovery = append(all.Recovery, *m)
		}
		if known := last[s.Name]; known == nil || s.Trial > known.Trial {
			last[s.Name] = s
		}
	}
	for name, s := range last {
		all := trials[name]
		if fit, ok := timeline.Compare(all.Detection, timing.Detection(0).CDF); ok && !timing.NeverDetects() {
			all.Fit = &fit
		}
		all.Claim = claim(all)
		if len(all.Detection) > 0 && !timing.NeverDetects() {
			all.Predicted = timeline.Predicted(timing.Detection(0).Quantile)
		}
		s.Trials = all
	}
}

func claim(all *model.Trials) string {
	if len(all.Detection)+len(all.Recovery) == 0 {
		return fmt.Sprintf("%d trials; none measured a detection or a recovery, so nothing can be claimed of them", all.Count)
	}
	text := timeline.Claim("detection", all.Detection)
	if len(all.Recovery) > 0 {
		text += ". Recovery: " + timeline.Claim("recovery", all.Recovery)
	}
	if all.Fit != nil {
		text += ". Detection: " + all.Fit.String()
	}
	return text
}
