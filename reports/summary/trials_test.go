package summary

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
)

func repeated(n int) model.Run {
	run := model.Run{ID: "r", Finished: time.Unix(9, 0)}
	for i := range n {
		at := float64(100 + i)
		run.Scenarios = append(run.Scenarios, model.Scenario{
			ID: "S03", Name: "A crash", Trial: n - i, Outcome: model.Passed,
			Measures: model.Measures{
				Detection: &model.Measure{EarliestSeconds: at, LatestSeconds: at + 1, WallEarliest: at / 50, WallLatest: (at + 1) / 50},
				Loss:      &model.Loss{EarliestEvents: int64(i), LatestEvents: int64(i) + 2, EarliestSeconds: 1, LatestSeconds: 2},
			},
		})
	}
	run.Scenarios = append(run.Scenarios, model.Scenario{ID: "S08", Name: "A partition", Outcome: model.Passed})
	return run
}

func table(t *testing.T, run model.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteTable(&b, run, Look{Width: 160}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestManyTrialsThatPassedAreOneRow(t *testing.T) {
	run := repeated(20)
	run.Scenarios[0].Trials = &model.Trials{Count: 20, Claim: "20 trials carry no percentile"}
	run.Scenarios[7].Outcome, run.Scenarios[7].Reasons = model.OutcomeInconclusive, []string{"starved"}
	got := table(t, run)
	for _, want := range []string{"A crash (19 trials)", "100–120 s", "0–21 events", "A crash (trial 13)", "S03 (trial 13): starved", "S03: 20 trials carry no percentile", "A partition"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "A crash"); n != 2 {
		t.Errorf("%d rows of the repeated scenario, want 2:\n%s", n, got)
	}
}

func TestFewTrialsAreShownInTheirOrder(t *testing.T) {
	got := table(t, repeated(3))
	first, second, third := strings.Index(got, "(trial 1)"), strings.Index(got, "(trial 2)"), strings.Index(got, "(trial 3)")
	if first < 0 || first > second || second > third {
		t.Errorf("want the trials 1, 2, 3:\n%s", got)
	}
}

func TestTheSummaryCarriesTheClaim(t *testing.T) {
	run := repeated(2)
	run.Scenarios[1].Trials = &model.Trials{Count: 2, Claim: "2 trials carry no percentile"}
	s := Of(run).Scenarios
	if s[0].Trials != nil || s[1].Trials == nil || s[1].Trials.Count != 2 || s[1].Trials.Claim != "2 trials carry no percentile" {
		t.Errorf("%+v", s)
	}
}

// A team's own objectives have no column of their own: they stand with the objectives, value beside limit.
func TestATeamsOwnObjectivesStandInTheTable(t *testing.T) {
	row := row(model.Scenario{ID: "S03", Own: []model.Own{
		{Name: "checkout p99", Unit: "ms", Least: 91.5, Most: 95, Limit: 98, Verdict: model.Met},
		{Name: "refunds twice", Least: 2, Most: 2, Verdict: model.Missed},
	}})
	if said, want := strings.Join(row[len(row)-1], " "), "- checkout p99 91.5–95 of 98 ms refunds twice 2 of 0 missed"; said != want {
		t.Errorf("%q, want %q", said, want)
	}
}
