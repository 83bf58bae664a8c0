package html

import (
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/model"
)

// TestNobodyIsToldToSignOffWhatIsNotProven goes through every outcome that there is.
func TestNobodyIsToldToSignOffWhatIsNotProven(t *testing.T) {
	for _, m := range model.Outcomes() {
		run := model.Run{Finished: time.Unix(1, 0), Scenarios: []model.Scenario{{ID: "S03", Outcome: m.Outcome}}, Environment: model.Environment{Kind: "remote"}}
		got := nextOf(run)
		begins := "Do not sign off"
		switch {
		case m.Outcome == model.Passed:
			begins = "Sign off for what is listed here"
		case m.Outcome == model.HazardReproduced:
			begins = "Sign off only if you accept"
		case m.Outcome.Left():
			begins = "There is nothing to sign off"
		}
		if !strings.HasPrefix(got, begins) {
			t.Errorf("%s: %q, want it to begin with %q", m.Outcome.Word(), got, begins)
		}
		if strings.Contains(got, "emulated") {
			t.Errorf("%s: these data centers were not emulated", m.Outcome.Word())
		}
	}
	if got := nextOf(sample.Rich()); !strings.Contains(got, "The data centers were emulated") {
		t.Errorf("%q", got)
	}
}

func TestAMissedObjectiveSaysWhatToChange(t *testing.T) {
	toolkit := map[string]string{"heartbeatExchangeInterval": "30", "consecutiveHeartbeatMissesAllowed": "4", "dataSnapshotExchangeInterval": "180"}
	measure := func(objective float64, verdict model.Verdict) *model.Measure {
		return &model.Measure{EarliestSeconds: 131, LatestSeconds: 134, ObjectiveSeconds: objective, Verdict: verdict}
	}
	for name, c := range map[string]struct {
		toolkit map[string]string
		m       model.Measures
		want    []string
	}{
		"settings that allow no better": {toolkit, model.Measures{Detection: measure(120, model.Missed), Recovery: measure(120, model.Missed)},
			[]string{"(N+1)*I = 150 s: lower consecutiveHeartbeatMissesAllowed (here 4) or heartbeatExchangeInterval (here 30)", "CROSSDC_RTO"}},
		"settings that are not the reason": {toolkit, model.Measures{Detection: measure(160, model.Missed)}, []string{"the settings are not the reason"}},
		"settings that nobody read":        {nil, model.Measures{Detection: measure(120, model.Missed)}, []string{"(N+1)*I: lower consecutiveHeartbeatMissesAllowed or"}},
		"noticed in time":                  {toolkit, model.Measures{Detection: measure(180, model.Met), Recovery: measure(130, model.Missed)}, []string{"noticed in time"}},
		"loss":                             {toolkit, model.Measures{Loss: &model.Loss{Verdict: model.Missed}}, []string{"dataSnapshotExchangeInterval (here 180)", "CROSSDC_RPO"}},
		"nothing missed":                   {toolkit, model.Measures{Detection: measure(180, model.Met), Loss: &model.Loss{Verdict: model.Met}}, nil},
		"nothing measured":                 {toolkit, model.Measures{}, nil},
	} {
		got := remedies(model.Run{Environment: model.Environment{Toolkit: c.toolkit}}, model.Scenario{Measures: c.m})
		all := strings.Join(got, "\n")
		for _, want := range c.want {
			if !strings.Contains(all, want) {
				t.Errorf("%s: %q does not say %q", name, all, want)
			}
		}
		if c.want == nil && len(got) > 0 {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// TestThePictureHasItsTextWithoutAFailover: whoever cannot see it reads what each data center served.
func TestThePictureHasItsTextWithoutAFailover(t *testing.T) {
	s := model.Scenario{Speedup: 60, Served: []model.Served{{Site: "dc1", From: 0, To: 1e9, Events: 40}, {Site: "dc1", From: 1e9, To: 2e9, Events: 2}, {Site: "dc2", From: 0, To: 1e9, Events: 40},
		{Site: "dc2", From: 1e9, To: 2e9, Events: 30}, {Site: "dc2", From: 2e9, To: 3e9, Events: 10}}}
	if got := inWords(s); got != "no failover was measured; dc1 served 42 events; dc2 served 80 events" {
		t.Errorf("%q", got)
	}
	s.Fault = &model.Fault{Name: "crash", Injected: model.Interval{Earliest: 11e8, Latest: 12e8}}
	if got := inWords(s); got != "no failover was measured; dc1 served 40 events before the fault and 0 after it; dc2 served 40 events before the fault and 10 after it" {
		t.Errorf("%q", got)
	}
}

// TestTheRemedyOfAHazardLeadsToTheSettings: it speaks of N and I, and each is one click from its setting.
func TestTheRemedyOfAHazardLeadsToTheSettings(t *testing.T) {
	run := sample.Rich()
	for i := range run.Scenarios {
		for j := range run.Scenarios[i].Hazards {
			run.Scenarios[i].Hazards[j].Remedy = "a longer N*I helps"
		}
	}
	run.Environment.Toolkit = nil
	page := write(t, run, Options{})
	for _, want := range []string{`a longer <a href="#g-n">N</a>*<a href="#g-i">I</a> helps`, "Its setting is heartbeatExchangeInterval.", "Its setting is consecutiveHeartbeatMissesAllowed."} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestScenariosOfOneNumberAreToldApartInTheRunbook(t *testing.T) {
	h := hazard{Scenarios: []link{{"s1", "S16", "S16 for 1.2 times"}, {"s2", "S16", "S16 for 3 times"}, {"s3", "S03", "S03 A crash"}}}
	h.tellApart()
	if h.Scenarios[0].Text != "S16 for 1.2 times" || h.Scenarios[1].Text != "S16 for 3 times" || h.Scenarios[2].Text != "S03" {
		t.Errorf("%+v", h.Scenarios)
	}
}

// TestTheTableOfAScenarioAgreesWithItsPicture: a moment that others narrow is drawn narrower than it was measured.
func TestTheTableOfAScenarioAgreesWithItsPicture(t *testing.T) {
	s := model.Scenario{Measures: model.Measures{Takeover: &model.Measure{EarliestSeconds: 121, LatestSeconds: 122}, Recovery: &model.Measure{EarliestSeconds: 118, LatestSeconds: 123}}}
	rows := measureRows(s)
	if len(rows) != 2 || rows[0].Interval != "121–122 s" || rows[1].Interval != "118–123 s, by what comes before and after it 121–123 s" {
		t.Errorf("%+v", rows)
	}
	if text := inWords(s); !strings.Contains(text, "served again 121–123 s") {
		t.Errorf("the picture says %q", text)
	}
}
