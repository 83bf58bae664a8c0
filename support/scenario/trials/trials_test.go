package trials

import (
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/toolkit/crossdc"
)

func shipped() crossdc.Timing { return crossdc.Timing{Interval: 30 * time.Second, Misses: 4} }

func trialsOf(n int, outcome model.Outcome) []model.Scenario {
	var list []model.Scenario
	for i := 1; i <= n; i++ {
		at := shipped().Detection(0).Quantile((float64(i) - 0.5) / float64(n)).Seconds()
		m := &model.Measure{EarliestSeconds: at, LatestSeconds: at + 1, Verdict: model.Met}
		list = append(list, model.Scenario{Name: "A crash", Trial: i, Outcome: outcome, Measures: model.Measures{Detection: m, Recovery: m}})
	}
	return list
}

func TestAPercentileIsClaimedOnlyWithTheTrialsThatCarryIt(t *testing.T) {
	for _, c := range []struct {
		trials int
		says   string
	}{
		{2, "carry no percentile"}, {28, "carry no percentile"}, {29, "carry a P90"}, {58, "carry a P90"}, {59, "carry a P95"},
	} {
		scenarios := append(trialsOf(c.trials, model.Passed), model.Scenario{Name: "Another"})
		Summarize(scenarios, shipped())
		last := scenarios[c.trials-1].Trials
		if last == nil || last.Count != c.trials || len(last.Detection) != c.trials || !strings.Contains(last.Claim, c.says) {
			t.Errorf("%d trials: %+v, want %q", c.trials, last, c.says)
			continue
		}
		if last.Predicted[0] != 90 || last.Predicted[len(last.Predicted)-1] != 150 || !strings.Contains(last.Claim, "chance explains the difference") {
			t.Errorf("%d trials against the closed form: %v %s", c.trials, last.Predicted, last.Claim)
		}
		for i := range scenarios {
			if i != c.trials-1 && scenarios[i].Trials != nil {
				t.Errorf("%d trials: told in more than the last one", c.trials)
			}
		}
	}
}

func TestTrialsThatMeasureNothingClaimNothing(t *testing.T) {
	scenarios := []model.Scenario{{Name: "A control", Trial: 1}, {Name: "A control", Trial: 2, Outcome: model.Skipped}}
	Summarize(scenarios, shipped())
	if all := scenarios[1].Trials; all == nil || all.Count != 1 || !strings.Contains(all.Claim, "nothing can be claimed") || all.Predicted != nil {
		t.Errorf("%+v", all)
	}
}
