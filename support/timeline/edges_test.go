package timeline

import (
	"slices"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
)

// What is judged at the edges: the smallest objective, the smallest loss, counts that cannot be.
func TestTheSmallestLossesAndObjectivesAreJudged(t *testing.T) {
	enough := model.LoadBefore{Seconds: 330, NeededSeconds: 330, Rounds: 2, NeededRounds: 2}
	for name, c := range map[string]struct {
		change func(*model.Scenario)
		want   model.Outcome
		says   string
	}{
		"an objective of a second, and nothing measured": {func(s *model.Scenario) {
			s.Objectives.RPOSeconds, s.Measures.Loss = 1, nil
		}, model.OutcomeInconclusive, "data loss against the objective of 1.0 s is inconclusive: it was not measured"},
		"the only event is lost": {func(s *model.Scenario) {
			s.Ledger.Lost, s.Ledger.InState["dc2"] = 1, 899
			*s.Measures.Loss = model.Loss{EarliestEvents: 1, LatestEvents: 1, EarliestSeconds: 1, LatestSeconds: 2, Of: 1, Side: "dc1", Before: &enough}
		}, model.Failed, "everything that dc1 had taken"},
		"more was lost than was acknowledged": {func(s *model.Scenario) {
			s.Measures.Loss.Of, s.Measures.Loss.Before = 901, &enough
		}, model.OutcomeInconclusive, "the lost side had taken 901 of 900 acknowledged"},
		"a takeover that only its end shows, before DOWN": {func(s *model.Scenario) {
			for _, i := range []int{2, 3, 4} {
				s.Observations[i] = model.Observation{Site: "dc2", Indicator: "takeover stream", Event: TakeoverComplete, When: at(2480, 2500)}
			}
		}, model.Failed, "dc2 took over its peer's state at least 30.0 s before it declared its peer DOWN"},
		"no objective for recovery, and nothing seen": {func(s *model.Scenario) {
			s.Objectives.RTOSeconds = 0
			s.Observations = s.Observations[2:]
		}, model.Passed, ""},
	} {
		s := crash()
		c.change(&s)
		judged := Judge(s)
		if judged.Outcome != c.want || !strings.Contains(strings.Join(judged.Reasons, "; "), c.says) || c.says == "" && len(judged.Reasons) > 0 {
			t.Errorf("%s: %s, %q; want %s, %q", name, judged.Outcome, judged.Reasons, c.want, c.says)
		}
	}
}

func TestWhatWasInTheWayIsNamed(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*model.Scenario)
		want   model.Outcome
		says   string
	}{
		"nobody was seen to serve again": {func(s *model.Scenario) {
			s.Observations = slices.DeleteFunc(s.Observations, func(o model.Observation) bool { return o.Event == Served || o.Event == Steady })
		}, model.Failed, "recovery"},
		"an interval that straddles the RTO": {func(s *model.Scenario) { s.Objectives.RTOSeconds = 121 }, model.OutcomeInconclusive, "the interval straddles the objective"},
		"too little load around a loss that is met": {func(s *model.Scenario) {
			s.Observations = append(s.Observations, trouble(900, 1100))
		}, model.OutcomeInconclusive, "half the load"},
		"too little load after everything else was measured": {func(s *model.Scenario) {
			s.Observations = append(s.Observations, trouble(9000, 9100))
		}, model.OutcomeInconclusive, "data loss of 20..20 events, 10.0..12.0 s of traffic, against the objective of 180.0 s is inconclusive: load too low: half the load"},
		"a loss that ends before it begins": {func(s *model.Scenario) {
			s.Measures.Loss.LatestEvents = 10
		}, model.OutcomeInconclusive, "the loss ends at 10"},
		"a loss beyond what is unknown": {func(s *model.Scenario) {
			s.Measures.Loss.LatestEvents = 21
		}, model.OutcomeInconclusive, "it allows 20 lost, the loss ends at 21"},
	} {
		s := crash()
		c.change(&s)
		judged := Judge(s)
		if judged.Outcome != c.want || !strings.Contains(strings.Join(judged.Reasons, "; "), c.says) {
			t.Errorf("%s: %s, %q; want %s, %q", name, judged.Outcome, judged.Reasons, c.want, c.says)
		}
	}
}

func TestOwnValuesArePrintedAsWhatTheyAre(t *testing.T) {
	for want, o := range map[string]model.Own{
		"3 s": {Least: 3, Most: 3, Unit: "s"}, "2 to 3 s": {Least: 2, Most: 3, Unit: "s"}, "7": {Least: 7, Most: 7},
	} {
		if got := ownValue(o); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Two events of one cause may seem to be in the wrong order by as long as nothing orders them, and no longer.
func TestOrderIsProvenBeyondWhatNothingOrders(t *testing.T) {
	for gap, want := range map[int]model.Outcome{50: model.Passed, 51: model.Failed} {
		s := crash()
		for _, i := range []int{2, 3, 4} {
			s.Observations[i].When = at(2900-gap, 3000-gap)
		}
		if judged := Judge(s); judged.Outcome != want {
			t.Errorf("%d ms early: %s %q, want %s", gap, judged.Outcome, judged.Reasons, want)
		}
	}
}

// That a peer's events are served before its state is there is a failure, unless the scenario has said that its toolkit reads replicas
// from a database, which orders nothing (Q34).
func TestServingBeforeTheStateIsThereIsAHazardOfDatabasesOnly(t *testing.T) {
	for quirk, want := range map[string]model.Outcome{"": model.Failed, "Q1": model.Failed, "Q34": model.HazardReproduced} {
		s := crash()
		for _, i := range []int{2, 3, 4} { // nearly as late as the RTO allows
			s.Observations[i].When = at(3600, 3610)
		}
		s.Observations = append(s.Observations, model.Observation{Site: "dc2", Indicator: "takeover stream", Event: TakeoverComplete, Subject: "dc1", When: at(3600, 3612)})
		if quirk != "" {
			s.Hazards = []model.Hazard{{Quirk: quirk}}
		}
		if judged := Judge(s); judged.Outcome != want {
			t.Errorf("with hazard %q: %s %q, want %s", quirk, judged.Outcome, judged.Reasons, want)
		}
	}
}
