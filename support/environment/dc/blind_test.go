package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/record"
)

// TestLoginsRefusedAfterTheFaultBlameNobody runs a failover by URL while a proxy refuses the suite's logins for 20 s from the moment
// at which the job is cancelled. The application fails over as it should; that nobody could look, and why, is all there is to say.
func TestLoginsRefusedAfterTheFaultBlameNobody(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute for each way to be refused")
	}
	const rule = `{"do":"status","status":401,"after":{"method":"DELETE","path":"/jobs/"},"for":"20s"`
	for _, test := range []struct {
		name, rules string
		may         []model.Outcome
		says        []string
	}{
		// The fault cannot be verified either: it was taken back, and nothing was tested.
		{"every login", "[" + rule + "}]", []model.Outcome{model.NotTested, model.OutcomeInconclusive}, []string{"401"}},
		{"those of the indicators", "[" + strings.Join([]string{
			rule + `,"service":"CROSSDC_DC2_DATA_URL"}`, rule + `,"service":"CROSSDC_DC2_METRICS_URL"}`,
			rule + `,"service":"CROSSDC_DC2_ROOT","path":"(metrics|operators|ports|trace)"}`,
		}, ",") + "]", []model.Outcome{model.OutcomeInconclusive}, []string{"operator metrics last did", "login refused"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := startDataCenters(t)
			g := data.behind(t, test.rules)
			reports := t.TempDir()
			output, red := trySuite(t, "outage", "S08", append(data.environ(), "CROSSDC_REPORTS="+reports, "CROSSDC_HISTORY=-", "CROSSDC_RATE=400", "CROSSDC_MINIMUM_LOAD=0.4"))
			t.Logf("%s", output)
			if red == nil {
				t.Error("a run that proved nothing has exit code 0")
			}
			usage, err := g.Rules("")
			if err != nil {
				t.Fatal(err)
			}
			for i, used := range usage {
				if used.Applied == 0 {
					t.Errorf("rule %d was never applied to one of %d calls: nothing was tried", i, used.Seen)
				}
			}
			stored, err := record.LoadAll(filepath.Join(reports, "runs"))
			if err != nil || len(stored) != 1 {
				t.Fatalf("%d scenarios, %v", len(stored), err)
			}
			s := stored[0].Scenario
			may := false
			for _, outcome := range test.may {
				may = may || s.Outcome == outcome
			}
			if !may {
				t.Errorf("%s: %s %q, want one of %v", s.ID, s.Outcome, s.Reasons, test.may)
			}
			said := strings.Join(s.Reasons, "; ")
			if s.Cause != nil {
				said += "; " + s.Cause.Sentence() + " " + s.Cause.Detail
			}
			for _, text := range test.says {
				if !strings.Contains(said, text) {
					t.Errorf("it does not say %q: %s", text, said)
				}
			}
			if s.Cleanup == nil || s.Cleanup.Outcome != model.Passed {
				t.Errorf("%s: cleanup %+v", s.ID, s.Cleanup)
			}
			data.end(t)
		})
	}
}
