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
	Seeds       []int64        `json:"seeds"`    // of the calls that made its failovers
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
	// Widths are all of them, in order, so that failovers can be added later.
	Widths []float64 `json:"widths_ms"`
}

// whole reports whether failovers can be added to the row: it has the widths of those that it counts.
func (r levelRow) whole() bool {
	for _, m := range r.Measures {
		if len(m.Widths) != m.Runs {
			return false
		}
	}
	return true
}

// plus is a row of the same level with the failovers of another one added.
func (r levelRow) plus(o levelRow) levelRow {
	sum := o
	sum.Seeds = slices.Concat(r.Seeds, o.Seeds)
	sum.Runs, sum.Failed, sum.Doubtful = r.Runs+o.Runs, r.Failed+o.Failed, r.Doubtful+o.Doubtful
	sum.Measures = nil
	for _, name := range measures {
		m := levelMeasure{Name: name}
		for _, one := range slices.Concat(r.Measures, o.Measures) {
			if one.Name == name {
				m.Runs, m.Contained, m.Widths = m.Runs+one.Runs, m.Contained+one.Contained, append(m.Widths, one.Widths...)
			}
		}
		if m.Runs > 0 {
			sum.Measures = append(sum.Measures, m.settled())
		}
	}
	return sum
}

// settled puts the widths in order and takes their median.
func (m levelMeasure) settled() levelMeasure {
	slices.Sort(m.Widths)
	m.Width = m.Widths[len(m.Widths)/2]
	return m
}

// rowOf puts the failovers of one application into a row.
func rowOf(settings *config.Config, seed int64, list []outcome) levelRow {
	described := settings.Described()
	row := levelRow{Level: int(described.Level()), Text: described.Level().String(), Application: described.Name, Seeds: []int64{seed}}
	widths := map[string][]float64{}
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
			widths[s.measure] = append(widths[s.measure], widthOf(s.when.Width()))
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
		row.Measures = append(row.Measures, levelMeasure{Name: name, Runs: len(all), Contained: inside[name], Widths: all}.settled())
	}
	return row
}

// widthOf is a width as the file has it, to a microsecond.
func widthOf(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// readLevels reads the rows of a file; one that is not there has none.
func readLevels(path string) (rows []levelRow, err error) {
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read the levels that were measured before: %w", err)
	}
	if err := json.Unmarshal(raw, &rows); err != nil {
		return nil, fmt.Errorf("read the levels that were measured before from %s: %w; mend the file or take it away", path, err)
	}
	return rows, nil
}

// measured is the row of the application that the settings describe, where failovers can be added to it.
func measured(path string, settings *config.Config) (levelRow, error) {
	rows, err := readLevels(path)
	described := settings.Described()
	for _, row := range rows {
		if row.Level == int(described.Level()) && row.Application == described.Name && row.whole() {
			return row, err
		}
	}
	return levelRow{}, err
}

// writeLevel puts a row into a file in place of the one of its level.
func writeLevel(path string, row levelRow) error {
	rows, err := readLevels(path)
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(r levelRow) bool { return r.Level == row.Level })
	rows = append(rows, row)
	slices.SortFunc(rows, func(a, b levelRow) int { return cmp.Compare(a.Level, b.Level) })
	text, err := json.MarshalIndent(rows, "", " ")
	if err != nil {
		return fmt.Errorf("write the levels that were measured: %w", err)
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
