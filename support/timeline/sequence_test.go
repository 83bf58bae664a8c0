package timeline

import (
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
)

func TestNothingIsTakenOverBeforeDown(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*model.Scenario)
		want   model.Outcome
		says   string
	}{
		"in order": {func(*model.Scenario) {}, model.Passed, ""},
		"one tick early": {func(s *model.Scenario) {
			for _, i := range []int{2, 3, 4} {
				s.Observations[i].When = at(2480, 2500)
			}
		}, model.Failed, "dc2 took over its peer's state at least 30.0 s before it declared its peer DOWN"},
		"early while the observer was starved": {func(s *model.Scenario) {
			for _, i := range []int{2, 3, 4} {
				s.Observations[i].When = at(2480, 2500)
			}
			s.Observations = append(s.Observations, model.Observation{Event: ObserverStarved, When: at(2400, 2600), Evidence: "a core was missing"})
		}, model.OutcomeInconclusive, "a core was missing"},
		"perhaps early": {func(s *model.Scenario) {
			for _, i := range []int{2, 3, 4} {
				s.Observations[i].When = at(2480, 3001)
			}
		}, model.Passed, ""},
		"served without the state": {func(s *model.Scenario) {
			s.Observations = append(s.Observations, model.Observation{Site: "dc2", Indicator: "takeover stream", Event: TakeoverComplete, When: at(3200, 3210)})
		}, model.Failed, "dc2 served its peer's events at least 10.8 s before it had taken over its peer's state"},
	} {
		s := crash()
		c.change(&s)
		judged := Judge(s)
		if judged.Outcome != c.want || c.says != "" && !strings.Contains(strings.Join(judged.Reasons, "; "), c.says) {
			t.Errorf("%s: %s, %q; want %s, %q", name, judged.Outcome, judged.Reasons, c.want, c.says)
		}
	}
}

func TestALossMeansNothingWithoutLoadBeforeTheFault(t *testing.T) {
	enough := model.LoadBefore{Seconds: 330, NeededSeconds: 330, Rounds: 2, NeededRounds: 2}
	for name, c := range map[string]struct {
		before *model.LoadBefore
		of     int64
		want   model.Outcome
		says   string
	}{
		"enough":                     {&enough, 100, model.Passed, ""},
		"too short":                  {&model.LoadBefore{Seconds: 79, NeededSeconds: 330, Rounds: 2, NeededRounds: 2}, 100, model.OutcomeInconclusive, "load had run for 79.0 s before the fault, RPO + P_s = 330.0 s are needed"},
		"replicated once":            {&model.LoadBefore{Seconds: 400, NeededSeconds: 330, Rounds: 1, NeededRounds: 2}, 100, model.OutcomeInconclusive, "one was only 1 times"},
		"everything":                 {&enough, 20, model.Failed, "is everything that dc1 had taken: never within an objective"},
		"everything, of little load": {&model.LoadBefore{Seconds: 79, NeededSeconds: 330}, 20, model.OutcomeInconclusive, "all of the 20 events that dc1 had taken may be lost"},
		"everything, nobody asked":   {nil, 20, model.OutcomeInconclusive, "never within an objective"},
	} {
		s := crash()
		s.Measures.Loss.Before, s.Measures.Loss.Of, s.Measures.Loss.Side = c.before, c.of, "dc1"
		judged := Judge(s)
		if judged.Outcome != c.want || !strings.Contains(strings.Join(judged.Reasons, "; "), c.says) {
			t.Errorf("%s: %s, %q; want %s, %q", name, judged.Outcome, judged.Reasons, c.want, c.says)
		}
		if again := Judge(judged); len(Differences(judged, again)) > 0 {
			t.Errorf("%s: judging again changes %q", name, Differences(judged, again))
		}
	}
}

func TestWhatReplicationDoesNotExplainFailsWhateverTheRPO(t *testing.T) {
	s := crash()
	s.Ledger.Anomalies = []model.Anomaly{
		{Kind: model.MissingEvents, Text: "dc1/0: dc2 acknowledged 10 events (101 to 110) that are missing"}, {Kind: model.MissingEvents, Text: "dc1/1"},
	}
	s.Ledger.Resurrected = 3
	judged := Judge(s)
	reasons := strings.Join(judged.Reasons, "; ")
	if judged.Outcome != model.Failed || !strings.Contains(reasons, "101 to 110) that are missing (and 1 more channels)") || !strings.Contains(reasons, "3 events were lost") {
		t.Errorf("%s, %q", judged.Outcome, judged.Reasons)
	}
}

// An anomaly that a known hazard explains is told with that hazard; without it in the scenario it is a failure like any other.
func TestAnAnomalyOfAHazardIsNoFailureOfItsOwn(t *testing.T) {
	for quirk, want := range map[string]model.Outcome{"Q31": model.HazardReproduced, "Q2": model.Failed} {
		s := crash()
		s.Hazards = []model.Hazard{{Quirk: quirk}}
		s.Ledger.Anomalies = []model.Anomaly{{Kind: model.MissingEvents, Quirk: "Q31", Text: "dc1/0: dc2 acknowledged 10 events (101 to 110) that are missing"}}
		if judged := Judge(s); judged.Outcome != want {
			t.Errorf("%s: %s, %q", quirk, judged.Outcome, judged.Reasons)
		}
	}
}

func TestTheLedgerAddsUp(t *testing.T) {
	s := crash()
	s.Ledger.Present = 880
	if judged := Judge(s); judged.Outcome != model.Passed {
		t.Errorf("%s, %q", judged.Outcome, judged.Reasons)
	}
	s.Ledger.Present = 804 // 76 events are nowhere
	if judged := Judge(s); judged.Outcome != model.OutcomeInconclusive || !strings.Contains(strings.Join(judged.Reasons, ""), "804 present, 20 lost and 0 undecided are not 900 acknowledged") {
		t.Errorf("%s, %q", judged.Outcome, judged.Reasons)
	}
}
