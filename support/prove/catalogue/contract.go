package catalogue

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Row is a scenario as the toolkit contract demands it (section 10).
type Row struct {
	Number    string
	Topology  string // AA, AP
	Fault     string
	Objective string
	Quirks    []string // that it names, or that name it (section 7)
}

var quirk = regexp.MustCompile(`\bQ[0-9]{1,2}\b`)

// Contract reads the scenarios that the toolkit contract of a module demands.
func Contract(module string) ([]Row, error) {
	path := filepath.Join(module, "toolkit", "crossdc", "CONTRACT.md")
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the toolkit contract: %w", err)
	}
	var rows []Row
	exposed := map[string][]string{} // scenario -> quirks that name it
	for line := range strings.Lines(string(raw)) {
		cells := cellsOf(line)
		switch {
		case len(cells) == 7 && number.MatchString(cells[0]):
			rows = append(rows, Row{Number: cells[0], Topology: cells[1], Fault: cells[2], Objective: cells[6], Quirks: quirk.FindAllString(line, -1)})
		case len(cells) == 4 && quirk.FindString(cells[0]) == cells[0] && cells[0] != "":
			for scenario := range strings.SplitSeq(cells[3], ",") {
				scenario = strings.TrimSpace(scenario)
				exposed[scenario] = append(exposed[scenario], cells[0])
			}
		}
	}
	if len(rows) == 0 {
		return nil, errors.New(path + " has no table of scenarios (section 10)")
	}
	for i := range rows {
		rows[i].Quirks = unique(append(rows[i].Quirks, exposed[rows[i].Number]...))
		slices.SortFunc(rows[i].Quirks, func(a, b string) int {
			if len(a) != len(b) {
				return len(a) - len(b)
			}
			return strings.Compare(a, b)
		})
	}
	return rows, nil
}

// cellsOf splits a row of a table in Markdown; nil when the line is none.
func cellsOf(line string) []string {
	line = strings.TrimSpace(line)
	inner, ok := strings.CutPrefix(line, "|")
	if !ok {
		return nil
	}
	cells := strings.Split(strings.TrimSuffix(inner, "|"), "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}
