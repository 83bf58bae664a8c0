package model_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
)

// TestTheReadmeStatesEveryOutcome compares the table of outcomes with the one that people read.
func TestTheReadmeStatesEveryOutcome(t *testing.T) {
	raw, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var table strings.Builder
	for _, m := range model.Outcomes() {
		element := "passed"
		if m.Element != model.NoElement {
			element = fmt.Sprintf("`<%s>`", m.Element)
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %d |\n", m.Word, m.Means, element, m.Exit)
	}
	if !strings.Contains(string(raw), table.String()) {
		t.Errorf("reports/README.md has another table of outcomes, it must be:\n%s", table.String())
	}
}

func TestNothingThatProvesNothingIsGreen(t *testing.T) {
	for _, m := range model.Outcomes() {
		if green := m.Outcome.Green(); green != (m.Element == model.NoElement) || green != (m.Proves && m.Exit == 0) {
			t.Errorf("%q: green %t, element %q, exit %d, proves %t", m.Word, green, m.Element, m.Exit, m.Proves)
		}
	}
	foreign := model.Outcome("great")
	if foreign.Known() || foreign.Green() || foreign.ExitCode() == 0 || foreign.Meaning().Element != model.ErrorElement || foreign.Meaning().Proves {
		t.Errorf("a word of another version: %+v", foreign.Meaning())
	}
}

func TestTheWorstOfSeveralOutcomes(t *testing.T) {
	for _, c := range []struct {
		all  []model.Outcome
		want model.Outcome
	}{
		{nil, model.Skipped},
		{[]model.Outcome{model.Passed, model.HazardReproduced}, model.HazardReproduced},
		{[]model.Outcome{model.OutcomeInconclusive, model.NotTested, model.Passed}, model.NotTested},
		{[]model.Outcome{model.Interrupted, model.Failed, model.Panicked}, model.Failed},
		{[]model.Outcome{model.Passed, "great"}, "great"},
		{[]model.Outcome{"great", model.Interrupted}, model.Interrupted},
		{[]model.Outcome{model.Passed, model.Running}, model.Running},
	} {
		if got := model.Worst(c.all...); got != c.want {
			t.Errorf("the worst of %q is %q, want %q", c.all, got, c.want)
		}
	}
}

func TestACauseIsOneSentenceWithTheCauseFirst(t *testing.T) {
	for want, cause := range map[string]model.Cause{
		"dc2 refused the login (401) at https://b.example:9714: check CROSSDC_DC2_USER and CROSSDC_DC2_PASSWORD": {
			Kind: model.CauseLogin, DataCenter: "dc2", Problem: "refused the login (401)", Object: "https://b.example:9714",
			Setting: "CROSSDC_DC2_PASSWORD", Remedy: "check CROSSDC_DC2_USER and CROSSDC_DC2_PASSWORD", Detail: "never in the sentence",
		},
		"the emulator cannot be built: check CROSSDC_EMULATOR_PATH": {Kind: model.CauseBuild, Problem: "the emulator cannot be built", Setting: "CROSSDC_EMULATOR_PATH"},
		"dc1 port": {Kind: model.CausePort, DataCenter: "dc1"},
	} {
		if got := cause.Sentence(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
