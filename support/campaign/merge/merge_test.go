package merge_test

import (
	"bytes"
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/campaign/delivery"
	"github.com/crossdc/failover/support/campaign/frame"
	"github.com/crossdc/failover/support/campaign/merge"
	"github.com/crossdc/failover/support/campaign/plan"
	"github.com/crossdc/failover/support/campaign/state"
	"github.com/crossdc/failover/support/scenario/record"
	"github.com/crossdc/failover/toolkit/crossdc"
)

var (
	timing = crossdc.Timing{Interval: 30 * time.Second, Misses: 4}
	began  = time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC)
)

func request(trials int) plan.Request {
	return plan.Request{Name: "nightly", Run: "nightly-1", Labels: "S03", Suites: []string{"outage"}, Trials: trials, PerShard: 1, Seed: 7}
}

// answer is what a shard delivers that measured a detection and a recovery.
func answer(t testing.TB, r plan.Request, shard plan.Shard, attempt, node string, change func(*model.Run)) *frame.Attempt {
	t.Helper()
	id := frame.Identity{Campaign: r.Run, Shard: shard.Index, Attempt: attempt}
	at := timing.Detection(0).Quantile((float64(shard.First) - 0.5) / float64(r.Trials)).Seconds()
	m := &model.Measure{EarliestSeconds: at, LatestSeconds: at + 1, Verdict: model.Met, ObjectiveSeconds: 180}
	s := model.Scenario{Key: "a-crash", ID: "S03", Name: "A crash", Family: "outage", Outcome: model.Passed, Seed: shard.Seed, Speedup: 60,
		Fault: &model.Fault{Name: "crash", Target: "dc1"}, Measures: model.Measures{Detection: m, Recovery: m}, Command: fmt.Sprintf("CROSSDC_SEED=%d go test -count=1 -timeout=0 ./shard-1 -ginkgo.label-filter=S03", shard.Seed)}
	run := model.Run{Schema: model.SchemaVersion, ID: r.Run, Suites: []string{"outage"}, Started: began.Add(time.Duration(shard.Index) * time.Minute),
		Finished: began.Add(time.Duration(shard.Index+1) * time.Minute), Seed: shard.Seed, Scenarios: []model.Scenario{s}}
	if change != nil {
		change(&run)
	}
	stored := record.Stored{Schema: model.SchemaVersion, RunID: r.Run, Suite: "outage", Scenario: s}
	var err error
	if stored.Evidence, err = record.Evidence(stored); err != nil {
		t.Fatal(err)
	}
	packed, err := delivery.Pack(delivery.Delivery{From: id, Node: node, Run: run, Stored: []record.Stored{stored}})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	if err := frame.Write(&log, id, packed); err != nil {
		t.Fatal(err)
	}
	attempts, _, err := frame.Read(&log)
	if err != nil || len(attempts) != 1 {
		t.Fatalf("%d attempts, %v", len(attempts), err)
	}
	return attempts[0]
}

func open(t testing.TB, dir string, r plan.Request) *state.State {
	t.Helper()
	s, err := state.Open(dir, r, func() time.Time { return began })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func take(t testing.TB, s *state.State, a *frame.Attempt, node, want string) {
	t.Helper()
	if got, err := s.Take(a, node, ""); err != nil || got != want {
		t.Fatalf("%s is %q, want %q, %v", a.Identity, got, want, err)
	}
}

// TestNothingIsLostOrCountedTwice plays what may become of shards, and looks for every one of them by name.
func TestNothingIsLostOrCountedTwice(t *testing.T) {
	r := request(60)
	dir := t.TempDir()
	s := open(t, dir, r)
	node := func(i int) string { return []string{"node-a", "node-b"}[i%2] }
	for _, shard := range s.Shards[:57] {
		take(t, s, answer(t, r, shard, "first", node(shard.Index), nil), "", state.Delivered)
	}
	take(t, s, answer(t, r, s.Shards[3], "again", "node-b", nil), "node-b", model.FateDoubled)
	take(t, s, answer(t, r, s.Shards[3], "again", "node-b", nil), "node-b", "") // told of once more after a restart
	take(t, s, answer(t, r, s.Shards[57], "cut", "node-a", func(run *model.Run) { run.Interrupted = true }), "node-a", model.FateLost)
	take(t, s, answer(t, r, s.Shards[57], "whole", "node-b", nil), "", state.Delivered)
	take(t, s, answer(t, r, s.Shards[58], "foreign", "node-b", func(run *model.Run) { run.Seed++ }), "node-b", model.FateLost)
	if err := s.Lose(59, "gone", "node-a", "the node was lost"); err != nil {
		t.Fatal(err)
	}
	if todo := s.Todo(0); len(todo) != 0 {
		t.Errorf("without retries %v are run again", todo)
	}
	if todo := s.Todo(1); !reflect.DeepEqual(todo, []int{58, 59}) {
		t.Errorf("with retries %v are run again", todo)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, r) // what is merged is what a process finds that knows nothing but the folder
	kept := 0
	runs, err := merge.Runs(r, s, merge.Options{Engine: "local", LeftOut: []int{59}, Timing: timing, Keep: func(record.Stored) (string, error) { kept++; return "", nil }})
	if err != nil || len(runs) != 1 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	run := runs[0]
	if err := store.Validate(run); err != nil {
		t.Fatal(err)
	}
	if len(run.Scenarios) != 59 || kept != 58 || run.Campaign.Delivered != 58 || run.Campaign.Shards != 60 {
		t.Fatalf("%d scenarios, %d kept, %+v", len(run.Scenarios), kept, run.Campaign)
	}
	missing := run.Scenarios[58]
	if missing.ID != model.SuiteID || missing.Outcome != model.Interrupted || missing.Shard != "58" || !strings.Contains(missing.Reasons[0], "-leave-out 58") {
		t.Errorf("the missing shard is %+v", missing)
	}
	var said []string
	for _, f := range run.Campaign.Fates {
		said = append(said, fmt.Sprint(f.Shard, " ", f.Attempt, " ", f.Fate))
	}
	want := []string{"3 again doubled", "57 cut lost", "58 foreign lost", "58  missing", "59 gone lost", "59  left out"}
	if !reflect.DeepEqual(said, want) {
		t.Errorf("said %q, want %q", said, want)
	}
	if one := run.Scenarios[57]; one.Trial != 58 || one.Node != "node-b" || one.Key != "a-crash-trial-058" || !strings.HasSuffix(one.Command, "go tool ginkgo --label-filter=S03 ./suites/outage") ||
		one.Trials == nil || !strings.Contains(one.Trials.Claim, "58 trials carry a P90") {
		t.Errorf("the last trial is %+v", one)
	}
	if len(run.Campaign.Nodes) != 2 || run.Campaign.Nodes[0].Shards+run.Campaign.Nodes[1].Shards != 58 || run.Campaign.Nodes[0].Lost != 2 {
		t.Errorf("nodes are %+v", run.Campaign.Nodes)
	}
	for _, d := range run.Campaign.Differences {
		if d.Differs {
			t.Errorf("equal nodes differ: %+v", d)
		}
	}
	if f := run.Campaign.Faults; len(f) != 1 || f[0].Fault != "crash" || f[0].Fit == nil {
		t.Errorf("of faults is said %+v", f)
	}
	if len(run.Campaign.Differences) != 3 {
		t.Errorf("asked %+v", run.Campaign.Differences)
	}
	again, err := merge.Runs(r, s, merge.Options{Engine: "local", LeftOut: []int{59}, Timing: timing})
	if err != nil || !reflect.DeepEqual(again, runs) {
		t.Errorf("merged again it differs: %v", err)
	}
}

func TestAFolderOfAnotherCampaignIsRefusedAndATornLineIsMended(t *testing.T) {
	r, dir := request(2), t.TempDir()
	s := open(t, dir, r)
	if _, err := state.Open(dir, r, time.Now); err == nil || !strings.Contains(err.Error(), "by another process") {
		t.Errorf("two at a time: %v", err)
	}
	take(t, s, answer(t, r, s.Shards[0], "first", "n", nil), "", state.Delivered)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	appendTo(t, filepath.Join(dir, "journal.jsonl"), `{"kind":"deliv`)
	s = open(t, dir, r)
	if s.Counted(0) != "first" || !reflect.DeepEqual(s.Todo(0), []int{1}) {
		t.Errorf("counted %q, todo %v", s.Counted(0), s.Todo(0))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	other := r
	other.Trials = 3
	if _, err := state.Open(dir, other, time.Now); err == nil || !strings.Contains(err.Error(), "another campaign") {
		t.Errorf("another campaign: %v", err)
	}
	appendTo(t, filepath.Join(dir, "journal.jsonl"), "{\"kind\":\"lost\",\"shard\":17}\n")
	if _, err := state.Open(dir, r, time.Now); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a shard that is none: %v", err)
	}
}

// BenchmarkTenThousandShards merges what 10,000 shards delivered.
func BenchmarkTenThousandShards(b *testing.B) {
	r := request(10000)
	s := open(b, b.TempDir(), r)
	start := time.Now()
	for _, shard := range s.Shards {
		take(b, s, answer(b, r, shard, "first", fmt.Sprintf("node-%d", shard.Index%40), nil), "", state.Delivered)
	}
	b.ReportMetric(time.Since(start).Seconds(), "s-to-take")
	for b.Loop() {
		runs, err := merge.Runs(r, s, merge.Options{Engine: "local", Timing: timing})
		if err != nil || len(runs[0].Scenarios) != 10000 {
			b.Fatal(err)
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapInuse)/(1<<20), "MiB-heap")
	}
}
