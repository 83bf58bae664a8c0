package stored

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit/access"
	"github.com/crossdc/failover/toolkit/metrics"
)

// series is one that the fake server knows.
type series struct {
	labels map[string]string
	value  string
	age    time.Duration // of the newest sample when the server is asked
	gone   bool          // marked as stale: only raw samples are left
}

// server answers /api/v1/query as the documentation of Prometheus says: an instant query with what it evaluates for an instant, a range with
// raw samples and their own stamps.
type server struct {
	t       *testing.T
	all     []series
	clock   time.Duration // how far its clock is ahead
	noPost  bool
	refuses string // status and error of every answer, as "422 execution text"
	token   string
	queries []string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/prom/api/v1/query" {
		http.NotFound(w, r)
		return
	}
	if s.token != "" && r.Header.Get("Authorization") != "Bearer "+s.token {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	if s.noPost && r.Method == http.MethodPost {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if s.refuses != "" {
		words := strings.SplitN(s.refuses, " ", 3)
		status := 0
		fmt.Sscan(words[0], &status)
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"status":"error","errorType":%q,"error":%q}`, words[1], words[2])
		return
	}
	query, now := r.FormValue("query"), time.Now().Add(s.clock)
	s.queries = append(s.queries, query)
	if text := r.FormValue("time"); text != "" {
		var seconds float64
		fmt.Sscan(text, &seconds)
		now = time.UnixMilli(int64(seconds*1000 + 0.5))
	}
	kind, window := "vector", time.Duration(0)
	if i := strings.LastIndex(query, "["); i >= 0 {
		kind = "matrix"
		var err error
		if window, err = time.ParseDuration(strings.TrimSuffix(query[i+1:], "]")); err != nil {
			s.t.Errorf("window of %s: %v", query, err)
		}
	}
	seconds := func(at time.Time) json.Number { return json.Number(fmt.Sprintf("%.3f", float64(at.UnixMilli())/1000)) }
	result := []any{}
	for _, one := range s.all {
		stamp := time.Now().Add(s.clock - one.age)
		switch {
		case kind == "vector" && !one.gone && one.age < 5*time.Minute: // its lookback
			result = append(result, map[string]any{"metric": one.labels, "value": []any{seconds(now), one.value}})
		case kind == "matrix" && one.age < window:
			result = append(result, map[string]any{"metric": one.labels, "values": [][]any{{seconds(stamp.Add(-time.Second)), "0"}, {seconds(stamp), one.value}}})
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": map[string]any{"resultType": kind, "result": result}})
}

func (s *server) start(t *testing.T, selector string) *Server {
	t.Helper()
	s.t = t
	http := httptest.NewServer(s)
	t.Cleanup(http.Close)
	client, err := access.NewClient(access.Config{BearerToken: access.NewSecret("prom-token"), Timeout: 20 * time.Second}, http.URL+"/prom")
	if err != nil {
		t.Fatal(err)
	}
	return New(client, selector, time.Minute)
}

func exporter(operator, value string, age time.Duration) series {
	return series{value: value, age: age, labels: map[string]string{"__name__": "streams_operator_ip_nTuplesProcessed", "instancename": "StreamsInstance", "jobname": "Drill",
		"peid": "1", "operatorname": operator, "inputportname": "In", "job": "streams-east", "instance": "east:25500"}}
}

func runtime(operator, value string, age time.Duration) series {
	return series{value: value, age: age, labels: map[string]string{"__name__": "op_output_n_tuples_submitted", "exported_job": "Drill", "pe": "1", "name": operator, "op_port": "0", "job": "pods"}}
}

// Both naming schemes are read, each sample with the earliest instant at which it can have been scraped, however wrong the server's clock is.
func TestSamplesCarryWhenTheyWereScraped(t *testing.T) {
	for _, ahead := range []time.Duration{0, time.Hour, -time.Hour} {
		fake := &server{clock: ahead, all: []series{exporter("A.Beat", "17", 20*time.Second), runtime("A.Send", "18", 40*time.Second)}}
		before := time.Now()
		set, err := fake.start(t, ` datacenter="east" `).Scrape(t.Context())
		took := time.Since(before)
		if err != nil || len(set.Samples) != 2 {
			t.Fatalf("%+v, %v", set, err)
		}
		for _, s := range set.Samples {
			age := map[string]time.Duration{"A.Beat": 20 * time.Second, "A.Send": 40 * time.Second}[s.Operator]
			// It is no later than it was scraped, and earlier by no more than the questions took, with rounding to a millisecond.
			if off := before.Add(-age).Sub(s.At); !s.Stored || s.Job != "Drill" || off < -took || off > took+10*time.Millisecond {
				t.Errorf("%+v is off by %v, asking took %v", s, off, took)
			}
		}
		if beat, ok := set.Find("A.Beat", metrics.In(0, "In"), "nTuplesProcessed"); !ok || beat.Value != 17 {
			t.Errorf("%+v", set)
		}
		if q := fake.queries; len(q) != 2 || !strings.HasSuffix(q[0], `,datacenter="east"}`) || q[1] != q[0]+"[60000ms]" {
			t.Errorf("asked %q", q)
		}
	}
}

func TestWhatIsStaleIsNoEvidence(t *testing.T) {
	gone := exporter("A.Beat", "17", time.Second)
	gone.gone = true
	for name, all := range map[string][]series{
		"no series":            nil,
		"its target is gone":   {gone},
		"scraped too long ago": {exporter("A.Beat", "17", 2*time.Minute)},
	} {
		if set, err := (&server{all: all}).start(t, "").Scrape(t.Context()); !errors.Is(err, ErrStale) || len(set.Samples) > 0 {
			t.Errorf("%s: %+v, %v", name, set, err)
		}
	}
	set, err := (&server{all: []series{gone, exporter("A.Old", "1", 2*time.Minute), exporter("A.Send", "18", time.Second)}}).start(t, "").Scrape(t.Context())
	if err != nil || len(set.Samples) != 1 || set.Samples[0].Operator != "A.Send" {
		t.Errorf("only what is recent: %+v, %v", set, err)
	}
}

func TestValuesThatCannotBeAreNamedBesideTheOthers(t *testing.T) {
	set, err := (&server{all: []series{exporter("A.Bad", "NaN", time.Second), exporter("A.Send", "18", time.Second)}}).start(t, "").Scrape(t.Context())
	if len(set.Samples) != 1 || err == nil || !strings.Contains(err.Error(), "A.Bad") {
		t.Errorf("%+v, %v", set, err)
	}
}

func TestAServerThatRefusesIsNamedForWhatItIs(t *testing.T) {
	good := []series{exporter("A.Send", "18", time.Second)}
	if set, err := (&server{all: good, noPost: true}).start(t, "").Scrape(t.Context()); err != nil || len(set.Samples) != 1 {
		t.Errorf("without POST: %+v, %v", set, err)
	}
	if _, err := (&server{all: good, token: "prom-token"}).start(t, "").Scrape(t.Context()); err != nil {
		t.Errorf("with its token: %v", err)
	}
	_, err := (&server{all: good, token: "another"}).start(t, "").Scrape(t.Context())
	if !errors.Is(err, access.ErrUnauthorized) || strings.Contains(err.Error(), "prom-token") {
		t.Errorf("with a token that it does not know: %v", err)
	}
	_, err = (&server{refuses: `400 bad_data parse error: unexpected "="`}).start(t, `a=="b"`).Scrape(t.Context())
	if !errors.Is(err, access.ErrMalformed) || !strings.Contains(err.Error(), `a=="b"`) || !strings.Contains(err.Error(), "parse error") {
		t.Errorf("a wrong selector: %v", err)
	}
	if _, err = (&server{refuses: "422 execution query processing would load too many samples"}).start(t, "").Scrape(t.Context()); err == nil || !strings.Contains(err.Error(), "too many samples") {
		t.Errorf("a server that cannot: %v", err)
	}
}
