package scenario

import (
	"fmt"

	"github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/scenario/record"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// Repeat registers a scenario as often as CROSSDC_TRIALS says. Every trial draws phases of its own from the seed. Wrong
// settings are reported when the suite begins, not while Ginkgo builds its tree.
//
//	var _ = suite.Repeat(outage.DataCenterCrash)
func (s *Suite) Repeat(scenario func(given func() Given) bool) bool {
	trials := 1
	if settings, err := config.Load(); err == nil {
		trials = settings.Trials
	}
	if trials == 1 {
		return scenario(s.Given)
	}
	for n := 1; n <= trials; n++ {
		ginkgo.Describe(record.TrialText(n), func() { s.roster.Repetition(n, func() { scenario(s.Given) }) })
	}
	return true
}

// summarizeTrials tells, in the last trial of each scenario, how all its trials were distributed, which percentile they
// carry, and what the toolkit's configuration predicts.
func summarizeTrials(scenarios []model.Scenario, timing crossdc.Timing) {
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
		all.Claim = claim(all, timing)
		if len(all.Detection) > 0 && !timing.NeverDetects() {
			all.Predicted = timeline.Predicted(timing.Detection(0).Quantile)
		}
		s.Trials = all
	}
}

func claim(all *model.Trials, timing crossdc.Timing) string {
	if len(all.Detection)+len(all.Recovery) == 0 {
		return fmt.Sprintf("%d trials; none measured a detection or a recovery, so nothing can be claimed of them", all.Count)
	}
	text := timeline.Claim("detection", all.Detection)
	if len(all.Recovery) > 0 {
		text += ". Recovery: " + timeline.Claim("recovery", all.Recovery)
	}
	if fit, ok := timeline.Compare(all.Detection, timing.Detection(0).CDF); ok {
		text += ". Detection: " + fit.String()
	}
	return text
}

// isFeasible holds the objectives against the toolkit's configuration before anything is started, let alone broken: an
// objective that cannot be kept however well everything goes needs no test.
func (d *Drill) isFeasible() {
	ginkgo.GinkgoHelper()
	if causes := environment.Check(d.settings); len(causes) > 0 {
		ended.NotTested(causes[0])
	}
	d.loadFits()
}
