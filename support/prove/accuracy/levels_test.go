package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
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
	if row.Runs != 3 || row.Failed != 1 || row.Doubtful != 1 || row.Seed != 7 || len(row.Measures) != 1 || row.Measures[0] != (levelMeasure{restoration, 3, 2, 6}) {
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
