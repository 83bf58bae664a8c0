package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/record"
)

func TestADifferenceCountsLines(t *testing.T) {
	got := difference([]string{"a", "b", "b", "c"}, []string{"b", "d", "d", "c"})
	if !slices.Equal(got, []string{"+ d", "+ d", "- a", "- b"}) {
		t.Errorf("%q", got)
	}
	if got = difference([]string{"a"}, []string{"a"}); got == nil || len(got) > 0 {
		t.Errorf("%q", got)
	}
}

// Only a lab in which something passed, nothing failed and nothing was left proves anything.
func TestWhatTheVerdictRestsOn(t *testing.T) {
	good := func() *report {
		return &report{Scenarios: []scenario{{ID: "S03", Suite: "outage", Verdict: model.Passed}, {ID: "S04", Verdict: model.Skipped}}, Hosts: map[string][]string{"192.0.2.11:22": {}}}
	}
	if err := good().verdict(); err != nil {
		t.Error(err)
	}
	for want, spoil := range map[string]func(*report){
		"nothing is proven":         func(r *report) { r.Scenarios[0].Verdict = model.Skipped },
		"outage S03: inconclusive":  func(r *report) { r.Scenarios[0].Verdict = model.OutcomeInconclusive },
		"192.0.2.11:22 differs":     func(r *report) { r.Hosts["192.0.2.11:22"] = []string{"+ nft: table inet x"} },
		"this machine differs":      func(r *report) { r.Machine = []string{"+ interface: veth0"} },
		"cut, agent: still":         func(r *report) { r.Kills = []kill{{Fault: "cut", Death: "agent", Earliest: 2001}} },
		"cut, agent: gone 900 ms":   func(r *report) { r.Kills = []kill{{Fault: "cut", Death: "agent", Latest: -900}} },
		`cut, agent: left ["x"]`:    func(r *report) { r.Kills = []kill{{Fault: "cut", Death: "agent", Left: []string{"x"}}} },
		"cut, agent: dead":          func(r *report) { r.Kills = []kill{{Fault: "cut", Death: "agent", Problem: "dead"}} },
		"no sudo":                   func(r *report) { r.Doctor.Wrong = []string{"dc1 rights: no sudo"} },
		"suite outage: exit status": func(r *report) { r.Problems = []string{"suite outage: exit status 1"} },
	} {
		r := good()
		spoil(r)
		if err := r.verdict(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestAScenarioIsReportedWithItsBounds(t *testing.T) {
	r := &report{}
	var s record.Stored
	s.Environment.Kind = "hosts"
	s.Scenario = model.Scenario{ID: "S03", Family: "outage", Outcome: model.Passed, Fault: &model.Fault{Name: "crash", Bite: "refused"},
		Measures: model.Measures{Detection: &model.Measure{WallEarliest: 1.5, WallLatest: 1.525}}}
	r.add(s)
	if one := r.Scenarios[0]; one.Environment != "hosts" || one.Fault != "crash" || one.Measured["detection"].Width < 24.9 || one.Measured["detection"].Width > 25.1 {
		t.Errorf("%+v", one)
	}
	folder := t.TempDir()
	if err := r.write(folder); err != nil {
		t.Fatal(err)
	}
	read, err := readReport(folder)
	if err != nil || read.Scenarios[0].Bite != "refused" {
		t.Errorf("%+v, %v", read, err)
	}
	var page bytes.Buffer
	if read.print(&page); !strings.Contains(page.String(), "detection 1.50-1.52 s (25 ms wide)") {
		t.Error(page.String())
	}
}
