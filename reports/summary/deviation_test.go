package summary

import (
	"testing"

	"github.com/crossdc/failover/reports/model"
)

func TestDeviationSaysByHowMuchOrWhy(t *testing.T) {
	missed := &model.Measure{EarliestSeconds: 250, LatestSeconds: 252, ObjectiveSeconds: 180, Verdict: model.Missed}
	met := &model.Measure{EarliestSeconds: 100, LatestSeconds: 102, ObjectiveSeconds: 180, Verdict: model.Met}
	for want, s := range map[string]model.Scenario{
		"none": {Outcome: model.Passed, Measures: model.Measures{Recovery: met}},
		"recovery at least 70 s beyond the objective of 180 s":     {Outcome: model.Failed, Measures: model.Measures{Recovery: missed, Detection: met}, Reasons: []string{"late"}},
		"12–20 events lost (200–201 s) with an objective of 180 s": {Outcome: model.Failed, Measures: model.Measures{Loss: &model.Loss{EarliestEvents: 12, LatestEvents: 20, EarliestSeconds: 200, LatestSeconds: 201, ObjectiveSeconds: 180, Verdict: model.Missed}}},
		"known hazard Q1 mutual silence":                           {Outcome: model.HazardReproduced, Hazards: []model.Hazard{{Quirk: "Q1", Title: "mutual silence"}}},
		Word(model.NotTested) + ": dc1 refused the login":          {Outcome: model.NotTested, Reasons: []string{"dc1 refused the login"}},
		Word(model.Skipped): {Outcome: model.Skipped},
	} {
		if got := Deviation(s); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
