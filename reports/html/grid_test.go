package html

import (
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/model"
)

// TestEveryRunHasItsOwnVerdictInTheGrid: 30 runs of which some failed were drawn alike.
func TestEveryRunHasItsOwnVerdictInTheGrid(t *testing.T) {
	run := sample.Rich()
	all, err := history.Of(run)
	if err != nil {
		t.Fatal(err)
	}
	var entries []history.Entry
	for i := range 35 {
		e := all[1]
		e.Run, e.At = string(rune('A'+i)), sample.Started.AddDate(0, 0, i-40)
		switch {
		case i%10 == 9:
			e.Outcome = model.Failed
		case i%10 == 4:
			e.Outcome = model.OutcomeInconclusive
		}
		if i >= 20 {
			e.Toolkit = "changed"
		}
		entries = append(entries, e)
		if i == 34 { // a variant, and a worse trial of the same run
			e.Name = "A data center crashes twice"
			entries = append(entries, e)
		}
	}
	g := gridOf(run, Options{History: entries}, map[variant]string{{"S03", all[1].Name, all[1].Topology}: "s8"})
	if len(g.Runs) != gridRuns {
		t.Fatalf("%d runs", len(g.Runs))
	}
	marks := map[string]int{}
	rows := 0
	for _, row := range g.Rows {
		if strings.HasPrefix(row.Title, "S03") {
			rows++
		}
		if row.Title != "S03 A data center crashes" {
			continue
		}
		for _, c := range row.Cells {
			marks[c.Symbol]++
		}
		if last := row.Cells[len(row.Cells)-1]; last.Address != "#s8" || last.Text != "passed, this run" {
			t.Errorf("this run: %+v", last)
		}
		if !strings.Contains(row.Values, "detection 102.6 of 150 s") {
			t.Errorf("values: %s", row.Values)
		}
	}
	if marks["✕"] != 3 || marks["?"] != 3 || marks["✓"] != 24 || rows != 2 {
		t.Errorf("%v, %d rows of S03", marks, rows)
	}
	if len(g.Changes) != 2 || !strings.Contains(g.Changes[0], "toolkit configuration changed, was ") {
		t.Errorf("changes: %q", g.Changes)
	}
	if one := gridOf(run, Options{}, nil); len(one.Rows) != 0 {
		t.Error("a grid of one run says nothing")
	}
}

func TestOnlyTheSameConditionsTellWhatChanged(t *testing.T) {
	run := sample.Rich()
	entries, err := history.Of(run)
	if err != nil {
		t.Fatal(err)
	}
	for i := range entries {
		entries[i].Run, entries[i].At = "before", sample.Started.Add(-time.Hour)
		entries[i].Hazards = nil
		if entries[i].Detection != nil {
			entries[i].Detection = &history.Bounds{Earliest: 91, Latest: 92}
		}
	}
	changes, since := changesOf(run, entries)
	text := strings.Join(changes, "\n")
	if !strings.HasPrefix(since, "before of 2026-11-22 18:58") || !strings.Contains(text, "S03 A data center crashes: detection +11.05 s (now 101.2–103.9 s)") || !strings.Contains(text, "new: Q1, new: Q2") {
		t.Errorf("since %q:\n%s", since, text)
	}
	for i := range entries {
		entries[i].Toolkit = "another"
	}
	if changes, since := changesOf(run, entries); len(changes) > 0 || since != "" {
		t.Errorf("since %q: %v", since, changes)
	}
}

// TestTheFirstSentenceHoldsTheWorstThingKnown: also where nothing failed.
func TestTheFirstSentenceHoldsTheWorstThingKnown(t *testing.T) {
	all := sample.Rich().Scenarios
	answer := func(change func(*model.Run), scenarios ...model.Scenario) string {
		run := sample.Rich()
		run.Scenarios = scenarios
		if change != nil {
			change(&run)
		}
		return answerOf(run, worstFirst(run.Scenarios))
	}
	notTested := all[1]
	notTested.Outcome, notTested.Cause = model.NotTested, &model.Cause{Kind: model.CauseLogin, DataCenter: "dc2", Problem: "refused the login (401)"}
	dirty := all[1]
	dirty.Cleanup = &model.Cleanup{Outcome: model.Failed, Left: []string{"a rule"}}
	for want, got := range map[string]string{
		"Yes, as far as this run shows": answer(nil, all[0], all[1]),
		"Only with care: S16, The link is cut for longer than the detection time: both data centers were active for 246.1–251.5 s": answer(nil, all[1], all[3]),
		"No: S08, ": answer(nil, all[3], all[2], all[1]),
		"No: S03, A data center crashes: its cleanup is failed, left behind: a rule":     answer(nil, all[3], dirty),
		"Not tested: S03, A data center crashes: dc2 refused the login (401)":            answer(nil, all[0], notTested),
		"Not proven: the run was interrupted":                                            answer(func(r *model.Run) { r.Interrupted = true }, all[1]),
		"Not proven: the run has not finished":                                           answer(func(r *model.Run) { r.Finished = time.Time{} }, all[1]),
		"Nothing was tested: S22, The link loses 5 % of its packets: the environment ca": answer(nil, all[5]),
	} {
		if !strings.HasPrefix(got, want) {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}
