package history

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/internal/sample"
)

// long writes a history of so many runs of so many lines each, one a day, and returns its folder and its end.
func long(t testing.TB, runs, lines int) (string, time.Time) {
	t.Helper()
	all, err := Of(sample.Rich())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var b strings.Builder
	start := sample.Started.Add(-time.Duration(runs) * time.Hour)
	for i := range runs {
		for j := range lines {
			e := all[j%len(all)]
			e.Run, e.At, e.Trial = fmt.Sprintf("run-%06d", i), start.Add(time.Duration(i)*time.Hour), j/len(all)
			b.Write(marshalled(t, e))
			b.WriteByte('\n')
		}
	}
	if err := os.WriteFile(filepath.Join(dir, Name), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, sample.Started
}

func TestRecentIsTheNewestRunsAndWhenEachWasProven(t *testing.T) {
	dir, now := long(t, 50, 10)
	lines := []string{`{"schema":1,"run":"torn`, `{ "schema": 1, "run": "spaced", "scenario": "S40", "name": "x", "family": "outage", "at": "2026-01-01T00:00:00Z", "environment": "embedded", "speedup": 1, "seed": 1, "outcome": "passed", "evidence": "" }`}
	all, _ := Of(sample.Rich())
	bad := all[0]
	bad.Outcome = "great"
	future := all[0]
	future.At = now.AddDate(1, 0, 0)
	quoted := all[0]
	quoted.Run, quoted.Scenario, quoted.Name, quoted.At = "quoted", "S41", `a "name","at":"2099-01-01T00:00:00Z","outcome":"failed"`, now.AddDate(-1, 0, 0)
	lines = append(lines, string(marshalled(t, bad)), string(marshalled(t, future)), string(marshalled(t, quoted)))
	if err := os.WriteFile(filepath.Join(dir, "other.jsonl"), []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := LoadRecent(dir, now, 30)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Entries) != 300 || got.Entries[0].Run != "run-000020" || got.Entries[299].Run != "run-000049" {
		t.Errorf("%d entries", len(got.Entries))
	}
	if len(got.Problems) != 3 || got.Problems[0].Line != 1 || got.Problems[1].Line != 3 || got.Problems[2].Line != 4 {
		t.Errorf("problems %v", got.Problems)
	}
	for id, want := range map[string]time.Time{"S03": now.Add(-time.Hour), "S40": time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), "S41": now.AddDate(-1, 0, 0), "S22": {}} {
		if at, known := got.Proven[id]; !known || !at.Equal(want) {
			t.Errorf("%s was last proven %s, want %s", id, at, want)
		}
	}
	// What both readers read is the same.
	full, _, err := Load(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]Entry{}
	for _, e := range full {
		of[e.Run+e.Scenario+e.Name] = e
	}
	for _, e := range got.Entries {
		if string(marshalled(t, e)) != string(marshalled(t, of[e.Run+e.Scenario+e.Name])) {
			t.Errorf("%+v", e)
		}
	}
}

func marshalled(t testing.TB, e Entry) []byte {
	t.Helper()
	data, err := marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestAHistoryOf200000LinesIsBounded: reading all of it took 16 s and 584 MB at every publishing.
func TestAHistoryOf200000LinesIsBounded(t *testing.T) {
	dir, now := long(t, 5000, 40)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := time.Now()
	got, err := LoadRecent(dir, now, 40)
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	if err != nil || len(got.Entries) != 1600 || len(got.Problems) != 0 {
		t.Fatalf("%d entries, %v, %v", len(got.Entries), got.Problems, err)
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 100<<20 {
		t.Errorf("%d MiB were allocated, even counting what was freed again", allocated>>20)
	}
	if took > 10*time.Second { // half a second on a quiet machine
		t.Errorf("took %s", took)
	}
	t.Logf("%s, %d MiB allocated", took, (after.TotalAlloc-before.TotalAlloc)>>20)
}

func TestARunOfTooManyLinesIsShownAlone(t *testing.T) {
	known := map[string]*extent{"a": {time.Unix(1, 0), 3}, "b": {time.Unix(3, 0), maxRecent + 1}, "c": {time.Unix(2, 0), 1}}
	if got := newest(known, 10); len(got) != 1 || !got["b"] {
		t.Errorf("%v", got)
	}
}

func marshal(e Entry) ([]byte, error) { return json.Marshal(e) }
