package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/crossdc/failover/support/config"
)

// levelRow is what failovers of an application at one level showed beside the truth.
type levelRow struct {
	Level       int            `json:"level"`
	Text        string         `json:"text"`
	Application string         `json:"application"`
	Seed        int64          `json:"seed"`
	Runs        int            `json:"runs"`     // failovers that were measured
	Failed      int            `json:"failed"`   // failovers that could not be measured
	Doubtful    int            `json:"doubtful"` // of those measured: whose verdict is inconclusive, as on a busy machine
	Measures    []levelMeasure `json:"measures"`
}

// levelMeasure is one measure over all failovers of a level that have it.
type levelMeasure struct {
	Name      string  `json:"name"`
	Runs      int     `json:"runs"`
	Contained int     `json:"contained"`       // failovers whose true instant lies inside of what was stated
	Width     float64 `json:"median_width_ms"` // of what was stated, wall time
}

// rowOf puts the failovers of one application into a row.
func rowOf(settings *config.Config, seed int64, list []outcome) levelRow {
	described := settings.Described()
	row := levelRow{Level: int(described.Level()), Text: described.Level().String(), Application: described.Name, Seed: seed}
	widths := map[string][]time.Duration{}
	inside := map[string]int{}
	for _, o := range list {
		if o.problem != nil {
			row.Failed++
			continue
		}
		row.Runs++
		if len(o.doubts) > 0 {
			row.Doubtful++
		}
		for _, s := range o.samples {
			if s.indicator != fused {
				continue
			}
			widths[s.measure] = append(widths[s.measure], s.when.Width())
			if s.inside() {
				inside[s.measure]++
			}
		}
	}
	for _, name := range measures {
		all := widths[name]
		if len(all) == 0 {
			continue
		}
		slices.Sort(all)
		row.Measures = append(row.Measures, levelMeasure{Name: name, Runs: len(all), Contained: inside[name], Width: float64(all[len(all)/2]) / 1e6})
	}
	return row
}

// writeLevel puts a row into a file in place of the one of its level.
func writeLevel(path string, row levelRow) error {
	var rows []levelRow
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("read the levels that were measured before: %w", err)
	default:
		if err := json.Unmarshal(raw, &rows); err != nil {
			return fmt.Errorf("read the levels that were measured before from %s: %w; mend the file or take it away", path, err)
		}
	}
	rows = slices.DeleteFunc(rows, func(r levelRow) bool { return r.Level == row.Level })
	rows = append(rows, row)
	slices.SortFunc(rows, func(a, b levelRow) int { return cmp.Compare(a.Level, b.Level) })
	text, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return fmt.Errorf("write the levels that were measured: %w", err)
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
