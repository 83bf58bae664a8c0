package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
)

// crash is a trial of S03 that was noticed within the interval.
func crash(trial int, outcome model.Outcome, from, to float64) model.Scenario {
	return model.Scenario{ID: "S03", Name: "A data center crashes", Family: "outage", Topology: "active/active", Outcome: outcome, Speedup: 60, Trial: trial,
		Measures: model.Measures{Detection: &model.Measure{EarliestSeconds: from, LatestSeconds: to}}}
}

func trials(middles ...float64) (list []model.Scenario) {
	for i, m := range middles {
		list = append(list, crash(i+1, model.Passed, m-1, m+1))
	}
	return list
}

func of(id string, scenarios ...model.Scenario) model.Run {
	return model.Run{Schema: model.SchemaVersion, ID: id, Suites: []string{"outage"}, Started: time.Unix(1700000000, 0), Finished: time.Unix(1700000100, 0), Scenarios: scenarios,
		Environment: model.Environment{Kind: "embedded", Topology: "active/active", Speedup: 60, Toolkit: map[string]string{"heartbeatExchangeInterval": "30"}}}
}

func TestWhatIsSaidIsWhatTheTrialsCarry(t *testing.T) {
	for name, c := range map[string]struct {
		a, b    []model.Scenario
		changed direction
		says    string
	}{
		"intervals that meet":           {trials(120), trials(121), same, "the intervals meet: no difference can be told"},
		"one trial each, far apart":     {trials(100), trials(140), same, "at least +38 s in these runs (1 and 1 trials: 4 of each would tell"},
		"one trial each, apart, less":   {trials(140), trials(100), same, "at least -38 s in these runs"},
		"many trials, apart":            {trials(100, 101, 102, 103, 104, 105), trials(130, 131, 132, 133, 134, 135), worse, "median +30 s, p = 0.002 (Mann-Whitney, 6 and 6 trials)"},
		"many trials, less":             {trials(130, 131, 132, 133, 134, 135), trials(100, 101, 102, 103, 104, 105), better, "median -30 s"},
		"many trials, as chance has it": {trials(100, 120, 140, 110), trials(105, 125, 135, 115), same, "no difference that chance does not explain"},
		"no longer measured": {trials(100), []model.Scenario{{ID: "S03", Name: "A data center crashes", Topology: "active/active", Outcome: model.Passed}}, same,
			"measured in one of the runs only"},
		"failed since":       {trials(120), []model.Scenario{crash(1, model.Failed, 119, 121)}, worse, "the intervals meet"},
		"not tested since":   {trials(120), []model.Scenario{crash(1, model.NotTested, 119, 121)}, worse, ""},
		"mended since":       {[]model.Scenario{crash(1, model.Failed, 119, 121)}, trials(120), better, "the intervals meet"},
		"one of many failed": {trials(120, 121, 122), append(trials(120, 121), crash(3, model.Failed, 121, 123)), worse, ""},
	} {
		got := compare(of("a", c.a...), of("b", c.b...))
		if len(got.Scenarios) != 1 || got.Scenarios[0].Changed != c.changed {
			t.Errorf("%s: %+v", name, got.Scenarios)
			continue
		}
		if said := got.Scenarios[0].Measures; len(said) != 1 || !strings.Contains(said[0].Says, c.says) {
			t.Errorf("%s: %+v", name, said)
		}
		if got.Better+got.Worse > 1 || (got.Worse == 1) != (c.changed == worse) {
			t.Errorf("%s: %d better, %d worse", name, got.Better, got.Worse)
		}
	}
}

func TestARunAgainstItselfIsTheSame(t *testing.T) {
	run := of("a", trials(100, 110, 120, 130)...)
	got := compare(run, run)
	if got.Better+got.Worse+got.Apart+len(got.Conditions) != 0 || !strings.Contains(got.sentence(), "Nothing became worse or better that can be told of 1 scenario.") {
		t.Errorf("%s %+v", got.sentence(), got)
	}
}

func TestConditionsThatDifferAreNamed(t *testing.T) {
	a, b := of("a"), of("b")
	b.Environment.Toolkit = map[string]string{"heartbeatExchangeInterval": "15", "consecutiveHeartbeatMissesAllowed": "4"}
	b.Environment.DataCenters = []model.DataCenter{{Name: "east", Application: "orders", ProductVersion: "7.2"}}
	b.Version = "v2"
	var said []string
	for _, c := range compare(a, b).Conditions {
		said = append(said, c.What+": "+c.A+" -> "+c.B)
	}
	want := "suite version: not stated -> v2; name of data center 1: not stated -> east; application in east: not stated -> orders; Streams in east: not stated -> 7.2; " +
		"consecutiveHeartbeatMissesAllowed: not stated -> 4; heartbeatExchangeInterval: 30 -> 15"
	if got := strings.Join(said, "; "); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// A run that recorded no configuration differs in one thing: nobody knows.
func TestWhatWasNotRecordedIsSaidOnce(t *testing.T) {
	a, b := of("a"), of("b")
	a.Environment.Toolkit = nil
	got := compare(a, b).Conditions
	if len(got) != 1 || got[0].A != "not recorded" || got[0].B != "recorded" {
		t.Errorf("%+v", got)
	}
}

func stored(t *testing.T, run model.Run) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), store.RunFile)
	if err := store.Write(path, run); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheCommandPrintsATableAndAPage(t *testing.T) {
	hostile := crash(1, model.Failed, 119, 121)
	hostile.ID, hostile.Name = "S99", "<script>alert(1)</script>\x1b[2J "+strings.Repeat("long ", 60)
	a, b := stored(t, of("before", trials(120)...)), stored(t, of("after", crash(1, model.Failed, 150, 151), hostile))
	var out, complaints bytes.Buffer
	if code := run([]string{filepath.Dir(a), b}, &out, &complaints); code != 1 || complaints.Len() > 0 {
		t.Errorf("exit code %d, %s", code, complaints.String())
	}
	for _, want := range []string{"1 scenario became worse", "S03 A data center crashes: worse", "passed -> failed", "only in B: failed", "compare.html"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
	for line := range strings.Lines(out.String()) {
		if !strings.Contains(line, "compare.html") && utf8.RuneCountInString(strings.TrimRight(line, "\n")) > columns || strings.Contains(line, "\x1b") {
			t.Errorf("a line of the table: %q", line)
		}
	}
	page, err := os.ReadFile(filepath.Join(filepath.Dir(b), "compare.html"))
	if err != nil {
		t.Fatal(err)
	}
	if text := string(page); strings.Contains(text, "<script>alert") || !strings.Contains(text, "became worse") || !strings.Contains(text, "150") {
		t.Errorf("%s", text)
	}
}

func TestRunsThatCannotBeReadAreNamed(t *testing.T) {
	good := stored(t, of("a"))
	for _, c := range []struct {
		arguments []string
		says      string
	}{
		{[]string{good}, "give two runs"},
		{[]string{"", ""}, "give a folder of results"},
		{[]string{good, filepath.Join(t.TempDir(), "none")}, "B: find a run"},
		{[]string{t.TempDir(), good}, "A: "},
	} {
		var out, complaints bytes.Buffer
		if code := run(c.arguments, &out, &complaints); code != 2 || !strings.Contains(complaints.String(), c.says) || out.Len() > 0 {
			t.Errorf("%q: exit code %d, %q, %q", c.arguments, code, complaints.String(), out.String())
		}
	}
}
