package html

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
	"github.com/crossdc/failover/reports/summary"
)

func objectiveText(o model.Objectives) string {
	var parts []string
	if o.RTOSeconds > 0 {
		parts = append(parts, "RTO "+plain.Seconds(o.RTOSeconds)+" s")
	}
	if o.RPOSeconds > 0 {
		parts = append(parts, "RPO "+plain.Seconds(o.RPOSeconds)+" s")
	}
	return strings.Join(parts, ", ")
}

// absent is the cell of a value that there is none of. A scenario that is through did not need it: nobody has to wonder whether
// it should have been there.
func absent(outcome model.Outcome) cell {
	text := "not measured"
	if outcome.Green() {
		text = "not asked for"
	}
	return cell{Text: text, Class: "none", Sort: "-1"}
}

func measureCell(m *model.Measure, outcome model.Outcome) cell {
	if m == nil {
		return absent(outcome)
	}
	c := cell{Text: plain.Range(m.EarliestSeconds, m.LatestSeconds), Class: lookVerdict(m.Verdict), Sort: strconv.FormatFloat(m.LatestSeconds, 'f', 3, 64), Bullet: bullet(m)}
	if m.Verdict != model.NotApplicable {
		c.Verdict = string(m.Verdict)
	}
	if m.ObjectiveSeconds > 0 {
		c.Wall = "of " + plain.Seconds(m.ObjectiveSeconds) + " s"
	}
	return c
}

// repeatedCell is what all trials took where the scenario itself has no value of its own.
func repeatedCell(own *model.Measure, s model.Scenario, of func(*model.Trials) []model.Measure) cell {
	if own != nil || s.Trials == nil || len(of(s.Trials)) == 0 {
		return measureCell(own, s.Outcome)
	}
	all := of(s.Trials)
	earliest, latest := all[0].EarliestSeconds, all[0].LatestSeconds
	for _, m := range all[1:] {
		earliest, latest = min(earliest, m.EarliestSeconds), max(latest, m.LatestSeconds)
	}
	return cell{Text: plain.Range(earliest, latest), Wall: fmt.Sprintf("over %d trials", len(all)), Class: "skip", Sort: strconv.FormatFloat(latest, 'f', 3, 64)}
}

func detections(t *model.Trials) []model.Measure { return t.Detection }
func recoveries(t *model.Trials) []model.Measure { return t.Recovery }

func lossCell(l *model.Loss, outcome model.Outcome) cell {
	if l == nil {
		return absent(outcome)
	}
	c := cell{Text: plain.Count(l.EarliestEvents, l.LatestEvents) + " events", Wall: plain.Range(l.EarliestSeconds, l.LatestSeconds) + " of traffic",
		Class: lookVerdict(l.Verdict), Sort: strconv.FormatInt(l.LatestEvents, 10)}
	if share := plain.Share(l.Percent()); share != "" {
		c.Wall += ", " + share
	}
	if l.ObjectiveSeconds > 0 {
		c.Wall += "; RPO " + plain.Seconds(l.ObjectiveSeconds) + " s"
		c.Bullet = bullet(&model.Measure{EarliestSeconds: l.EarliestSeconds, LatestSeconds: l.LatestSeconds, ObjectiveSeconds: l.ObjectiveSeconds, Verdict: l.Verdict})
	}
	if l.Verdict != model.NotApplicable {
		c.Verdict = string(l.Verdict)
	}
	return c
}

// measureRows are the measured values of a scenario. Where the moments before and after one narrow it, as in the picture, its row
// says so: the verdict rests on what was measured.
func measureRows(s model.Scenario) []measureRow {
	var rows []measureRow
	m, narrowed := s.Measures, map[string]moment{}
	for _, one := range momentsOf(s) {
		narrowed[one.class] = one
	}
	for _, one := range []struct {
		name, term, class string
		m                 *model.Measure
	}{{"detection", "detection", "noticed", m.Detection}, {"takeover", "takeover", "taken", m.Takeover}, {"recovery", "recovery", "serving", m.Recovery}, {"throughput back", "steady", "level", m.Steady}} {
		if one.m == nil {
			continue
		}
		row := measureRow{Name: one.name, Term: one.term, Interval: plain.Range(one.m.EarliestSeconds, one.m.LatestSeconds), Wall: plain.Range(one.m.WallEarliest, one.m.WallLatest),
			Objective: "none", Verdict: string(one.m.Verdict), Class: lookVerdict(one.m.Verdict), By: strings.Join(one.m.By, ", "), Why: one.m.Why}
		if one.m.ObjectiveSeconds > 0 {
			row.Objective = plain.Seconds(one.m.ObjectiveSeconds) + " s"
		}
		if at, known := narrowed[one.class]; known {
			if text := plain.Range(at.earliest, at.late); text != row.Interval {
				row.Interval += ", by what comes before and after it " + text
			}
		}
		rows = append(rows, row)
	}
	if l := m.Loss; l != nil {
		row := measureRow{Name: "data loss", Term: "loss", Interval: plain.Count(l.EarliestEvents, l.LatestEvents) + " events, " + plain.Range(l.EarliestSeconds, l.LatestSeconds) + " of traffic",
			Objective: "none", Verdict: string(l.Verdict), Class: lookVerdict(l.Verdict), By: "ledger", Why: l.Why}
		if share := plain.Share(l.Percent()); share != "" {
			row.Interval += fmt.Sprintf(", %s of the %d events that %s had taken", share, l.Of, l.Side)
		}
		if b := l.Before; b != nil {
			row.By = fmt.Sprintf("ledger; load had run for %s s before the fault, every fragment was replicated at least %d times", plain.Seconds(b.Seconds), b.Rounds)
		}
		if l.ObjectiveSeconds > 0 {
			row.Objective = plain.Seconds(l.ObjectiveSeconds) + " s"
		}
		rows = append(rows, row)
	}
	return rows
}

func scenarioFacts(run model.Run, s model.Scenario) []fact {
	var facts []fact
	if f := s.Fault; f != nil {
		facts = append(facts, fact{"fault", strings.TrimSuffix(f.Name+" on "+f.Target, " on ")})
		facts = append(facts, fact{"took effect", orUnknown(f.Bite)})
		if f.Healed != nil {
			facts = append(facts, fact{"healed", orUnknown(f.HealProof)})
		}
	}
	if o := objectiveText(s.Objectives); o != "" {
		facts = append(facts, fact{"objective", o})
	}
	for _, o := range s.Own {
		facts = append(facts, fact{"own objective", fmt.Sprintf("%s: %s, %s", o.Name, o.Text(), o.Verdict)})
	}
	topology := s.Topology
	if topology == "" {
		topology = run.Environment.Topology
	}
	return append(facts, fact{"topology", topology}, fact{"labels", strings.Join(s.Labels, ", ")}, fact{"seed", strconv.FormatInt(s.Seed, 10)})
}

func orUnknown(s string) string {
	if s == "" {
		return "no evidence was recorded"
	}
	return s
}

// inWords is the picture for those who cannot see it.
func inWords(s model.Scenario) string {
	var parts []string
	if s.Fault != nil && len(momentsOf(s)) > 0 {
		parts = append(parts, "fault at 0 s")
	}
	for _, m := range momentsOf(s) {
		parts = append(parts, m.text())
	}
	if o := overlapText(s); o != "" {
		parts = append(parts, "both data centers active for "+overlap(s))
	}
	if f := s.Fault; f != nil && f.Healed != nil {
		parts = append(parts, "healed "+clockOf(s).words(*f.Healed))
	}
	if len(parts) == 0 {
		parts = []string{"no failover was measured"}
	}
	return strings.Join(append(parts, servedInWords(s)...), "; ")
}

func overlapText(s model.Scenario) string {
	if s.BothActive == nil {
		return ""
	}
	return "Both data centers were active at once for " + overlap(s) + "."
}

// overlap is how long both data centers were active.
func overlap(s model.Scenario) string { return summary.Overlap(s) }

// levelOf says how exactly an application could be accounted for; nothing where that is as exactly as can be.
func levelOf(a *model.Accounting) string {
	if a == nil || a.Level >= model.HighestLevel {
		return ""
	}
	return a.Application + ": " + a.Text
}

// leftOut is what could not be said, and what would change that.
func leftOut(a *model.Accounting) []string {
	if a == nil || a.Level >= model.HighestLevel {
		return nil
	}
	out := slices.Clone(a.LeftOut)
	if a.Raise != "" {
		out = append(out, "To raise the level: "+a.Raise+".")
	}
	return out
}

func ledgerFacts(l *model.Ledger) []fact {
	if l == nil {
		return nil
	}
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	facts := []fact{{"due", n(l.Due)}, {"acknowledged", n(l.Acknowledged)}, {"refused", n(l.Refused)}}
	for _, site := range sortedKeys(l.ProcessedBy) {
		facts = append(facts, fact{"processed by " + site, n(l.ProcessedBy[site])})
	}
	for _, site := range sortedKeys(l.InState) {
		facts = append(facts, fact{"in the state of " + site, n(l.InState[site])})
	}
	if l.Present > 0 || l.Undecided > 0 {
		facts = append(facts, fact{"acknowledged and present", n(l.Present)}, fact{"acknowledged, undecided", n(l.Undecided)})
	}
	for _, more := range []struct {
		name  string
		value int64
	}{{"sent, without an acknowledgement", l.Sent}, {"results later than they may be", l.Late}, {"results without a number", l.Counted}} {
		if more.value > 0 {
			facts = append(facts, fact{more.name, n(more.value)})
		}
	}
	if l.LatencyMax > 0 {
		facts = append(facts, fact{"results after they were due (P99, longest)", plain.Seconds(l.LatencyP99) + ", " + plain.Seconds(l.LatencyMax) + " ms wall"})
	}
	for _, a := range l.Anomalies {
		facts = append(facts, fact{"not explained: " + a.Kind, a.Text})
	}
	return append(facts, fact{"lost", n(l.Lost)}, fact{"duplicated", n(l.Duplicated)}, fact{"resurrected", n(l.Resurrected)},
		fact{"reordered", n(l.Reordered)}, fact{"corrupted", n(l.Corrupted)}, fact{"unknown", n(l.Unknown)},
		fact{"generator late by (P99)", plain.Seconds(l.LatenessP99) + " ms wall"})
}

func indicatorRows(uses []model.IndicatorUse) []indicatorRow {
	var rows []indicatorRow
	for _, u := range uses {
		row := indicatorRow{u.Site, u.Indicator, "no", u.Why, ""}
		if u.Used {
			row.Used = "yes"
		}
		if u.Polls > 0 {
			row.Polls = fmt.Sprintf("%d polls, %d errors", u.Polls, u.Errors)
		}
		rows = append(rows, row)
	}
	return rows
}

func observationRows(s model.Scenario) []observationRow {
	c := clockOf(s)
	var rows []observationRow
	for _, o := range s.Observations[:min(len(s.Observations), maxObservations)] {
		rows = append(rows, observationRow{c.words(o.When), plain.Range(c.at(o.When.Earliest)/c.speedup, c.at(o.When.Latest)/c.speedup),
			o.Site, o.Indicator, o.Event, o.Subject, o.Evidence})
	}
	return rows
}
