package timeline

import (
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
)

const second = model.Instant(1e9)

func detected(trouble string, objective float64) model.Measure {
	s := model.Scenario{
		Speedup: 1, Finished: 300 * second, Objectives: model.Objectives{RTOSeconds: objective},
		Fault:      &model.Fault{Target: "dc1", Struck: "dc1", Observers: []string{"dc2"}, TakesService: true, Injected: model.Interval{Earliest: 10 * second, Latest: 10 * second}},
		Indicators: []model.IndicatorUse{{Site: "dc1", Indicator: "a", Used: true}, {Site: "dc2", Indicator: "a", Used: true}},
		Observations: []model.Observation{
			{Site: "dc2", Indicator: "a", Event: PeerDown, When: model.Interval{Earliest: 110 * second, Latest: 111 * second}},
			{Indicator: TrafficIndicator, Event: trouble, When: model.Interval{Earliest: 50 * second, Latest: 55 * second}, Evidence: "took 5 s"},
		},
	}
	return *Judge(s).Measures.Detection
}

func TestASlowCanaryWidensAndLeavesTheVerdictToTheInterval(t *testing.T) {
	for objective, want := range map[float64]model.Verdict{120: model.Met, 98: model.Inconclusive, 90: model.Missed} {
		m := detected(CanarySlow, objective)
		if m.EarliestSeconds != 95 || m.LatestSeconds != 101 || m.Verdict != want || !strings.Contains(m.Why, "took 5 s") {
			t.Errorf("objective %g: %+v; want 95..101 s, %s, and the reason", objective, m, want)
		}
	}
}

func TestAFailedCanaryProvesNothing(t *testing.T) {
	if m := detected(CanaryFailed, 120); m.Verdict != model.Inconclusive {
		t.Errorf("%+v; want inconclusive", m)
	}
}

func TestWhatCameInTimeThoughWeWereSlowCameInTime(t *testing.T) {
	for objective, want := range map[float64]model.Verdict{120: model.Met, 98: model.Inconclusive, 90: model.Inconclusive} {
		if m := detected(ObserverSlow, objective); m.EarliestSeconds != 100 || m.Verdict != want {
			t.Errorf("objective %g: %+v; want %s, and no wider interval", objective, m, want)
		}
	}
}

// What nobody could see is not missed: it may have happened while they could not look.
func TestWhatNobodyCouldSeeIsNotMissed(t *testing.T) {
	for event, want := range map[string]model.Outcome{"": model.Failed, ObserverBlind: model.OutcomeInconclusive, ObserverSlow: model.OutcomeInconclusive, ObserverStarved: model.OutcomeInconclusive} {
		s := model.Scenario{
			Speedup: 1, Finished: 300 * second, Objectives: model.Objectives{RTOSeconds: 120},
			Fault:      &model.Fault{Target: "dc1", Struck: "dc1", Observers: []string{"dc2"}, TakesService: true, Injected: model.Interval{Earliest: 10 * second, Latest: 10 * second}},
			Indicators: []model.IndicatorUse{{Site: "dc1", Indicator: "a", Used: true}, {Site: "dc2", Indicator: "a", Used: true}},
			Observations: []model.Observation{
				{Site: "dc2", Event: event, Subject: PeerDown, When: model.Interval{Earliest: 20 * second, Latest: 40 * second}, Evidence: "login refused"},
			},
		}
		if judged := Judge(s); judged.Outcome != want || event != "" && !strings.Contains(strings.Join(judged.Reasons, "; "), "login refused") {
			t.Errorf("%q: %s %q, want %s and the reason", event, judged.Outcome, judged.Reasons, want)
		}
	}
}
