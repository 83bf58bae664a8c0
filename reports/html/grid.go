package html

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"sort"
	"strings"

	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
	"github.com/crossdc/failover/reports/summary"
)

// grid is the history as scenario x run: which verdict each had in which run.
type grid struct {
	Runs    []gridRun
	Rows    []gridRow
	Changes []string // what was different in which run: the marks in the head
	More    string
}

type gridRun struct{ Day, Mark, Title string }

type gridRow struct {
	Title, Values string
	Cells         []gridCell
}

type gridCell struct{ Class, Symbol, Text, Address string }

const (
	gridRuns = 30
	gridRows = 120
)

// variant is what has a row of its own: a catalogue number may stand for several.
type variant struct{ id, name, topology string }

// anchor is where a scenario stands on the page of whatever run: the numbers of scenarios differ from page to page.
func (v variant) anchor() string {
	sum := fnv.New64a()
	_, _ = io.WriteString(sum, v.id+"\x00"+v.name+"\x00"+v.topology) // a hash takes everything
	return fmt.Sprintf("of-%016x", sum.Sum64())
}

// gridOf shows the newest runs, oldest first. Anchors are those of this run's scenarios.
func gridOf(run model.Run, options Options, anchors map[variant]string) grid {
	entries := withThis(run, options.History)
	type when struct {
		run string
		at  int64
	}
	first := map[string]int64{}
	for _, e := range entries {
		at := e.At.UnixNano()
		if known, ok := first[e.Run]; !ok || at < known {
			first[e.Run] = at
		}
	}
	var order []when
	for id, at := range first {
		order = append(order, when{id, at})
	}
	slices.SortFunc(order, func(a, b when) int { return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.run, b.run)) })
	if len(order) < 2 {
		return grid{}
	}
	order = order[max(len(order)-gridRuns, 0):]
	column := map[string]int{}
	for i, o := range order {
		column[o.run] = i
	}

	g := grid{Runs: make([]gridRun, len(order))}
	cells := map[variant][]model.Outcome{}
	values := map[variant][]history.Entry{}
	ran := map[variant]map[int]int{}
	about := make([]history.Entry, len(order))
	var rows []variant
	for _, e := range entries {
		i, shown := column[e.Run]
		if !shown {
			continue
		}
		v := variant{e.Scenario, e.Name, e.Topology}
		if cells[v] == nil {
			cells[v], ran[v] = make([]model.Outcome, len(order)), map[int]int{}
			rows = append(rows, v)
		}
		if n := ran[v][i]; n == 0 || e.Outcome.Compare(cells[v][i]) < 0 {
			cells[v][i] = e.Outcome
		}
		ran[v][i]++
		values[v] = append(values[v], e)
		about[i] = e
	}
	for i, e := range about {
		g.Runs[i] = gridRun{Day: e.At.UTC().Format("01-02"), Title: "run " + e.Run + ", " + stamp(e.At)}
		if i > 0 {
			if what := conditionsChanged(about[i-1], e); what != "" {
				g.Runs[i].Mark = "△"
				g.Changes = append(g.Changes, e.At.UTC().Format("2006-01-02")+", "+e.Run+": "+what)
			}
		}
	}
	sort.Slice(rows, func(i, j int) bool {
		a, b := rows[i], rows[j]
		return cmp.Or(strings.Compare(a.id, b.id), strings.Compare(a.name, b.name), strings.Compare(a.topology, b.topology)) < 0
	})
	if len(rows) > gridRows {
		g.More = fmt.Sprintf("%d more scenarios are in the history.", len(rows)-gridRows)
		rows = rows[:gridRows]
	}
	for _, v := range rows {
		row := gridRow{Title: plain.Line(v.id + " " + v.name), Values: valuesText(values[v])}
		for i, outcome := range cells[v] {
			c := gridCell{Class: "skip", Symbol: "·", Text: "did not run"}
			if n := ran[v][i]; n > 0 {
				c.Class, c.Symbol = look(outcome)
				c.Text = summary.Word(outcome)
				if n > 1 {
					c.Text += fmt.Sprintf(" (worst of %d)", n)
				}
			}
			page := options.Pages[order[i].run]
			switch {
			case ran[v][i] == 0:
			case order[i].run == run.ID && anchors[v] != "":
				c.Address, c.Text = "#"+anchors[v], c.Text+", this run"
			case order[i].run != run.ID && page != "":
				c.Address, c.Text = page+"#"+v.anchor(), c.Text+", page of run "+plain.Line(order[i].run)
			}
			row.Cells = append(row.Cells, c)
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

// withThis is the history with this run in it: the page may be made before the history has it.
func withThis(run model.Run, entries []history.Entry) []history.Entry {
	if slices.ContainsFunc(entries, func(e history.Entry) bool { return e.Run == run.ID }) {
		return entries
	}
	own, err := history.Of(run)
	if err != nil {
		return entries // a number that JSON does not know: the page of this run says so elsewhere
	}
	return append(slices.Clone(entries), own...)
}

func conditionsChanged(before, now history.Entry) string {
	var what []string
	for _, c := range []struct{ name, before, now string }{
		{"suite version", before.Version, now.Version}, {"application", before.Application, now.Application}, {"toolkit configuration", before.Toolkit, now.Toolkit},
		{"environment", before.Environment, now.Environment}, {"speedup", plain.Seconds(before.Speedup), plain.Seconds(now.Speedup)}} {
		if c.before != c.now {
			what = append(what, fmt.Sprintf("%s %s, was %s", c.name, orUnstated(c.now), orUnstated(c.before)))
		}
	}
	return strings.Join(what, "; ")
}

func orUnstated(s string) string {
	if s == "" {
		return "not stated"
	}
	return plain.Line(s)
}

// valuesText is the median of what was measured in these runs, with the objective.
func valuesText(entries []history.Entry) string {
	var parts []string
	for _, m := range []struct {
		name  string
		of    func(history.Entry) *history.Bounds
		limit func(history.Entry) float64
	}{{"detection", func(e history.Entry) *history.Bounds { return e.Detection }, func(e history.Entry) float64 { return e.RTO }},
		{"recovery", func(e history.Entry) *history.Bounds { return e.Recovery }, func(e history.Entry) float64 { return e.RTO }},
		{"loss", func(e history.Entry) *history.Bounds { return e.Loss }, func(e history.Entry) float64 { return e.RPO }}} {
		var all []float64
		limit := 0.0
		for _, e := range entries {
			if b := m.of(e); b != nil {
				all = append(all, b.Mid())
				limit = m.limit(e)
			}
		}
		if len(all) == 0 {
			continue
		}
		text := m.name + " " + plain.Seconds(median(all))
		if limit > 0 {
			text += " of " + plain.Seconds(limit)
		}
		parts = append(parts, text+" s")
	}
	return strings.Join(parts, ", ")
}

func median(all []float64) float64 {
	all = slices.Clone(all)
	slices.Sort(all)
	n := len(all)
	if n%2 == 1 {
		return all[n/2]
	}
	return (all[n/2-1] + all[n/2]) / 2
}
