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
		if last.Fit == nil || last.Fit.Trials != c.trials || !last.Fit.Close() {
			t.Errorf("%d trials fit: %+v", c.trials, last.Fit)
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

// TestEachFaultIsHeldAgainstThePrediction: over all scenarios that inject it, and apart from other faults.
func TestEachFaultIsHeldAgainstThePrediction(t *testing.T) {
	scenarios := append(trialsOf(40, model.Passed), trialsOf(20, model.Passed)...)
	for i := range scenarios {
		scenarios[i].ID, scenarios[i].Fault = "S03", &model.Fault{Name: "crash"}
		if i >= 40 { // noticed a whole heartbeat late
			m := *scenarios[i].Measures.Detection
			m.EarliestSeconds, m.LatestSeconds = m.EarliestSeconds+30, m.LatestSeconds+30
			scenarios[i].ID, scenarios[i].Fault, scenarios[i].Measures.Detection = "S16", &model.Fault{Name: "cut"}, &m
		}
	}
	scenarios[1].ID, scenarios[0].Measures.Detection.Verdict = "S07", model.Inconclusive
	scenarios = append(scenarios, model.Scenario{ID: "S01"}, model.Scenario{ID: "S15", Fault: &model.Fault{Name: "cut"}})
	list := Faults(scenarios, shipped())
	if len(list) != 2 || list[0].Fault != "crash" || list[1].Fault != "cut" {
		t.Fatalf("%+v", list)
	}
	crash, cut := list[0], list[1]
	if crash.Detected != 39 || len(crash.Scenarios) != 2 || crash.Scenarios[1] != "S07 A crash" || !crash.Fit.Close() || !strings.Contains(crash.Claim, "39 trials carry a P90") {
		t.Errorf("%+v %+v", crash, crash.Fit)
	}
	if cut.Detected != 20 || len(cut.Scenarios) != 1 || cut.Fit.Close() || cut.Fit.Trials != 20 {
		t.Errorf("%+v %+v", cut, cut.Fit)
	}
	never := shipped()
	never.Misses = 255
	if list := Faults(scenarios, never); len(list) != 2 || list[0].Fit != nil {
		t.Errorf("a toolkit that never detects predicts %+v", list)
	}
}

func TestTrialsThatMeasureNothingClaimNothing(t *testing.T) {
	scenarios := []model.Scenario{{Name: "A control", Trial: 1}, {Name: "A control", Trial: 2, Outcome: model.Skipped}}
	Summarize(scenarios, shipped())
	if all := scenarios[1].Trials; all == nil || all.Count != 1 || !strings.Contains(all.Claim, "nothing can be claimed") || all.Predicted != nil {
		t.Errorf("%+v", all)
	}
}
