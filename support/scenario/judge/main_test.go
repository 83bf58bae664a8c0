package main

import (
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/record"
	"github.com/crossdc/failover/support/timeline"
)

func at(earliest, latest int) model.Interval {
	return model.Interval{Earliest: model.Instant(earliest) * model.Instant(time.Millisecond), Latest: model.Instant(latest) * model.Instant(time.Millisecond)}
}

// stored is a crash of dc1 at 1 s (wall, speedup 60) that dc2 noticed after 2 s = 120 s of toolkit time, as a run stores it.
func stored() record.Stored {
	s := model.Scenario{
		ID: "S03", Name: "A data center crashes", Speedup: 60, Finished: at(0, 9000).Latest,
		Fault:      &model.Fault{Name: "crash", Target: "dc1", Struck: "dc1", Observers: []string{"dc2"}, TakesService: true, Injected: at(1000, 1002)},
		Objectives: model.Objectives{RTOSeconds: 180, RPOSeconds: 180},
		Observations: []model.Observation{
			{Site: "dc2", Indicator: "status stream", Event: timeline.PeerDown, When: at(3000, 3004)},
			{Site: "dc2", Indicator: "operator metrics", Event: timeline.PeerDown, Subject: "dc1", When: at(2980, 3050)},
			{Site: "dc2", Indicator: timeline.TrafficIndicator, Event: timeline.Served, Subject: "dc1", When: at(3010, 3020)},
		},
		Indicators: []model.IndicatorUse{{Site: "dc2", Indicator: "status stream", Used: true}, {Site: "dc2", Indicator: timeline.TrafficIndicator, Used: true}},
		Ledger: &model.Ledger{Due: 1000, Acknowledged: 900, Refused: 100, InState: map[string]int64{"dc2": 880},
			ProcessedBy: map[string]int64{"dc1": 400, "dc2": 500}, Lost: 20, LatenessP99: 1},
		Measures: model.Measures{Loss: &model.Loss{EarliestEvents: 20, LatestEvents: 20, EarliestSeconds: 10, LatestSeconds: 12}},
	}
	return record.Stored{RunID: "abc", Suite: "outage", Epoch: "2026-01-01T00:00:00Z", Scenario: timeline.Judge(s)}
}

// TestJudgedAgain stores a run, changes one thing in it the way an accident or an edit would, and judges it again.
func TestJudgedAgain(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*record.Stored)
		says   []string // none: the same verdict
	}{
		{"unchanged", func(*record.Stored) {}, nil},
		{"the decisive observation removed", func(s *record.Stored) {
			s.Scenario.Observations = slices.Delete(s.Scenario.Observations, 0, 1)
		}, []string{"evidence: the observations of dc2 by status stream: removed", "verdict:  detection: stored"}},
		{"an observation removed that changes no verdict", func(s *record.Stored) {
			s.Scenario.Observations = slices.Delete(s.Scenario.Observations, 1, 2)
		}, []string{"evidence: the observations of dc2 by operator metrics: removed"}},
		{"the clock of one data center's indicator shifted by 2 s", func(s *record.Stored) {
			o := &s.Scenario.Observations[0]
			o.When = at(5000, 5004)
		}, []string{"evidence: the observations of dc2 by status stream: changed", "contradict"}},
		{"the clock of the whole run shifted", func(s *record.Stored) { s.Epoch = "2026-01-01T00:00:01Z" }, []string{"evidence: the epoch: changed"}},
		{"one entry of the ledger changed", func(s *record.Stored) { s.Scenario.Ledger.Lost = 19 },
			[]string{"evidence: the ledger: changed", "verdict:  data loss: stored", "judged again inconclusive"}},
		{"the verdict itself changed", func(s *record.Stored) { s.Scenario.Outcome = model.Failed }, []string{"verdict:  outcome: stored failed, judged again passed"}},
		{"the objective relaxed", func(s *record.Stored) { s.Scenario.Objectives.RTOSeconds = 500 }, []string{"evidence: the objectives: changed"}},
		{"the digests removed", func(s *record.Stored) { s.Evidence = nil }, []string{"without a digest"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			reports := t.TempDir()
			folder, err := record.Open(reports, "abc", "outage")
			if err != nil {
				t.Fatal(err)
			}
			path, err := folder.Save(stored())
			if err != nil {
				t.Fatal(err)
			}
			loaded, err := record.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			c.change(&loaded)
			rewrite(t, path, loaded)

			var out strings.Builder
			same, err := run([]string{filepath.Join(reports, "runs", "abc")}, &out, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if same != (c.says == nil) {
				t.Errorf("same: %t\n%s", same, &out)
			}
			for _, text := range c.says {
				if !strings.Contains(out.String(), text) {
					t.Errorf("it does not say %q:\n%s", text, &out)
				}
			}
		})
	}
}

func TestNothingToJudgeIsAnError(t *testing.T) {
	for _, arguments := range [][]string{{}, {t.TempDir()}, {filepath.Join(t.TempDir(), "missing")}, {"one", "two"}} {
		if same, err := run(arguments, io.Discard, io.Discard); err == nil || same {
			t.Errorf("%q: same %t, error %v", arguments, same, err)
		}
	}
}

func TestWithoutAFolderTheCommandIsNamed(t *testing.T) {
	for _, arguments := range [][]string{nil, {""}, {"a", "b"}} {
		if _, err := run(arguments, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "make judge RUN=reports/out/runs/") {
			t.Errorf("%q: %v", arguments, err)
		}
	}
}
