package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
)

func TestEachLevelHasOneRow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "levels.json")
	at := func(from, to, truth model.Instant) sample {
		return sample{measure: restoration, indicator: fused, when: model.Interval{Earliest: from, Latest: to}, truth: truth}
	}
	list := []outcome{
		{samples: []sample{at(0, 4e6, 1e6)}}, {samples: []sample{at(0, 8e6, 9e6)}}, {samples: []sample{at(0, 6e6, 6e6)}, doubts: []string{"busy"}}, {problem: errors.New("no")},
	}
	row := rowOf(&config.Config{}, 7, list)
	if row.Runs != 3 || row.Failed != 1 || row.Doubtful != 1 || !slices.Equal(row.Seeds, []int64{7}) || len(row.Measures) != 1 || row.Measures[0].Runs != 3 || row.Measures[0].Contained != 2 || row.Measures[0].Width != 6 || !slices.Equal(row.Measures[0].Widths, []float64{4, 6, 8}) {
		t.Errorf("%+v", row)
	}
	for _, level := range []int{3, 1, 3} {
		row.Level = level
		if err := writeLevel(path, row); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rows []levelRow
	if err := json.Unmarshal(raw, &rows); err != nil || len(rows) != 2 || rows[0].Level != 1 || rows[1].Level != 3 {
		t.Errorf("%+v %v", rows, err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := writeLevel(path, row); err == nil {
		t.Error("a file that is no list of levels was written over")
	}
}

// Failovers are added to a row that has the widths of its own; a row of another application, or without widths, is begun anew.
func TestFailoversAreAdded(t *testing.T) {
	settings := &config.Config{}
	path := filepath.Join(t.TempDir(), "levels.json")
	if had, err := measured(path, settings); err != nil || had.Runs != 0 {
		t.Errorf("%+v %v", had, err)
	}
	one := rowOf(settings, 1, []outcome{{samples: []sample{{measure: detection, indicator: fused, when: model.Interval{Latest: 4e6}, truth: 1e6}}}})
	two := rowOf(settings, 2, []outcome{{problem: errors.New("no")}, {samples: []sample{
		{measure: detection, indicator: fused, when: model.Interval{Latest: 2e6}, truth: 3e6}, {measure: takeover, indicator: fused, when: model.Interval{Latest: 9e6}},
	}}})
	if err := writeLevel(path, levelRow{}.plus(one)); err != nil {
		t.Fatal(err)
	}
	had, err := measured(path, settings)
	if err != nil || had.Runs != 1 {
		t.Fatalf("%+v %v", had, err)
	}
	sum := had.plus(two)
	if sum.Runs != 2 || sum.Failed != 1 || !slices.Equal(sum.Seeds, []int64{1, 2}) || len(sum.Measures) != 2 {
		t.Fatalf("%+v", sum)
	}
	if m := sum.Measures[0]; m.Name != detection || m.Runs != 2 || m.Contained != 1 || !slices.Equal(m.Widths, []float64{2, 4}) {
		t.Errorf("%+v", m)
	}
	for _, change := range []func(*levelRow){func(r *levelRow) { r.Measures[0].Widths = nil }, func(r *levelRow) { r.Application = "another" }, func(r *levelRow) { r.Level++ }} {
		other := sum.plus(levelRow{Level: sum.Level, Application: sum.Application})
		change(&other)
		if err := writeLevel(path, other); err != nil {
			t.Fatal(err)
		}
		if had, err := measured(path, settings); err != nil || other.Level == sum.Level && had.Runs != 0 {
			t.Errorf("%+v was added to (%v)", other, err)
		}
	}
}
