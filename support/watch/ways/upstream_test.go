package ways_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/watch"
)

// upstream is a load balancer of somebody else's: events of a data center's own stream go there, and to the other one while it does not take
// them. It answers once one of the two has taken them.
type upstream struct {
	client http.Client
	mu     sync.Mutex
	at     map[string]string // stream -> address of its own data center; empty until the data centers are known
}

func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var event struct {
		DC string `json:"dc"`
	}
	if err != nil || json.Unmarshal(body, &event) != nil {
		http.Error(w, "no event", http.StatusBadRequest)
		return
	}
	u.mu.Lock()
	at := maps.Clone(u.at)
	u.mu.Unlock()
	for _, address := range []string{at[event.DC], at[map[string]string{"dc1": "dc2", "dc2": "dc1"}[event.DC]]} {
		if address != "" && u.forward(r.Context(), address, r.Header.Get("Content-Type"), body) {
			return
		}
	}
	http.Error(w, "no data center takes it", http.StatusServiceUnavailable)
}

func (u *upstream) forward(ctx context.Context, address, kind string, body []byte) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", kind)
	response, err := u.client.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode < 300
}

// TestAnUpstreamReroutes kills one data center behind a load balancer that both share, with one way in and one way out, and holds what is
// stated against every result that came: the survivor serves the other's events, which we did not reroute, and the loss is inside of the bounds.
func TestAnUpstreamReroutes(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a pair of data centers: make test-long runs it")
	}
	balancer := &upstream{client: http.Client{Timeout: 2 * time.Second}}
	results := collect(t)
	text := fmt.Sprintf(`name: behind a load balancer
composite: com.crossdc.drill::FailoverDrill
channels: 5
endpoints: {status: Status}
reroutes: upstream
traffic:
  adapter: http
  shared: true
  with: {url: %q, parallel: 8}
  event: '{"dc":"{{stream}}","channel":{{channel}},"seq":{{number}},"check":0}'
results:
  adapter: http-sse
  shared: true
  with: {url: %q, resumes: true}
  number: json:/seq
  by: json:/processedBy
  within: 5s
`, serve(t, balancer), serve(t, results))
	file := filepath.Join(t.TempDir(), "upstream.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CROSSDC_APPLICATION_FILE", file)
	settings, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // the programs may have to be compiled
	defer cancel()
	env, err := environment.Open(ctx, settings, environment.Options{Progress: t.Logf, Submit: func(_ string, s *environment.Submission) {
		maps.Copy(s.Parameters, map[string]string{"source": "http", "sourceAddress": ":25001", "sink": "tcp-client", "sinkAddress": results.listener.Addr().String()})
		s.Parameters["withoutEndpoints"] = "State,Takeover"
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := env.Close(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
	}()
	balancer.mu.Lock()
	balancer.at = map[string]string{}
	for _, dc := range []*environment.DataCenter{env.DC1, env.DC2} {
		root, err := url.Parse(dc.Reach().Root)
		if err != nil {
			t.Fatal(err)
		}
		balancer.at[dc.Name()] = "http://" + root.Hostname() + ":25001/drill/Events/ports/output/0/inject"
	}
	balancer.mu.Unlock()
	session, err := watch.Open(ctx, env, watch.Options{Rate: 40})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if session.Level != application.Numbered {
		t.Fatalf("%v, want %v", session.Level, application.Numbered)
	}
	wait := func(what string, reached func() bool) {
		t.Helper()
		for began := time.Now(); !reached(); time.Sleep(5 * time.Millisecond) {
			if ctx.Err() != nil || time.Since(began) > time.Minute {
				t.Fatalf("waited in vain until %s: %v", what, ctx.Err())
			}
		}
	}
	wait("both serve", func() bool {
		account := session.Account()
		return account.Ledger.ProcessedBy["dc1"] > enough && account.Ledger.ProcessedBy["dc2"] > enough
	})
	fault := time.Now()
	if _, served := session.FirstServed("dc1", "dc2", fault); served {
		t.Error("dc2 served events of dc1 before the fault")
	}
	if err := env.DC1.Processes().Kill(ctx); err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	wait("dc2 serves the events of dc1", func() bool { _, served := session.FirstServed("dc1", "dc2", fault); return served })
	when, _ := session.FirstServed("dc1", "dc2", fault)
	if when.Latest < session.Instant(fault) || when.Earliest > session.Instant(time.Now()) {
		t.Errorf("first served %v, killed between %v and %v", when, session.Instant(fault), session.Instant(killed))
	}
	_, before := session.Ledger.Counted()
	wait("many more are served", func() bool { _, now := session.Ledger.Counted(); return now > before+2*enough })
	session.Drain()
	for ended := time.Now(); session.Awaits(ended); {
		time.Sleep(5 * time.Millisecond)
	}
	account := session.Account()
	t.Logf("%+v; lost %d to %d: %s", account.Ledger, account.Loss.EarliestEvents, account.Loss.LatestEvents, account.Loss.Why)
	if rerouted := session.Traffic.Reroutes(); len(rerouted) != 0 {
		t.Errorf("we rerouted, although an upstream does: %+v", rerouted)
	}
	missing, twice := truth(t, results, account.Ledger.Acknowledged)
	if missing < account.Loss.EarliestEvents || missing > account.Loss.LatestEvents {
		t.Errorf("%d acknowledged events gave no result, and %d to %d are stated", missing, account.Loss.EarliestEvents, account.Loss.LatestEvents)
	}
	if account.Ledger.Duplicated != twice {
		t.Errorf("%d events gave two results, and %d are stated", twice, account.Ledger.Duplicated)
	}
	if account.Ledger.Corrupted != 0 || account.Loss.LatestEvents > 40 {
		t.Errorf("what the load balancer had under way at most is lost: %+v, at most %d", account.Ledger, account.Loss.LatestEvents)
	}
}

// truth counts, from every result that left the applications, how many of the acknowledged events gave none, and how many gave more than one.
// An event that was not acknowledged may give a result too: it is not counted as one of those.
func truth(t *testing.T, results *collector, acknowledged int64) (missing, twice int64) {
	t.Helper()
	lines, _ := results.from(0)
	times := map[uint64]int{}
	for _, line := range lines {
		var result struct {
			Seq uint64 `json:"seq"`
		}
		if err := json.Unmarshal([]byte(line), &result); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if times[result.Seq]++; times[result.Seq] == 2 {
			twice++
		}
	}
	return max(0, acknowledged-int64(len(times))), twice
}
