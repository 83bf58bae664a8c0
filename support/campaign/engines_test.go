package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/campaign/cluster"
	"github.com/crossdc/failover/support/campaign/delivery"
	"github.com/crossdc/failover/support/campaign/engine"
	"github.com/crossdc/failover/support/campaign/frame"
	"github.com/crossdc/failover/support/campaign/local"
	"github.com/crossdc/failover/support/campaign/merge"
	"github.com/crossdc/failover/support/campaign/plan"
	"github.com/crossdc/failover/support/campaign/state"
	"github.com/crossdc/failover/support/scenario/record"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// asShard is set where this program stands in for that of a shard.
const asShard = "CROSSDC_TEST_SHARD"

func TestMain(m *testing.M) {
	if os.Getenv(asShard) != "" {
		if err := answer(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var shipped = crossdc.Timing{Interval: 30 * time.Second, Misses: 4}

// answer delivers what a trial of S03 would, had it ended as the shard's seed says: the same for the same shard, wherever it runs.
func answer(arguments []string) error {
	flags := flag.NewFlagSet("shard", flag.ContinueOnError)
	request, todo, attempt, node := flags.String("request", "", ""), flags.String("todo", "", ""), flags.String("attempt", "", ""), flags.String("node", "", "")
	flags.String("programs", "", "")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	asked, err := plan.Parse(*request)
	if err != nil {
		return err
	}
	shards, err := asked.Shards()
	if err != nil {
		return err
	}
	list, err := plan.ParseRanges(*todo, len(shards))
	if err != nil {
		return err
	}
	index := 0
	if text := os.Getenv("JOB_COMPLETION_INDEX"); text != "" {
		if index, err = strconv.Atoi(text); err != nil {
			return err
		}
	}
	return deliver(os.Stdout, asked, shards[list[index]], *attempt, *node, nil)
}

// deliver writes what a shard would. What the scenario is like beyond what the shard's seed says can be changed.
func deliver(w io.Writer, asked plan.Request, shard plan.Shard, attempt, node string, change func(*model.Scenario)) error {
	id := frame.Identity{Campaign: asked.Run, Shard: shard.Index, Attempt: attempt}
	at := shipped.Detection(0).Quantile(float64(shard.Seed%1000) / 1000).Seconds()
	m := &model.Measure{EarliestSeconds: at, LatestSeconds: at + 1, Verdict: model.Met, ObjectiveSeconds: 180}
	outcome := model.Passed
	if shard.First == 5 {
		outcome = model.Failed
	}
	s := model.Scenario{Key: "a-crash", ID: "S03", Name: "A crash", Family: shard.Suite, Outcome: outcome, Seed: shard.Seed, Speedup: 60, Reasons: []string{"as drawn"},
		Fault: &model.Fault{Name: "crash", Target: "dc1"}, Measures: model.Measures{Detection: m, Recovery: m}}
	if change != nil {
		change(&s)
	}
	began := time.Date(2026, 11, 27, 0, shard.Index, 0, 0, time.UTC)
	run := model.Run{Schema: model.SchemaVersion, ID: asked.Run, Suites: []string{shard.Suite}, Started: began, Finished: began.Add(time.Minute), Seed: shard.Seed, Scenarios: []model.Scenario{s}}
	stored := record.Stored{Schema: model.SchemaVersion, RunID: asked.Run, Suite: shard.Suite, Scenario: s}
	var err error
	if stored.Evidence, err = record.Evidence(stored); err != nil {
		return err
	}
	packed, err := delivery.Pack(delivery.Delivery{From: id, Node: node, Started: began, Finished: began.Add(time.Minute), Run: run, Stored: []record.Stored{stored}})
	if err != nil {
		return err
	}
	return errors.Join(frame.Announce(w, id, node), frame.Write(w, id, packed))
}

// apiServer is the program of fixtures/cluster.
func apiServer(t *testing.T) string {
	t.Helper()
	program := os.Getenv("TEST_CLUSTER")
	if program == "" {
		t.Skip("needs the API server of fixtures/cluster: make test-cluster")
	}
	return program
}

// itself is a folder of programs in which this test is the one that runs a shard.
func itself(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	programs := t.TempDir()
	if err := os.Symlink(self, filepath.Join(programs, "shard")); err != nil {
		t.Fatal(err)
	}
	return programs
}

// TestBothEnginesGiveTheSameResults runs one campaign here and on the cluster of fixtures/cluster, where a pod is evicted and another
// one runs twice: the merged runs differ in nothing but where shards ran and what befell them.
func TestBothEnginesGiveTheSameResults(t *testing.T) {
	program, programs := apiServer(t), itself(t)
	request := plan.Request{Name: "equal", Run: "equal-1", Labels: "S03", Suites: []string{"outage", "partition"}, Trials: 6, PerShard: 1, Seed: 11}
	here := merged(t, request, &local.Engine{Shard: []string{filepath.Join(programs, "shard")}, Programs: programs, Work: filepath.Join(t.TempDir(), "work"), Parallel: 3, Limit: time.Minute,
		Environ: append(os.Environ(), asShard+"=1"), Attempt: attemptName})
	clusterFolder := filepath.Join(t.TempDir(), "c")
	there := merged(t, request, &cluster.Engine{Options: cluster.Options{Image: "x", CPU: "1", Memory: "1Gi", Parallel: 3, Retries: 1, Limit: time.Minute, Environ: []string{asShard + "=1"}},
		Kubeconfig: serve(t, program, clusterFolder, programs, "-play", "evict:0@1,double:2@1"), Poll: 50 * time.Millisecond, Stall: 30 * time.Second})
	befell := 0
	for _, run := range there {
		befell = max(befell, len(run.Campaign.Fates))
	}
	if befell == 0 {
		t.Error("nothing befell the pods that were to be evicted and doubled")
	}
	if one, other := plainly(t, here), plainly(t, there); !bytes.Equal(one, other) {
		t.Errorf("here\n%s\nthere\n%s", one, other)
	}
	if n := len(here[0].Scenarios) + len(here[1].Scenarios); n != 12 {
		t.Errorf("%d scenarios, want 12", n)
	}
}

// merged are the runs that a campaign becomes.
func merged(t *testing.T, request plan.Request, e engine.Engine) []model.Run {
	t.Helper()
	s, err := state.Open(t.TempDir(), request, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	var out bytes.Buffer
	if err := (&control{state: s, engine: e, retries: 1, out: &out, now: time.Now}).run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if missing := s.Missing(); len(missing) > 0 {
		t.Fatalf("%s: %v are missing:\n%s", e.Name(), missing, out.String())
	}
	runs, err := merge.Runs(request, s, merge.Options{Engine: e.Name(), Timing: shipped})
	if err != nil || len(runs) != len(request.Suites) {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	return runs
}

// plainly leaves out where shards ran and what befell them.
func plainly(t *testing.T, runs []model.Run) []byte {
	t.Helper()
	for i := range runs {
		account := *runs[i].Campaign
		account.Engine, account.Nodes, account.Fates, account.Differences = "", nil, nil, nil
		runs[i].Campaign = &account
		for k := range runs[i].Scenarios {
			runs[i].Scenarios[k].Node = ""
		}
	}
	text, err := json.MarshalIndent(runs, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return text
}
