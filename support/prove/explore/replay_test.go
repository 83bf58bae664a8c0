package main

import (
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/declared"
)

func TestWhatProcessesDidIsHeldAgainstTheModel(t *testing.T) {
	scenario, err := declared.Parse("x.yaml", []byte("id: x\nwords: X\nfaults: [{fault: partition}]\nchecks: [declares-down dc1, declares-down dc2]\n"))
	if err != nil {
		t.Fatal(err)
	}
	claims := scenario.Claims()
	for _, c := range []struct {
		one, other       model.Outcome
		replayed, agrees bool
	}{
		{model.Passed, model.Passed, true, true}, {model.Passed, model.HazardReproduced, true, true}, {model.Passed, model.Failed, true, false},
		{model.Failed, model.OutcomeInconclusive, false, false}, {model.Passed, model.OutcomeInconclusive, false, false}, {model.Passed, model.Skipped, false, false},
		{model.NotTested, model.Skipped, false, false}, {model.Passed, model.Panicked, false, false},
	} {
		var r row
		r.compare(model.Scenario{Outcome: model.OutcomeInconclusive, Hazards: []model.Hazard{{Quirk: "Q1"}}, Reasons: []string{"no loss\nwas measured"},
			Steps: []model.Step{{Name: "serves", Outcome: model.Passed}, {Name: claims[0].Words(), Outcome: c.one, Failure: "it was not"}, {Name: claims[1].Words(), Outcome: c.other, Failure: "it was not"}}}, claims)
		if r.Replayed != c.replayed || r.Agrees != c.agrees || (r.NotReplayed == "") != c.replayed || (r.Processes != "") != c.replayed {
			t.Errorf("%s, %s: %+v", c.one, c.other, r)
		}
	}
	var r row
	if r.compare(model.Scenario{Outcome: model.Skipped, Reasons: []string{"no relay"}}, claims); r.Replayed || r.NotReplayed != "skipped: no relay" {
		t.Errorf("without its steps: %+v", r)
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

// Only what was looked for is replaced.
func TestARecordKeepsWhatWasNotLookedFor(t *testing.T) {
	merged := merge([]row{{Quirk: "Q2", Found: true}, {Quirk: "Q9"}}, []row{{Quirk: "Q1", Found: true}, {Quirk: "Q2"}})
	if len(merged) != 3 || merged[0].Quirk != "Q1" || !merged[1].Found || merged[2].Quirk != "Q9" {
		t.Errorf("%+v", merged)
	}
}

// Rare outcomes are waited for longer, up to a limit; what always comes out so is played once.
func TestHowOftenACaseIsPlayed(t *testing.T) {
	for odds, want := range map[float64]int{0: 1, 1: 1, 0.995: 1, 0.9: 2, 0.5: 7, 0.45: 8, 0.01: maxPlays} {
		if got := plays(odds); got != want {
			t.Errorf("%g: %d plays, want %d", odds, got, want)
		}
	}
}
