package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/campaign/cluster"
	"github.com/crossdc/failover/support/campaign/plan"
	"github.com/crossdc/failover/support/campaign/state"
	"github.com/crossdc/failover/support/config"
)

// TestManyShardsPassThroughTheAPIOnce runs a campaign of more shards than a page of the API holds, with the whole command: every shard
// counts once, and no pod is read more than a few times, however long the campaign takes and although the watch lapses in the middle.
func TestManyShardsPassThroughTheAPIOnce(t *testing.T) {
	many(t, 510, 400, model.Scenario{})
}

// TestARealServerListsPagesAndTellsOfChanges is the same against the API server of fixtures/cluster, with etcd and a process for each shard.
func TestARealServerListsPagesAndTellsOfChanges(t *testing.T) {
	program, programs := apiServer(t), itself(t)
	const shards = 120
	reports := filepath.Join(t.TempDir(), "reports")
	t.Setenv("CROSSDC_REPORTS", reports)
	t.Setenv("CROSSDC_HISTORY", "-")
	settings, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	request := plan.Request{Name: "many", Run: "many-1", Labels: "S03", Suites: []string{"outage"}, Trials: shards, PerShard: 1, Seed: 11}
	kept, err := state.Open(t.TempDir(), request, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	}()
	began := time.Now()
	var out bytes.Buffer
	c := &control{state: kept, retries: 1, out: &out, now: time.Now, engine: &cluster.Engine{
		Options:    cluster.Options{Image: "x", CPU: "1", Memory: "1Gi", Parallel: 20, Retries: 1, Limit: time.Minute, Environ: []string{asShard + "=1"}},
		Kubeconfig: serve(t, program, filepath.Join(t.TempDir(), "c"), programs, "-play", "evict:3@1,lose:107@1"), Page: 50, Poll: 200 * time.Millisecond, Stall: time.Minute}}
	if err := c.run(t.Context()); err != nil {
		t.Fatalf("%v\n%.4000s", err, out.String())
	}
	if _, err := publish(&out, settings, kept, "kubernetes", nil, false); err != nil {
		t.Fatal(err)
	}
	read, err := store.Read(filepath.Join(reports, "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(read.Scenarios) != shards || read.Campaign.Delivered != shards || len(read.Campaign.Fates) != 2 {
		t.Errorf("the run has %d scenarios of %d delivered shards, want %d, two attempts of them lost: %v", len(read.Scenarios), read.Campaign.Delivered, shards, read.Campaign.Fates)
	}
	t.Logf("%d shards in %.1f s", shards, time.Since(began).Seconds())
}

// BenchmarkTenThousandShardsThroughTheAPI is the same of 10,000 shards, each of which delivers what a real failover shows. It says what it
// took of time and memory until the page was written. The memory is that of the process, with the simulated cluster in it.
func BenchmarkTenThousandShardsThroughTheAPI(b *testing.B) {
	for b.Loop() {
		many(b, 10_000, 6000, realFailover(b))
	}
}

func many(t testing.TB, shards, lapses int, seen model.Scenario) {
	t.Helper()
	s := &simulated{lapses: lapses}
	var parsed sync.Once
	var one struct {
		deliver func(w io.Writer, index int, attempt, node string) error
		err     error
	}
	s.deliver = func(w io.Writer, index int, attempt, node string) error {
		parsed.Do(func() {
			asked, planned, err := s.shardsOf()
			one.err = err
			one.deliver = func(w io.Writer, index int, attempt, node string) error {
				return deliver(w, asked, planned[index], attempt, node, func(s *model.Scenario) {
					s.Observations, s.Served, s.Traces, s.Indicators, s.Steps = seen.Observations, seen.Served, seen.Traces, seen.Indicators, seen.Steps
				})
			}
		})
		if one.err != nil {
			return one.err
		}
		return one.deliver(w, index, attempt, node)
	}
	kubeconfig, reports, dir := serveSimulated(t, s), filepath.Join(t.TempDir(), "reports"), filepath.Join(t.TempDir(), "state")
	t.Setenv("CROSSDC_REPORTS", reports)
	t.Setenv("CROSSDC_HISTORY", "-")
	began := time.Now()
	out := noting{mark: "the campaign's own share is", stop: peak()}
	_, err := run(t.Context(), []string{"-name", "many", "-state", dir, "-suites", "outage", "-trials", fmt.Sprint(shards), "-p", "100", "-seed", "7", "-engine", "kubernetes",
		"-image", "x/y:1", "-kubeconfig", kubeconfig, "-poll", "500ms"}, &out, &out)
	took, most := time.Since(began), out.stop()
	if err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), "the campaign's own share is") {
		t.Errorf("it does not say what the campaign has cost beside its trials:\n%.4000s", out.String())
	}
	if want := fmt.Sprintf("%d of %d shards done", shards, shards); !strings.Contains(out.String(), want) {
		t.Errorf("it does not say %q:\n%.4000s", want, out.String())
	}
	if s.listed > 4*shards || s.watches == 0 || s.lapsed != 1 {
		t.Errorf("%d pods were listed for %d shards, by %d watches of which %d lapsed: want each a few times at most, and one lapse", s.listed, shards, s.watches, s.lapsed)
	}
	read, err := store.Read(filepath.Join(reports, "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(read.Scenarios) != shards || read.Campaign.Delivered != shards || len(read.Campaign.Fates) != 0 {
		t.Errorf("the run has %d scenarios of %d delivered shards, want %d; fates %v", len(read.Scenarios), read.Campaign.Delivered, shards, read.Campaign.Fates)
	}
	page, err := os.Stat(filepath.Join(reports, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d shards collected in %.1f s with at most %d MiB, %.1f MiB through the API; merged and reported in %.1f s with at most %d MiB, page of %.1f MiB", shards,
		out.at.Sub(began).Seconds(), out.most>>20, float64(s.sent)/(1<<20), (took - out.at.Sub(began)).Seconds(), most>>20, float64(page.Size())/(1<<20))
}

// noting is a terminal that notes when a line with a mark came, and how much memory the process had needed until then.
type noting struct {
	bytes.Buffer
	mark string
	stop func() uint64

	at   time.Time
	most uint64
}

func (n *noting) Write(p []byte) (int, error) {
	if n.at.IsZero() && bytes.Contains(p, []byte(n.mark)) {
		n.at, n.most, n.stop = time.Now(), n.stop(), peak()
	}
	return n.Buffer.Write(p)
}

// realFailover is what a real trial of S03 has shown.
func realFailover(t testing.TB) model.Scenario {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "reports", "html", "testdata", "run-core.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	packed, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if raw, err = io.ReadAll(packed); err != nil {
		t.Fatal(err)
	}
	run, err := store.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range run.Scenarios {
		if s.ID == "S03" {
			return s
		}
	}
	t.Fatal("the stored run has no S03")
	return model.Scenario{}
}

// peak watches how much memory the process has from the system, until what it returns is called.
func peak() (stop func() uint64) {
	end, done := make(chan struct{}), make(chan uint64)
	go func() {
		ticker := time.NewTicker(50 * time.Millisecond)
		defer ticker.Stop()
		var most uint64
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.Sys-m.HeapReleased)
			select {
			case <-end:
				done <- most
				return
			case <-ticker.C:
			}
		}
	}()
	return func() uint64 { close(end); return <-done }
}
