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
	broken string            // one of the bugs below; empty: none
	count  int               // events that came while it is broken
	did    int64             // how often the bug showed
	held   map[string][]byte // of holds: by channel
}

// Bugs of what stands between us and the data centers.
const (
	drops = "acknowledges and drops every 20th event"
	again = "reads every 20th event again, as a consumer group after a failover does"
	holds = "sends every 20th event after the next one of its channel"
)

// passes is what becomes of an event: what is sent on, in order.
func (u *upstream) passes(channel string, body []byte) [][]byte {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.broken == "" {
		return [][]byte{body}
	}
	if late := u.held[channel]; late != nil {
		delete(u.held, channel)
		u.did++
		return [][]byte{body, late}
	}
	if u.count++; u.count%20 != 0 {
		return [][]byte{body}
	}
	switch u.broken {
	case drops:
		u.did++
		return nil
	case again:
		u.did++
		return [][]byte{body, body}
	default:
		u.held[channel] = body
		return nil
	}
}

// breaks switches a bug on, or off with an empty name, and returns how often the one before showed.
func (u *upstream) breaks(bug string) (did int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	did = u.did
	u.broken, u.count, u.did, u.held = bug, 0, 0, map[string][]byte{}
	return did
}

func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var event struct {
		DC      string `json:"dc"`
		Channel int    `json:"channel"`
	}
	if err != nil || json.Unmarshal(body, &event) != nil {
		http.Error(w, "no event", http.StatusBadRequest)
		return
	}
	u.mu.Lock()
	at := maps.Clone(u.at)
	u.mu.Unlock()
	for _, one := range u.passes(fmt.Sprint(event.DC, event.Channel), body) {
		if !u.sends(r, at, event.DC, one) {
			http.Error(w, "no data center takes it", http.StatusServiceUnavailable)
			return
		}
	}
}

// sends gives an event to its own data center, or to the other one.
func (u *upstream) sends(r *http.Request, at map[string]string, stream string, body []byte) bool {
	for _, address := range []string{at[stream], at[map[string]string{"dc1": "dc2", "dc2": "dc1"}[stream]]} {
		if address != "" && u.forward(r.Context(), address, r.Header.Get("Content-Type"), body) {
			return true
		}
	}
	return false
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

// behind opens a pair of data centers behind a load balancer, with one way in and one way out for both.
func behind(t *testing.T, balancer *upstream, results *collector) (context.Context, *environment.Environment) {
	t.Helper()
	if testing.Short() {
		t.Skip("it starts a pair of data centers: make test-long runs it")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute) // the programs may have to be compiled
	t.Cleanup(cancel)
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
	env, err := environment.Open(ctx, settings, environment.Options{Progress: t.Logf, Submit: func(_ string, s *environment.Submission) {
		maps.Copy(s.Parameters, map[string]string{"source": "http", "sourceAddress": ":25001", "sink": "tcp-client", "sinkAddress": results.listener.Addr().String()})
		s.Parameters["withoutEndpoints"] = "State,Takeover"
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := env.Close(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
	})
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
	return ctx, env
}

// TestAnUpstreamReroutes kills one data center behind a load balancer that both share, with one way in and one way out, and holds what is
// stated against every result that came: the survivor serves the other's events, which we did not reroute, and the loss is inside of the bounds.
func TestAnUpstreamReroutes(t *testing.T) {
	balancer, results := &upstream{client: http.Client{Timeout: 2 * time.Second}}, collect(t)
	ctx, env := behind(t, balancer, results)
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
	missing, twice := truth(t, results, 0, account.Ledger.Acknowledged)
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

// truth counts, from the results from the first-th on that left the applications, how many of the acknowledged events gave none, and how many gave more than one.
// An event that was not acknowledged may give a result too: it is not counted as one of those.
func truth(t *testing.T, results *collector, first int, acknowledged int64) (missing, twice int64) {
	t.Helper()
	lines, _ := results.from(first)
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

// TestWhatALoadBalancerBreaksShows switches on bugs of what stands between us and the data centers, one run each, and holds what is stated
// against every result that came. Results of the run before are among those that come: they belong to nobody.
func TestWhatALoadBalancerBreaksShows(t *testing.T) {
	balancer, results := &upstream{client: http.Client{Timeout: 2 * time.Second}}, collect(t)
	ctx, env := behind(t, balancer, results)
	for _, bug := range []string{"", drops, again, holds, ""} {
		t.Run("it "+bug, func(t *testing.T) {
			before, _ := results.from(0)
			balancer.breaks(bug)
			session, err := watch.Open(ctx, env, watch.Options{Rate: 80})
			if err != nil {
				t.Fatal(err)
			}
			defer session.Close()
			for acknowledged := int64(0); acknowledged < 4*enough; _, acknowledged = session.Ledger.Counted() {
				if ctx.Err() != nil {
					t.Fatalf("%d events were taken: %v", acknowledged, ctx.Err())
				}
				time.Sleep(5 * time.Millisecond)
			}
			session.Drain()
			for ended := time.Now(); session.Awaits(ended); {
				time.Sleep(5 * time.Millisecond)
			}
			did := balancer.breaks("")
			account := session.Account()
			t.Logf("it did %d times; %+v; lost %d to %d: %s", did, account.Ledger, account.Loss.EarliestEvents, account.Loss.LatestEvents, account.Loss.Why)
			if bug != "" && did == 0 {
				t.Fatal("the bug did not show")
			}
			missing, twice := truth(t, results, len(before), account.Ledger.Acknowledged)
			if missing < account.Loss.EarliestEvents || missing > account.Loss.LatestEvents || account.Ledger.Duplicated != twice {
				t.Errorf("%d acknowledged events gave no result and %d gave two; stated are %d to %d lost and %d twice", missing, twice,
					account.Loss.EarliestEvents, account.Loss.LatestEvents, account.Ledger.Duplicated)
			}
			if caught := account.Loss.EarliestEvents > 0; caught != (bug == drops) && bug != holds {
				t.Errorf("at least %d events are lost", account.Loss.EarliestEvents)
			}
			if caught := account.Ledger.Duplicated > 0; caught != (bug == again) {
				t.Errorf("%d events gave two results", account.Ledger.Duplicated)
			}
			if caught := account.Ledger.Reordered > 0; caught != (bug == holds) && bug != again {
				t.Errorf("%d events came out of order", account.Ledger.Reordered)
			}
			if account.Ledger.Corrupted != 0 {
				t.Errorf("%d results are not what was sent", account.Ledger.Corrupted)
			}
		})
	}
}
