package main

import (
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/declared"
)

func TestWhatProcessesDidIsHeldAgainstTheModel(t *testing.T) {
	for _, c := range []struct {
		outcome          model.Outcome
		replayed, agrees bool
	}{
		{model.Passed, true, true}, {model.HazardReproduced, true, true}, {model.Failed, true, false},
		{model.OutcomeInconclusive, false, false}, {model.Skipped, false, false}, {model.NotTested, false, false}, {model.Interrupted, false, false}, {model.Panicked, false, false},
	} {
		var r row
		r.compare(model.Scenario{Outcome: c.outcome, Hazards: []model.Hazard{{Quirk: "Q1"}}, Reasons: []string{"because\nof this"}})
		if r.Replayed != c.replayed || r.Agrees != c.agrees || (r.NotReplayed == "") != c.replayed || (r.Processes != "") != c.replayed {
			t.Errorf("%s: %+v", c.outcome, r)
		}
	}
}

func TestAReplayIsKeptForTheSameCaseOnly(t *testing.T) {
	before := []row{{Quirk: "Q1", Smallest: []string{"a"}, Replayed: true, Agrees: true, Processes: "passed"}, {Quirk: "Q2", Smallest: []string{"a"}, Replayed: true}}
	rows := []row{{Quirk: "Q1", Smallest: []string{"a"}}, {Quirk: "Q2", Smallest: []string{"b"}}}
	keepReplays(rows, before)
	if !rows[0].Replayed || rows[0].Processes != "passed" || rows[1].Replayed {
		t.Errorf("%+v", rows)
	}
}

func TestSettingsOfAScenario(t *testing.T) {
	if settings, missing := settingsFor(declared.Scenario{Toolkit: map[string]string{"sendDataSnapshotsToOriginDCAtStartup": "true"}}); missing != "" || len(settings) != 1 || settings[0] != "CROSSDC_TOOLKIT_RETURN_SNAPSHOTS=true" {
		t.Errorf("%q, %q", settings, missing)
	}
	if _, missing := settingsFor(declared.Scenario{Toolkit: map[string]string{"localDataCenterName": "x"}}); missing == "" {
		t.Error("a property without a setting is taken")
	}
}
