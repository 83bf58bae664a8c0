package summary

import (
	"bufio"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

// printer lays text out in columns of a bounded width.
type printer struct {
	w    *bufio.Writer
	look Look
	err  error
}

func (p *printer) line(s string) {
	if p.err == nil {
		_, p.err = p.w.WriteString(strings.TrimRight(s, " ") + "\n")
	}
}

// clean makes one safe line of s: what a peer sent must not steer the terminal.
func (p *printer) clean(s string) string {
	if p.look.Redact != nil {
		s = p.look.Redact(s)
	}
	return plain.Line(s)
}

// wrapped prints s broken to the width, continued below its own beginning.
func (p *printer) wrapped(label, s string) {
	if utf8.RuneCountInString(label) > p.look.Width/3 { // many names: they are lines of their own
		for _, l := range plain.Fill(strings.Fields(label), p.look.Width) {
			p.line(l)
		}
		label = "    "
	}
	indent := strings.Repeat(" ", utf8.RuneCountInString(label))
	for i, l := range plain.Fill(strings.Fields(p.clean(s)), p.look.Width-len(indent)) {
		if i == 0 {
			p.line(label + l)
		} else {
			p.line(indent + l)
		}
	}
}

// reasons says why each scenario did not pass. What kept several from being tested, or left several out, is said once with
// all of their names.
func (p *printer) reasons(run model.Run) {
	if len(run.Refused) > 1 { // a single one is in the sentence
		for _, cause := range run.Refused {
			p.wrapped("", cause.Sentence())
		}
	}
	shared, hazards := map[string][]string{}, map[string]bool{}
	for _, s := range run.Scenarios {
		if sharesReasons(s.Outcome) {
			for _, reason := range s.Reasons {
				shared[reason] = append(shared[reason], p.label(s))
			}
		}
	}
	for _, cause := range run.Refused { // said already
		delete(shared, cause.Sentence())
	}
	for _, s := range run.Scenarios {
		switch {
		case s.Outcome == model.Passed:
		case s.Outcome == model.HazardReproduced:
			for _, h := range s.Hazards {
				text := "known hazard " + h.Quirk + ": " + h.Title
				if said := p.label(s) + ": " + text; !hazards[said] { // variants of a scenario share it
					hazards[said] = true
					p.wrapped(p.label(s)+": ", text)
				}
			}
		case sharesReasons(s.Outcome):
			for _, reason := range s.Reasons {
				if labels := slices.Compact(shared[reason]); len(labels) > 0 {
					p.wrapped(strings.Join(labels, ", ")+": ", reason)
				}
				delete(shared, reason)
			}
		default:
			for _, reason := range s.Reasons {
				p.wrapped(p.label(s)+": ", reason)
			}
		}
	}
}

// sharesReasons: what was not tested or left out has reasons that lie outside of the scenario.
func sharesReasons(o model.Outcome) bool { return o == model.NotTested || o.Left() }

func (p *printer) label(s model.Scenario) string {
	if s.Trial > 0 {
		return fmt.Sprintf("%s (trial %d)", p.clean(s.ID), s.Trial)
	}
	return p.clean(s.ID)
}

// table prints all scenarios, many trials of one in one row, with the columns as wide as they need to be; the scenario's name gets what is left over.
func (p *printer) table(run model.Run) {
	scenarios := gathered(run.Scenarios)
	rows := make([][][]string, 0, len(scenarios))
	widths := make([]int, len(heads))
	for i, head := range heads {
		widths[i] = len(head)
	}
	for _, s := range scenarios {
		cells := row(s)
		for i, cell := range cells {
			for j, piece := range cell {
				cell[j] = p.clean(piece)
				if i > 0 {
					widths[i] = max(widths[i], min(utf8.RuneCountInString(cell[j]), 24))
				}
			}
		}
		rows = append(rows, cells)
	}
	rest := p.look.Width - 3*(len(heads)-1)
	for _, w := range widths[1:] {
		rest -= w
	}
	for i := 2; rest < 18 && i < len(widths); i = 2 + (i-1)%(len(widths)-2) { // one column after the other gives way
		if widths[i] > 9 {
			widths[i]--
			rest++
		}
	}
	widths[0] = min(rest, 48)

	head := make([][]string, len(heads))
	rule := make([]string, len(heads))
	for i, h := range heads {
		head[i] = strings.Fields(h)
		rule[i] = strings.Repeat("-", widths[i])
	}
	p.row(head, widths, "")
	p.line(strings.Join(rule, "-+-"))
	for i, cells := range rows {
		p.row(cells, widths, scenarios[i].Outcome)
	}
}

func (p *printer) row(cells [][]string, widths []int, outcome model.Outcome) {
	height := 1
	columns := make([][]string, len(cells))
	for i, cell := range cells {
		columns[i] = plain.Fill(cell, widths[i])
		height = max(height, len(columns[i]))
	}
	for y := range height {
		line := make([]string, len(cells))
		for i, column := range columns {
			text := ""
			if y < len(column) {
				text = column[y]
			}
			pad := strings.Repeat(" ", max(widths[i]-utf8.RuneCountInString(text), 0))
			if i == 1 && text != "" {
				text = p.paint(text, outcome)
			}
			line[i] = text + pad
		}
		p.line(strings.Join(line, " | "))
	}
}

// blocks prints one block per scenario, for terminals too narrow for a table.
func (p *printer) blocks(run model.Run) {
	for _, s := range gathered(run.Scenarios) {
		cells := row(s)
		p.wrapped("", strings.Join(cells[0], " "))
		for i := 1; i < len(heads); i++ {
			text := strings.Join(cells[i], " ")
			if i == 1 {
				p.line("  " + pad(heads[i], 10) + p.paint(strings.Join(plain.Fill(strings.Fields(p.clean(text)), p.look.Width-12), " "), s.Outcome))
			} else {
				p.wrapped("  "+pad(heads[i], 10), text)
			}
		}
	}
}

func pad(s string, width int) string { return s + strings.Repeat(" ", max(width-len(s), 1)) }

// paint colors text by what the outcome means.
func (p *printer) paint(text string, outcome model.Outcome) string {
	if !p.look.Color || outcome == "" {
		return text
	}
	color := "33" // yellow: nothing proven, hazards
	switch outcome {
	case model.Passed:
		color = "32"
	case model.Failed, model.Panicked:
		color = "31"
	case model.Skipped, model.Pending:
		color = "2"
	default:
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}
