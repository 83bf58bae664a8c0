package summary

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

// Look of the terminal summary; the zero value is plain text, 100 columns wide.
type Look struct {
	Width  int      // columns; 0 means 100, less than 60 counts as 60
	Color  bool     // ANSI colors: only for terminals
	Paths  []string // of the reports, printed below the table
	Redact func(string) string
}

// Fit is a Look as wide as COLUMNS says, if it does.
func Fit(paths []string, color bool) Look {
	look := Look{Paths: paths, Color: color}
	if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && columns > 0 {
		look.Width = columns
	}
	return look
}

var heads = []string{"scenario", "verdict", "detection", "recovery", "data loss", "objective"}

// narrow is the width below which a table would be all line breaks; each scenario gets a block instead.
const narrow = 88

// WriteTable writes the terminal summary: one row per scenario, worst first, with measured values as intervals in toolkit time,
// then the reasons of what did not pass in the same order, one sentence, and the paths of the reports. No line is wider than the
// width, paths excepted. What a run measured beyond that (takeover, wall time) is in its reports.
func WriteTable(w io.Writer, run model.Run, look Look) error {
	if look.Width <= 0 {
		look.Width = 100
	}
	look.Width = max(look.Width, 60)
	out := &printer{w: bufio.NewWriter(w), look: look}
	run.Scenarios = worstFirst(run.Scenarios)
	if len(run.Scenarios) > 0 {
		if look.Width >= narrow {
			out.table(run)
		} else {
			out.blocks(run)
		}
		if speedup := run.Environment.Speedup; speedup > 1 {
			out.wrapped("", fmt.Sprintf("Times are toolkit time: %.4g s of it pass in 1 s of wall time.", speedup))
		}
		out.line("")
	}
	out.reasons(run)
	out.claims(run)
	if run.Campaign != nil {
		for _, sentence := range CampaignSentences(*run.Campaign) {
			out.wrapped("campaign: ", sentence)
		}
	}
	for _, note := range run.Notes {
		out.wrapped("note: ", note)
	}
	out.wrapped("", Sentence(run))
	for _, path := range look.Paths {
		out.line("  " + out.clean(path))
	}
	if out.err == nil {
		out.err = out.w.Flush()
	}
	if out.err != nil {
		return fmt.Errorf("print the summary of run %q: %w", run.ID, out.err)
	}
	return nil
}

// worstFirst orders scenarios by outcome; those that ended alike keep the order in which they ran.
func worstFirst(scenarios []model.Scenario) []model.Scenario {
	sorted := slices.Clone(scenarios)
	slices.SortStableFunc(sorted, func(a, b model.Scenario) int { return ending(a).Compare(ending(b)) })
	return sorted
}

// ending is the outcome of a scenario, or that of its cleanup where it left something behind.
func ending(s model.Scenario) model.Outcome {
	if cleanupFailed(s) {
		return model.Worst(s.Outcome, CleanupOutcome(s))
	}
	return s.Outcome
}

// failedOver says whether a failover was measured in a scenario that counts. Controls and harmless faults pass when there
// is none, and must not be read as a drill.
func failedOver(run model.Run) bool {
	return slices.ContainsFunc(run.Scenarios, func(s model.Scenario) bool {
		counts := s.Outcome == model.Passed || s.Outcome == model.HazardReproduced
		return counts && (s.Measures.Detection != nil || s.Trials != nil && len(s.Trials.Detection) > 0)
	})
}

// Sentence is the answer in one sentence.
func Sentence(run model.Run) string {
	t := Count(run)
	var parts []string
	add := func(n int, one string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, one))
		}
	}
	add(t.Passed, "passed")
	add(t.Hazards, "reproduced only known hazards")
	add(t.Failed, "failed")
	add(t.NotTested, "could not be tested")
	add(t.Inconclusive, "proved nothing")
	add(t.Skipped, "skipped")
	var answer string
	switch worst, seen := Worst(run), failedOver(run); {
	case worst == model.Passed && seen:
		answer = "The application failed over as required"
	case worst == model.Passed:
		answer = "Nothing failed over, as required; no failover was tested"
	case worst == model.HazardReproduced && seen:
		answer = "The application failed over within its objectives, with known hazards of the toolkit"
	case worst == model.HazardReproduced:
		answer = "Nothing failed over, with known hazards of the toolkit; no failover was tested"
	case worst == model.Failed:
		answer = "The application did NOT fail over as required"
		if t.Failed == 0 {
			answer = "A cleanup failed: something may have been left behind"
		}
	case len(run.Refused) > 0 && worst == model.NotTested:
		if len(run.Refused) > 1 {
			return fmt.Sprintf("Refused, nothing was tested, for %d reasons.", len(run.Refused))
		}
		return "Refused, nothing was tested: " + run.Refused[0].Sentence() + "."
	case worst == model.NotTested && t.NotTested+t.Skipped == t.Scenarios:
		answer = "Nothing could be tested"
	case worst == model.NotTested:
		answer = "Not everything could be tested"
	case worst == model.Skipped:
		return "Nothing was tested: " + plural(t.Scenarios, "scenario", "scenarios") + ", none of them ran."
	default:
		answer = "Not proven"
		if run.Interrupted {
			answer = "Not proven, the run was interrupted"
		} else if run.Finished.IsZero() {
			answer = "Not proven, the run did not finish"
		}
	}
	if t.Scenarios == 0 {
		return answer + ": no scenario ran."
	}
	answer += ": of " + plural(t.Scenarios, "scenario", "scenarios") + " " + strings.Join(parts, ", ")
	if both := longestOverlap(run.Scenarios); both != "" {
		answer += "; " + both
	}
	if t.CleanupsFailed > 0 {
		answer += "; " + plural(t.CleanupsFailed, "cleanup", "cleanups") + " failed"
	}
	return answer + "."
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// row is a scenario's cells; each cell is a list of pieces that stay together on a line.
func row(s model.Scenario) [][]string {
	name := s.ID + " " + s.Name
	if s.Trial > 0 {
		name += fmt.Sprintf(" (trial %d)", s.Trial)
	}
	verdict := strings.Fields(Word(s.Outcome))
	for _, h := range s.Hazards {
		verdict = append(verdict, h.Quirk)
	}
	if c := CleanupOutcome(s); c != model.Passed && c != model.Skipped {
		verdict = append(verdict, "cleanup", Word(c))
	}
	return [][]string{strings.Fields(name), verdict, measure(s.Measures.Detection), measure(s.Measures.Recovery),
		loss(s.Measures.Loss), append(objective(s.Objectives), own(s.Own)...)}
}

// own is a team's own objectives, each with its value: they have no column.
func own(objectives []model.Own) []string {
	var out []string
	for _, o := range objectives {
		out = append(out, strings.Fields(plain.Line(o.Name)+" "+o.Text())...)
		out = append(out, unmet(o.Verdict)...)
	}
	return out
}

func measure(m *model.Measure) []string {
	if m == nil {
		return []string{"-"}
	}
	return append([]string{plain.Range(m.EarliestSeconds, m.LatestSeconds)}, unmet(m.Verdict)...)
}

func loss(l *model.Loss) []string {
	if l == nil {
		return []string{"-"}
	}
	unit := "events"
	if l.EarliestEvents == 1 && l.LatestEvents == 1 {
		unit = "event"
	}
	out := []string{plain.Count(l.EarliestEvents, l.LatestEvents) + " " + unit, "(" + plain.Range(l.EarliestSeconds, l.LatestSeconds) + ")"}
	if share := plain.Share(l.Percent()); share != "" {
		out = append(out, share)
	}
	return append(out, unmet(l.Verdict)...)
}

// unmet names the verdict of a value that is not within its objective.
func unmet(v model.Verdict) []string {
	if v == model.Missed || v == model.Inconclusive {
		return []string{string(v)}
	}
	return nil
}

func objective(o model.Objectives) []string {
	var out []string
	if o.RTOSeconds > 0 {
		out = append(out, "RTO "+plain.Seconds(o.RTOSeconds)+" s")
	}
	if o.RPOSeconds > 0 {
		out = append(out, "RPO "+plain.Seconds(o.RPOSeconds)+" s")
	}
	if out == nil {
		return []string{"-"}
	}
	return out
}
