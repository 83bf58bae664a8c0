package toolkit

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/crossdc/failover/toolkit/access"
	"github.com/crossdc/failover/toolkit/exchange"
	"github.com/crossdc/failover/toolkit/metrics"
	"github.com/crossdc/failover/toolkit/streams"
)

// restServer answers like a management API with one job of one PE, from what is set.
type restServer struct {
	mu     sync.Mutex
	status int // answer everything with it when not 0
	job    string
	launch int
	value  int
	trace  string
	hits   map[string]int
	url    string
}

func startREST(t *testing.T) (*restServer, Management) {
	t.Helper()
	s := &restServer{job: "12", launch: 1, value: 1, hits: map[string]int{}, trace: "line one\n"}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	client, err := streams.New(streams.Config{Root: server.URL + "/streams/resources", Config: access.Config{User: "u", Password: access.NewSecret("p")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdle)
	return s, NewManagement(client, "StreamsInstance", streams.Wanted{Name: "drill"})
}

func (s *restServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hits[r.URL.Path]++
	if s.status != 0 {
		w.WriteHeader(s.status)
		return
	}
	instance := s.url + "/streams/instances/StreamsInstance"
	job := instance + "/jobs/" + s.job
	op := job + "/operators/CrossDCFailover.RemoteDataCenterHeartbeatWatchdog"
	jobText := fmt.Sprintf(`{"resourceType":"job","id":%q,"restid":%q,"self":%q,"name":"drill","applicationName":"d::Drill","status":"running","health":"healthy","generationId":1,"submitTime":1,"instance":%q,"pes":"%s/pes","operators":"%s/operators"}`, s.job, s.job, job, instance, job, job)
	pe := fmt.Sprintf(`{"resourceType":"pe","id":"31","restid":"31","self":"%s/pes/31","status":"running","statusReason":"none","health":"healthy","launchCount":%d,"processId":"%d","applicationTrace":"%s/pes/31/trace","job":%q}`, instance, s.launch, 100+s.launch, instance, job)
	answers := map[string]string{
		"/streams/resources":                      fmt.Sprintf(`{"resources":[{"name":"instances","resource":"%s/streams/instances"}]}`, s.url),
		"/streams/instances":                      fmt.Sprintf(`{"instances":[{"id":"StreamsInstance","restid":"StreamsInstance","self":%q,"status":"running","health":"healthy","jobs":"%s/jobs","pes":"%s/pes","operators":"%s/operators"}],"total":1}`, instance, instance, instance, instance),
		"/streams/instances/StreamsInstance":      fmt.Sprintf(`{"id":"StreamsInstance","restid":"StreamsInstance","self":%q,"status":"running","health":"healthy","jobs":"%s/jobs","pes":"%s/pes","operators":"%s/operators"}`, instance, instance, instance, instance),
		"/streams/instances/StreamsInstance/jobs": `{"jobs":[` + jobText + `],"total":1}`,
		strings.TrimPrefix(job, s.url):            jobText,
		strings.TrimPrefix(job, s.url) + "/pes":   `{"pes":[` + pe + `],"total":1}`,
		strings.TrimPrefix(job, s.url) + "/operators": fmt.Sprintf(
			`{"operators":[{"name":"CrossDCFailover.RemoteDataCenterHeartbeatWatchdog","restid":"x","self":%q,"operatorKind":"spl.utility::Custom","indexWithinJob":0,"pe":"%s/pes/31","job":%q,"metrics":"%s/metrics","inputPorts":"%s/inputports","outputPorts":"%s/outputports"}],"total":1}`, op, instance, job, op, op, op),
		strings.TrimPrefix(op, s.url) + "/outputports":           fmt.Sprintf(`{"outputPorts":[{"indexWithinOperator":0,"restid":"0","self":"%s/outputports/0","name":"RemoteDataCenterStatus","streamName":"S","metrics":"%s/outputports/0/metrics"}],"total":1}`, op, op),
		strings.TrimPrefix(op, s.url) + "/outputports/0/metrics": fmt.Sprintf(`{"metrics":[{"name":"nTuplesSubmitted","metricKind":"counter","metricType":"system","value":%d,"lastTimeRetrieved":1718000300000}],"total":1}`, s.value),
		"/streams/instances/StreamsInstance/pes/31/trace":        s.trace,
	}
	answer, ok := answers[r.URL.Path]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		answer = `{"id":"CDISW5000E","message":"not found"}`
	}
	_, _ = fmt.Fprint(w, answer)
}

func (s *restServer) set(change func(*restServer)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

var watchdog = OperatorPort{"CrossDCFailover.RemoteDataCenterHeartbeatWatchdog", metrics.Out(0, "RemoteDataCenterStatus")}

func TestManagementOverREST(t *testing.T) {
	server, m := startREST(t)
	ctx := t.Context()
	if i, err := m.Instance(ctx); err != nil || i != (InstanceState{"running", "healthy"}) {
		t.Fatalf("instance %v, %v", i, err)
	}
	job, err := m.Job(ctx)
	if err != nil || job.ID != "12" || len(job.PEs) != 1 || job.PEs[0].Launch != 1 || job.PEs[0].Process != "101" {
		t.Fatalf("job %+v, %v", job, err)
	}
	find := func() metrics.Sample {
		t.Helper()
		set, err := m.Counters(ctx, watchdog)
		sample, ok := set.Find(watchdog.Operator, watchdog.Port, "nTuplesSubmitted")
		if err != nil || !ok {
			t.Fatalf("counters %v, %v", set, err)
		}
		return sample
	}
	if s := find(); s.Value != 1 || s.PE != "31" || s.Launch != 1 || s.At.UnixMilli() != 1718000300000 {
		t.Errorf("sample %+v", s)
	}
	server.set(func(s *restServer) { s.launch = 2; s.value = 0 })
	if s := find(); s.Launch != 0 || s.Process != "" {
		t.Errorf("a PE that restarted around the reading: %+v", s)
	}
	if s := find(); s.Launch != 2 || s.Process != "102" {
		t.Errorf("afterwards: %+v", s)
	}
	if text, err := m.Trace(ctx, "31"); err != nil || text != "line one\n" {
		t.Errorf("trace %q, %v", text, err)
	}
	server.set(func(s *restServer) { s.trace += "line two\n" })
	if text, err := m.Trace(ctx, "31"); err != nil || text != "line one\nline two\n" {
		t.Errorf("trace %q, %v", text, err)
	}
	server.set(func(s *restServer) { s.job = "13" })
	if _, err := m.Counters(ctx, watchdog); CauseOf(err) != CauseGone {
		t.Errorf("counters of a job that is gone: %v", err)
	}
	if job, err := m.Job(ctx); err != nil || job.ID != "13" {
		t.Errorf("submitted anew: %+v, %v", job, err)
	}
	if s := find(); s.Job != "13" {
		t.Errorf("sample %+v", s)
	}
	if _, err := NewManagement(mustClient(t, server.url), "StreamsInstance", streams.Wanted{Name: "other"}).Job(ctx); CauseOf(err) != CauseGone {
		t.Errorf("a job that does not exist: %v", err)
	}
	if _, err := NewManagement(mustClient(t, server.url), "Other", streams.Wanted{Name: "drill"}).Job(ctx); CauseOf(err) != CauseServer {
		t.Errorf("an instance that does not exist is no job that is gone: %v", err)
	}
	for status, cause := range map[int]Cause{401: CauseAccess, 403: CauseAccess, 500: CauseServer} {
		server.set(func(s *restServer) { s.status = status })
		if _, err := m.Job(ctx); CauseOf(err) != cause {
			t.Errorf("%d: %v is %q", status, err, CauseOf(err))
		}
	}
}

func mustClient(t *testing.T, url string) *streams.Client {
	t.Helper()
	client, err := streams.New(streams.Config{Root: url + "/streams/resources", Config: access.Config{User: "u", Password: access.NewSecret("p")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdle)
	return client
}

func TestCauseOfNobodyListening(t *testing.T) {
	_, err := NewManagement(mustClient(t, "http://127.0.0.1:1"), "I", streams.Wanted{Name: "j"}).Instance(t.Context())
	if cause := CauseOf(err); !cause.Silent() {
		t.Errorf("%v is %q", err, cause)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = NewManagement(mustClient(t, "http://127.0.0.1:1"), "I", streams.Wanted{Name: "j"}).Instance(ctx)
	if cause := CauseOf(err); cause.Silent() || cause.Ours() {
		t.Errorf("our own cancellation %v is %q", err, cause)
	}
}

func TestExchangeOverHTTP(t *testing.T) {
	var mu sync.Mutex
	job, body := "12", ""
	var url string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case r.URL.Path == "/data":
			fmt.Fprintf(w, `{"jobs":[{"id":%q,"name":"drill","inject":[{"operator":"Control","port":"StateRequest","portIndex":0,"uri":"%[2]s/data/%[1]s/in"}],"inspect":[{"operator":"Status","port":"S","portIndex":0,"uri":"%[2]s/data/%[1]s/out"}]}]}`, job, url)
		case r.URL.Path == "/data/"+job+"/out":
			fmt.Fprint(w, `{"items":[{"n":18446744073709551615}]}`)
		case r.URL.Path == "/data/"+job+"/in" && r.Method == http.MethodPost:
			raw, _ := io.ReadAll(r.Body)
			body = string(raw)
			fmt.Fprint(w, `{"accepted":1}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	url = server.URL
	client, err := exchange.New(exchange.Config{URL: url + "/data", Config: access.Config{User: "u", Password: access.NewSecret("p")}})
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdle()
	x := NewExchange(client, "drill")
	for range 2 { // the second time under another job id
		tuples, err := x.Read(t.Context(), "Status", epoch)
		if err != nil || len(tuples) != 1 || string(tuples[0]) != `{"n":18446744073709551615}` {
			t.Errorf("read %s, %v", tuples, err)
		}
		if err := x.Inject(t.Context(), "Control/StateRequest", stateRequest{"a"}); err != nil {
			t.Errorf("inject: %v", err)
		}
		mu.Lock()
		if !json.Valid([]byte(body)) || !strings.Contains(body, `{"request":"a"}`) {
			t.Errorf("sent %s", body)
		}
		job = "13"
		mu.Unlock()
	}
	if _, err := x.Read(t.Context(), "Nothing", epoch); CauseOf(err) != CauseGone {
		t.Errorf("an endpoint that does not exist: %v", err)
	}
}
