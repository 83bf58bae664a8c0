package timeline

import (
	"slices"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
)

// A claim that could not be looked at makes a crash that would pass inconclusive, with the reason, and says so once
// however often it was stored; a failure and what ended the scenario from outside stay what they are.
func TestWhatWasNotCheckedIsNotPassed(t *testing.T) {
	s := crash()
	claim := model.Observation{Indicator: "suite", Event: NotChecked, Subject: "whether connections are refused", When: at(4000, 4001), Evidence: "the listener's address is not known"}
	s.Observations = append(s.Observations, claim, claim)
	j := Judge(s)
	if j.Outcome != model.OutcomeInconclusive || len(j.Reasons) != 1 {
		t.Fatalf("outcome %s, reasons %q", j.Outcome, j.Reasons)
	}
	for _, part := range []string{claim.Subject, claim.Evidence, "inconclusive"} {
		if !strings.Contains(j.Reasons[0], part) {
			t.Errorf("the reason %q does not say %q", j.Reasons[0], part)
		}
	}
	if d := j.Measures.Detection; d == nil || d.Verdict != model.Met {
		t.Errorf("what was measured must stay as it is: %+v", d)
	}
	if again := Judge(j); again.Outcome != j.Outcome || !slices.Equal(again.Reasons, j.Reasons) {
		t.Errorf("judged again: %s, %q", again.Outcome, again.Reasons)
	}

	s.Objectives.RTOSeconds = 60
	if j := Judge(s); j.Outcome != model.Failed {
		t.Errorf("a missed objective is a failure whatever was not checked: %s", j.Outcome)
	}
	s.Outcome = model.TimedOut
	if j := Judge(s); j.Outcome != model.TimedOut {
		t.Errorf("a timeout stays one: %s", j.Outcome)
	}
	hazard := crash()
	hazard.Hazards = []model.Hazard{{Quirk: "Q1"}}
	hazard.Observations = append(hazard.Observations, claim)
	if j := Judge(hazard); j.Outcome != model.OutcomeInconclusive {
		t.Errorf("a hazard next to something unchecked: %s", j.Outcome)
	}
}
