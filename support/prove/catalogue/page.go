package catalogue

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/roster"
)

// Caught is a bug and the step of a scenario that is proven to catch it.
type Caught struct {
	Bug, Suite, ID, Step string
}

// Page is everything that the catalogue is written from.
type Page struct {
	Contract  []Row
	Scenarios []Scenario
	Caught    []Caught
	Durations map[string]string // how long a scenario typically takes, by suite.Function
}

// columns of the table; the name of the function is found again by its place.
var columns = []string{"number", "scenario", "topology", "fault", "objective", "quirks", "function", "labels", "runs", "takes", "caught by it"}

const (
	functionColumn = 6
	takesColumn    = 9
)

const preface = `# Catalogue of scenarios

Written by ` + "`make catalogue`" + ` from the toolkit contract (section 10), the sources of the suites, the proofs (support/prove/bugs) and,
for how long a scenario takes (wall time, two embedded data centers), the last run; do not edit it. What *runs* says is where its
faults can be injected: on emulated data centers, on hosts, by URL, or by URL with a relay between the data centers; elsewhere the
scenario is skipped with the reason.

`

// Markdown is the page.
func (p Page) Markdown() (string, error) {
	var table strings.Builder
	line := func(cells []string) {
		for _, c := range cells {
			table.WriteString("| " + strings.NewReplacer("|", "/", "\n", " ", "<", "&lt;", ">", "&gt;").Replace(c) + " ")
		}
		table.WriteString("|\n")
	}
	line(columns)
	table.WriteString(strings.Repeat("|---", len(columns)) + "|\n")
	var missing []string
	existing := 0
	for _, row := range p.Contract {
		of := p.of(row.Number)
		if len(of) == 0 {
			missing = append(missing, row.Number)
			line([]string{row.Number, "**missing**", row.Topology, row.Fault, row.Objective, strings.Join(row.Quirks, " "), "", "", "", "", ""})
			continue
		}
		existing++
		for _, s := range of {
			cells, err := p.cells(row, s)
			if err != nil {
				return "", err
			}
			line(cells)
		}
	}
	for _, s := range p.Scenarios {
		if len(s.Numbers()) == 0 {
			cells, err := p.cells(Row{Number: roster.ID(s.Labels, s.Words)}, s)
			if err != nil {
				return "", err
			}
			line(cells)
		}
	}
	text := preface + fmt.Sprintf("%d of the %d scenarios of the contract exist", existing, len(p.Contract))
	if len(missing) > 0 {
		text += "; missing are " + strings.Join(missing, ", ")
	}
	return text + ".\n\n" + table.String(), nil
}

// of are the scenarios that stand for a number of the contract.
func (p Page) of(number string) []Scenario {
	return slices.DeleteFunc(slices.Clone(p.Scenarios), func(s Scenario) bool { return !slices.Contains(s.Numbers(), number) })
}

func (p Page) cells(row Row, s Scenario) ([]string, error) {
	where, err := Where(s.Faults)
	if err != nil {
		return nil, fmt.Errorf("%s.%s: %w", s.Suite, s.Function, err)
	}
	topology := row.Topology
	if topology == "" {
		topology = topologyOf(s.Labels)
	}
	faults := row.Fault
	if faults == "" {
		faults = strings.Join(s.Faults, ", ")
	}
	return []string{row.Number, s.Words, topology, faults, row.Objective, strings.Join(row.Quirks, " "), s.key(), strings.Join(s.Labels, " "), where,
		p.Durations[s.key()], p.caught(s)}, nil
}

func topologyOf(labels []string) string {
	switch {
	case slices.Contains(labels, "active-passive"):
		return "AP"
	case slices.Contains(labels, "active-active"):
		return "AA"
	}
	return ""
}

func (s Scenario) key() string { return s.Suite + "." + s.Function }

// maxCaught bounds how many bugs a row names.
const maxCaught = 4

// caught names the bugs that a scenario is proven to catch.
func (p Page) caught(s Scenario) string {
	var bugs []string
	for _, c := range p.Caught {
		if c.Suite == s.Suite && slices.Contains(s.Labels, c.ID) && slices.Contains(s.Steps, c.Step) {
			bugs = append(bugs, c.Bug)
		}
	}
	bugs = unique(bugs)
	if len(bugs) > maxCaught {
		bugs = append(bugs[:maxCaught], fmt.Sprintf("and %d more", len(bugs)-maxCaught))
	}
	return strings.Join(bugs, ", ")
}

// Durations reads from an older page how long the scenarios take.
func Durations(page string) map[string]string {
	durations := map[string]string{}
	for line := range strings.Lines(page) {
		if cells := cellsOf(line); len(cells) == len(columns) && cells[functionColumn] != "" {
			durations[cells[functionColumn]] = cells[takesColumn]
		}
	}
	delete(durations, columns[functionColumn])
	return durations
}

// Measure takes from a run how long its scenarios took, wherever they came to a verdict and nothing was broken on purpose.
func (p Page) Measure(run model.Run) {
	if len(run.Proving) > 0 {
		return
	}
	for _, s := range p.Scenarios {
		var shortest, longest float64
		for _, m := range run.Scenarios {
			if m.Family != s.Suite || !s.words.MatchString(m.Name) || m.Outcome != model.Passed && m.Outcome != model.HazardReproduced {
				continue
			}
			took := float64(m.Finished-m.Started) / 1e9
			if longest == 0 || took < shortest {
				shortest = took
			}
			longest = max(longest, took)
		}
		switch {
		case longest == 0:
		case longest-shortest < 2:
			p.Durations[s.key()] = fmt.Sprintf("%.0f s", longest)
		default:
			p.Durations[s.key()] = fmt.Sprintf("%.0f to %.0f s", shortest, longest)
		}
	}
}

// Files of the catalogue below the module's folder.
var (
	PageFile   = filepath.Join("suites", "CATALOGUE.md")
	LabelsFile = filepath.Join("support", "scenario", "roster", "catalogue.go")
)
