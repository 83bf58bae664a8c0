package main

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
	"github.com/crossdc/failover/reports/summary"
)

// record is the record of a recovery test, with what Regulation (EU) 2022/2554 (DORA) asks such a record to hold, as far as a
// test can say it: article 11 (response and recovery are tested), 12 (recovery objectives), 25 (testing of tools and systems).
// What people decide is left empty, to be filled in.
func record(run model.Run) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Record of a recovery test\n\nRun %s. Fields follow Regulation (EU) 2022/2554 (DORA), articles 11, 12 and 25.\n\n", run.ID)
	for _, f := range []struct{ what, value string }{
		{"What was tested", environmentOf(run)},
		{"When", run.Started.UTC().Format(time.RFC3339) + " to " + run.Finished.UTC().Format(time.RFC3339)},
		{"Who tested", cmp.Or(run.By, "not stated")},
		{"With what", cmp.Or("failover suite "+run.Version, "not stated")},
		{"How it can be repeated", fmt.Sprintf("CROSSDC_SEED=%d", run.Seed)},
		{"Verdict", summary.Word(summary.Worst(run))},
		{"Reviewed by, on", ""},
		{"Follow-up, until when, by whom", ""},
	} {
		fmt.Fprintf(&b, "- **%s:** %s\n", f.what, line(f.value))
	}
	for _, note := range run.Notes {
		fmt.Fprintf(&b, "- **Note:** %s\n", line(note))
	}
	b.WriteString("\n| test | fault | at (UTC) | objective | achieved | verdict | deviation | follow-up |\n|---|---|---|---|---|---|---|---|\n")
	scenarios := slices.Clone(run.Scenarios)
	slices.SortStableFunc(scenarios, func(x, y model.Scenario) int {
		return cmp.Or(x.Outcome.Compare(y.Outcome), cmp.Compare(x.ID, y.ID), cmp.Compare(x.Name, y.Name), cmp.Compare(x.Trial, y.Trial))
	})
	for _, s := range scenarios {
		fault, at := summary.Untouched(s), ""
		if s.Fault != nil {
			fault = strings.TrimSpace(s.Fault.Name + " of " + s.Fault.Target)
			at = run.Started.Add(time.Duration(s.Fault.Injected.Earliest)).UTC().Format("2006-01-02 15:04:05.000")
		}
		fmt.Fprintf(&b, "| %s %s | %s | %s | %s | %s | %s | %s | |\n", cell(s.ID), cell(s.Name), cell(fault), at, cell(objective(s)), cell(achieved(s)),
			cell(summary.Word(s.Outcome)), cell(summary.Deviation(s)))
	}
	return b.Bytes()
}

func environmentOf(run model.Run) string {
	parts := []string{run.Environment.Kind, run.Environment.Topology}
	for _, dc := range run.Environment.DataCenters {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%s: %s on Streams %s", dc.Name, cmp.Or(dc.Application, "application not stated"), cmp.Or(dc.ProductVersion, "of a version not stated"))))
	}
	return strings.Join(parts, ", ")
}

// objective is what was asked for. A scenario that never began has not been told yet.
func objective(s model.Scenario) string {
	o := s.Objectives
	var parts []string
	if o.RTOSeconds > 0 {
		parts = append(parts, "RTO "+plain.Seconds(o.RTOSeconds)+" s")
	}
	if o.RPOSeconds > 0 {
		parts = append(parts, "RPO "+plain.Seconds(o.RPOSeconds)+" s")
	}
	if len(parts) == 0 {
		if !s.Outcome.Meaning().Proves {
			return "not reached"
		}
		return "none"
	}
	return strings.Join(parts, ", ")
}

func achieved(s model.Scenario) string {
	m := s.Measures
	var parts []string
	for _, measured := range []struct {
		what string
		of   *model.Measure
	}{{"detection", m.Detection}, {"takeover", m.Takeover}, {"recovery", m.Recovery}} {
		if measured.of != nil {
			parts = append(parts, measured.what+" "+plain.Range(measured.of.EarliestSeconds, measured.of.LatestSeconds))
		}
	}
	if l := m.Loss; l != nil {
		parts = append(parts, fmt.Sprintf("%s events lost (%s)", plain.Count(l.EarliestEvents, l.LatestEvents), plain.Range(l.EarliestSeconds, l.LatestSeconds)))
	}
	if len(parts) == 0 {
		if !s.Outcome.Meaning().Proves {
			return "nothing: it proved nothing"
		}
		return "no failover was to be measured"
	}
	return strings.Join(parts, ", ")
}

func line(s string) string { return plain.Line(s) }

// cell keeps a text within its cell of the table.
func cell(s string) string { return strings.ReplaceAll(plain.Line(s), "|", "\\|") }
