package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/model"
)

// suite is the part of the rich run that one family's suite would publish, with a clock of its own.
func suite(name string, late time.Duration) model.Run {
	run := sample.Rich()
	var own []model.Scenario
	for _, s := range run.Scenarios {
		if s.Family == name {
			own = append(own, s)
		}
	}
	run.Suites, run.Scenarios, run.Started = []string{name}, own, run.Started.Add(late)
	return run
}

func TestARunSurvivesStorage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.json")
	want := sample.Rich()
	if err := Write(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v\nwant %+v", got, want)
	}
}

func TestReadNamesWhatIsWrong(t *testing.T) {
	good, err := Encode(sample.Rich())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(string) string
		says   string
	}{
		"unknown schema":   {func(s string) string { return strings.Replace(s, `"schema": 2`, `"schema": 3`, 1) }, "schema: 3 is not known here, only 1 to 2"},
		"no schema":        {func(s string) string { return strings.Replace(s, `"schema": 2,`, ``, 1) }, "no schema"},
		"unknown field":    {func(s string) string { return strings.Replace(s, `"seed"`, `"sead"`, 1) }, `unknown field "sead"`},
		"unknown outcome":  {func(s string) string { return strings.Replace(s, `"outcome":"passed"`, `"outcome":"fine"`, 1) }, `scenarios[0].outcome: "fine" is not one of "failed"`},
		"wrong type":       {func(s string) string { return strings.Replace(s, `"seed": 4711`, `"seed": "4711"`, 1) }, "seed: a string, where a whole number is wanted"},
		"truncated":        {func(s string) string { return s[:len(s)/2] }, "the file ends too early"},
		"empty":            {func(string) string { return "" }, "the file ends too early"},
		"something behind": {func(s string) string { return s + "{}" }, "something stands behind the run"},
		"not an object":    {func(string) string { return "[]" }, "not a stored run"},
		"backwards": {func(s string) string {
			return strings.Replace(s, `"earliest_ns":2000000000`, `"earliest_ns":9000000000`, 1)
		}, "scenarios[0].fault.injected: earliest 9000000000 ns is after latest"},
		"no id": {func(s string) string { return strings.Replace(s, `"id": "20261122-195820-7f3a"`, `"id": ""`, 1) }, "id: empty"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := c.change(string(good))
			if changed == string(good) {
				t.Fatal("nothing was changed")
			}
			if _, err := Decode([]byte(changed)); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("error %v does not say %q", err, c.says)
			}
		})
	}
}

func TestWriteRefusesWhatReadWouldRefuse(t *testing.T) {
	run := sample.Rich()
	run.Scenarios[1].Measures.Detection.LatestSeconds = math.NaN()
	path := filepath.Join(t.TempDir(), "run.json")
	err := Write(path, run)
	if err == nil || !strings.Contains(err.Error(), "scenarios[1].measures.detection.latest_s: NaN") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Error("there is a file")
	}
}

func TestPublishPutsSuitesTogether(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "reports", "out")
	for i, name := range []string{"partition", "outage", "planned"} {
		if err := Publish(dir, suite(name, time.Duration(i)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"outage.json", "partition.json", "planned.json", "junit-outage.xml", "junit-partition.xml", "junit-planned.xml", RunFile, JUnitFile, SummaryFile, PageFile} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	merged, err := Read(filepath.Join(dir, RunFile))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(merged.Scenarios), len(sample.Rich().Scenarios); got != want {
		t.Errorf("%d scenarios, want %d", got, want)
	}
	if !merged.Started.Equal(sample.Started) {
		t.Errorf("started %v", merged.Started)
	}
	// The outage suite started a second after the partition suite: its instants must have moved, all of them.
	was, is := suite("outage", 0).Scenarios[1], merged.Scenarios[1]
	if is.ID != "S03" || is.Started-was.Started != model.Instant(time.Second) || is.Fault.Healed.Latest-was.Fault.Healed.Latest != model.Instant(time.Second) ||
		is.Observations[2].When.Earliest-was.Observations[2].When.Earliest != model.Instant(time.Second) || is.Served[7].To-was.Served[7].To != model.Instant(time.Second) {
		t.Error("instants do not count from the merged run's start")
	}
	if is.Measures.Detection.LatestSeconds != was.Measures.Detection.LatestSeconds {
		t.Error("a duration moved")
	}
}

func TestPublishAgainKeepsAndReplaces(t *testing.T) {
	dir := t.TempDir()
	first := suite("outage", 0)
	first.Finished = time.Time{}
	first.Scenarios = first.Scenarios[:2]
	first.Scenarios[1].Outcome = ""
	second := suite("outage", time.Second) // another process of the same suite
	second.Scenarios = second.Scenarios[1:]
	if err := Publish(dir, first); err != nil {
		t.Fatal(err)
	}
	if err := Publish(dir, second); err != nil {
		t.Fatal(err)
	}
	got, err := Read(filepath.Join(dir, RunFile))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Scenarios) != len(suite("outage", 0).Scenarios) || got.Scenarios[0].ID != "control" || got.Scenarios[1].Outcome != model.Passed || got.Finished.IsZero() {
		t.Errorf("merged: %d scenarios, %q %q, finished %v", len(got.Scenarios), got.Scenarios[0].ID, got.Scenarios[1].Outcome, got.Finished)
	}
}

func TestPublishRemovesWhatIsStaleAndLeavesWhatIsNotOurs(t *testing.T) {
	dir := t.TempDir()
	old := suite("partition", 0)
	old.ID = "yesterday"
	if err := Publish(dir, old); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"package.json": `{"name":"x"}`, "broken.json": `{"schema":1,"id":"20261122-195820-7f3a"`, "future.json": `{"schema":9,"id":"before"}`, "junit-other.xml": "<x/>"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := Publish(dir, suite("outage", 0)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"partition.json": false, "junit-partition.xml": false, "future.json": false, "package.json": true, "broken.json": true, "junit-other.xml": true, "outage.json": true} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s: there %v, want %v", name, err == nil, want)
		}
	}
	merged, err := Read(filepath.Join(dir, RunFile))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(merged.Notes, "\n"), "broken.json is left out") {
		t.Errorf("notes %q do not name the broken file", merged.Notes)
	}
	for _, s := range merged.Scenarios {
		if s.Family == "partition" {
			t.Error("a stale scenario is in the merged run")
		}
	}
}

func TestPublishersAtOnceLoseNothing(t *testing.T) {
	dir := t.TempDir()
	var group sync.WaitGroup
	const suites = 12
	for i := range suites {
		group.Go(func() {
			run := sample.Rich()
			run.Suites, run.Scenarios = []string{fmt.Sprintf("family%d", i)}, run.Scenarios[1:2:2]
			run.Scenarios[0].Family = run.Suites[0]
			if err := Publish(dir, run); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	merged, err := Read(filepath.Join(dir, RunFile))
	if err != nil {
		t.Fatal(err)
	}
	if len(merged.Scenarios) != suites || len(merged.Suites) != suites {
		t.Errorf("%d scenarios of %d suites, want %d of each", len(merged.Scenarios), len(merged.Suites), suites)
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".*.tmp"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestPublishRefusesClearly(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Publish(filepath.Join(file, "out"), suite("outage", 0)); err == nil || !strings.Contains(err.Error(), "results folder "+file) {
		t.Errorf("a folder that cannot be: %v", err)
	}
	for _, bad := range [][]string{nil, {"a", "b"}, {"run"}, {"../x"}, {""}} {
		run := suite("outage", 0)
		run.Suites = bad
		if err := Publish(t.TempDir(), run); err == nil || !strings.Contains(err.Error(), "suite") {
			t.Errorf("suites %q: %v", bad, err)
		}
	}
	if os.Geteuid() == 0 {
		return // root may write anywhere
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	if err := Publish(dir, suite("outage", 0)); err == nil || !strings.Contains(err.Error(), "can be written to") {
		t.Errorf("a folder without permission: %v", err)
	}
}

func TestPublishRedactsEverything(t *testing.T) {
	dir := t.TempDir()
	run := suite("outage", 0)
	run.Scenarios[1].Steps[0].Output = "password=hunter2hunter2"
	folder := Folder{Dir: dir, Redact: func(s string) string { return strings.ReplaceAll(s, "hunter2hunter2", "***") }}
	if err := folder.Publish(run); err != nil {
		t.Fatal(err)
	}
	entries, _ := os.ReadDir(dir)
	for _, entry := range entries {
		data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil || strings.Contains(string(data), "hunter2hunter2") {
			t.Errorf("%s: %v, or the secret is in it", entry.Name(), err)
		}
	}
}

func TestMergeDoesNotDependOnTheOrder(t *testing.T) {
	a, b := suite("outage", time.Second), suite("partition", 0)
	one, _ := json.Marshal(Merge(a, b))
	other, _ := json.Marshal(Merge(b, a))
	if string(one) != string(other) {
		t.Error("it does")
	}
}

func FuzzDecode(f *testing.F) {
	good, err := Encode(sample.Rich())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"schema":1,"id":"x","scenarios":[{"measures":{"loss":null}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		run, err := Decode(data)
		if err != nil {
			return
		}
		again, err := Encode(run)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if _, err := Decode(again); err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
	})
}

// A suite of which nothing was selected knows neither the data centers nor the toolkit's configuration.
func TestTheEnvironmentIsThatOfASuiteThatReachedIt(t *testing.T) {
	reached := sample.Rich()
	reached.Suites = []string{"outage"}
	idle := model.Run{Schema: model.SchemaVersion, ID: reached.ID, Suites: []string{"configuration"}, Started: reached.Started, Finished: reached.Finished,
		Environment: model.Environment{Kind: "embedded", Topology: "active/active"}}
	for _, merged := range []model.Run{Merge(idle, reached), Merge(reached, idle)} {
		if len(merged.Environment.DataCenters) != 2 || merged.Environment.Toolkit["heartbeatExchangeInterval"] != "30" {
			t.Errorf("%+v", merged.Environment)
		}
	}
}
