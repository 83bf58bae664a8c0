package html

import (
	"cmp"
	"fmt"
	"html/template"
	"sort"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
	"github.com/crossdc/failover/reports/summary"
)

// audit is the sheet for whoever has to prove that failover was drilled. It fits one page.
type audit struct {
	Facts     []fact
	Rows      []auditRow
	More      string
	Overdue   []string
	OnTime    string
	NoHistory bool
	Evidence  []Evidence
}

type auditRow struct{ ID, Name, Fault, At, Runs, Verdict, Class, Symbol, Objective, Detection, Recovery, Loss, Deviation string }

const (
	auditRows = 30
	drillDue  = 90 * 24 * time.Hour
)

func auditOf(run model.Run, options Options) audit {
	now, every := options.Now, options.Every
	if now.IsZero() {
		now = run.Finished
	}
	if now.IsZero() {
		now = run.Started
	}
	if every <= 0 {
		every = drillDue
	}
	by := run.By
	if by == "" {
		by = "not stated"
	}
	version := run.Version
	if version == "" {
		version = "not stated"
	}
	if !run.Built.IsZero() {
		version += ", built " + stamp(run.Built)
	}
	a := audit{Evidence: options.Evidence, NoHistory: len(options.History) == 0, Facts: []fact{
		{"run", run.ID}, {"who", by}, {"when", stamp(run.Started)}, {"environment", run.Environment.Kind + ", " + run.Environment.Topology},
		{"suite version", version}, {"toolkit configuration", configuration(run.Environment.Toolkit)}, {"seed", fmt.Sprint(run.Seed)},
	}}
	for _, dc := range run.Environment.DataCenters {
		a.Facts = append(a.Facts, fact{"application in " + dc.Name, strings.TrimSpace(dc.Application + " on Streams " + dc.ProductVersion)})
	}
	a.rows(run)
	a.overdue(run, options, now, every)
	return a
}

func configuration(toolkit map[string]string) string {
	if len(toolkit) == 0 {
		return "not recorded"
	}
	var parts []string
	for _, key := range sortedKeys(toolkit) {
		parts = append(parts, key+"="+toolkit[key])
	}
	return clipLabel(strings.Join(parts, ", "), 600) + " (fingerprint " + history.Fingerprint(toolkit) + ")"
}

// rows has one line per drill, variants apart and trials together: the worst of its scenarios, the widest bounds of what was
// measured.
func (a *audit) rows(run model.Run) {
	byID := map[variant][]model.Scenario{}
	var ids []variant
	for _, s := range worstFirst(run.Scenarios) {
		v := variant{s.ID, s.Name, s.Topology}
		if byID[v] == nil {
			ids = append(ids, v)
		}
		byID[v] = append(byID[v], s)
	}
	if len(ids) > auditRows {
		a.More = fmt.Sprintf("%d more are in the table above.", len(ids)-auditRows)
		ids = ids[:auditRows]
	}
	for _, id := range ids {
		all := byID[id]
		worst := summary.Worst(model.Run{Scenarios: all, Finished: time.Unix(1, 0)})
		class, symbol := look(worst)
		row := auditRow{ID: id.id, Name: id.name, Runs: fmt.Sprint(len(all)), Verdict: string(worst), Class: class, Symbol: symbol, Objective: objectiveText(all[0].Objectives)}
		row.Fault, row.At, row.Deviation = faultOf(run, all)
		row.Detection = widest(all, func(m model.Measures) *model.Measure { return m.Detection })
		row.Recovery = widest(all, func(m model.Measures) *model.Measure { return m.Recovery })
		var loss *model.Loss
		for _, s := range all {
			if l := s.Measures.Loss; l != nil {
				if loss == nil {
					loss = &model.Loss{EarliestEvents: l.EarliestEvents, LatestEvents: l.LatestEvents}
				}
				loss.EarliestEvents, loss.LatestEvents = min(loss.EarliestEvents, l.EarliestEvents), max(loss.LatestEvents, l.LatestEvents)
			}
		}
		if loss != nil {
			row.Loss = plain.Count(loss.EarliestEvents, loss.LatestEvents)
		}
		a.Rows = append(a.Rows, row)
	}
}

// faultOf is what was done first, when, and how the worst of the trials deviates from what was asked for.
func faultOf(run model.Run, all []model.Scenario) (what, at, deviation string) {
	what = summary.Untouched(all[0])
	for _, s := range all {
		if s.Fault != nil {
			what = strings.TrimSpace(s.Fault.Name + " of " + s.Fault.Target)
			at = run.Started.Add(time.Duration(s.Fault.Injected.Earliest)).UTC().Format("2006-01-02 15:04:05 UTC")
			break
		}
	}
	worst := all[0]
	for _, s := range all[1:] {
		if s.Outcome.Compare(worst.Outcome) < 0 {
			worst = s
		}
	}
	return what, at, clipLabel(summary.Deviation(worst), 300)
}

func widest(all []model.Scenario, of func(model.Measures) *model.Measure) string {
	found := false
	var from, to float64
	for _, s := range all {
		m := of(s.Measures)
		if m == nil {
			continue
		}
		if !found {
			from, to, found = m.EarliestSeconds, m.LatestSeconds, true
		}
		from, to = min(from, m.EarliestSeconds), max(to, m.LatestSeconds)
	}
	if !found {
		return ""
	}
	return plain.Range(from, to)
}

// overdue lists the drills whose last run that proved anything is longer ago than it may be.
func (a *audit) overdue(run model.Run, options Options, now time.Time, every time.Duration) {
	last := map[string]time.Time{}
	see := func(id string, outcome model.Outcome, at time.Time) {
		if id == "control" {
			return
		}
		if _, known := last[id]; !known {
			last[id] = time.Time{}
		}
		proved := outcome.Meaning().Proves
		if proved && at.After(last[id]) {
			last[id] = at
		}
	}
	for _, id := range options.Drills {
		see(id, "", time.Time{})
	}
	for id, at := range options.Proven {
		if see(id, "", time.Time{}); !at.IsZero() {
			see(id, model.Passed, at)
		}
	}
	for _, e := range options.History {
		see(e.Scenario, e.Outcome, e.At)
	}
	for _, s := range run.Scenarios {
		see(s.ID, s.Outcome, run.Started.Add(time.Duration(s.Started)))
	}
	days := int(every.Hours() / 24)
	onTime := 0
	for _, id := range sortedKeys(last) {
		switch at := last[id]; {
		case at.IsZero():
			a.Overdue = append(a.Overdue, id+": no run has proved anything yet")
		case now.Sub(at) > every:
			a.Overdue = append(a.Overdue, fmt.Sprintf("%s: last on %s, %d days ago", id, at.UTC().Format("2006-01-02"), int(now.Sub(at).Hours()/24)))
		default:
			onTime++
		}
	}
	if len(a.Overdue) > auditRows {
		a.Overdue = append(a.Overdue[:auditRows:auditRows], fmt.Sprintf("and %d more", len(a.Overdue)-auditRows))
	}
	a.OnTime = fmt.Sprintf("Of %d drills (catalogue numbers) %d proved something within the last %d days; overdue: %d.", len(last), onTime, days, len(last)-onTime)
}

type trendView struct {
	ID, Name, Runs string
	Charts         []chart
}

const maxTrends = 60

// trends are the scenarios, variants apart, that the history knows from two runs or more.
func trends(entries []history.Entry) []trendView {
	byID := map[variant][]history.Entry{}
	runs := map[variant]map[string]bool{}
	var ids []variant
	for _, e := range entries {
		v := variant{e.Scenario, e.Name, e.Topology}
		if runs[v] == nil {
			runs[v] = map[string]bool{}
			ids = append(ids, v)
		}
		byID[v] = append(byID[v], e)
		runs[v][e.Run] = true
	}
	var out []trendView
	sort.Slice(ids, func(i, j int) bool {
		return cmp.Or(strings.Compare(ids[i].id, ids[j].id), strings.Compare(ids[i].name, ids[j].name), strings.Compare(ids[i].topology, ids[j].topology)) < 0
	})
	sort.SliceStable(ids, func(i, j int) bool { return len(runs[ids[i]]) > len(runs[ids[j]]) })
	for _, id := range ids {
		all := byID[id]
		if len(runs[id]) < 2 || len(out) == maxTrends {
			continue
		}
		t := trendView{ID: id.id, Name: id.name, Runs: fmt.Sprintf("%d runs, the last on %s", len(runs[id]), all[len(all)-1].At.UTC().Format("2006-01-02"))}
		rto := func(e history.Entry) float64 { return e.RTO }
		rpo := func(e history.Entry) float64 { return e.RPO }
		for _, c := range []struct {
			title string
			draw  template.HTML
		}{
			{"Detection, toolkit seconds", trend("Detection of "+id.id+" "+id.name+" over its runs", all, func(e history.Entry) *history.Bounds { return e.Detection }, rto)},
			{"Recovery, toolkit seconds", trend("Recovery of "+id.id+" "+id.name+" over its runs", all, func(e history.Entry) *history.Bounds { return e.Recovery }, rto)},
			{"Data loss, seconds of traffic", trend("Data loss of "+id.id+" "+id.name+" over its runs", all, func(e history.Entry) *history.Bounds { return e.Loss }, rpo)},
		} {
			if c.draw != "" {
				t.Charts = append(t.Charts, chart{c.title, c.draw})
			}
		}
		if len(t.Charts) > 0 {
			out = append(out, t)
		}
	}
	return out
}
