package otel

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/model"
)

// collector is an OTLP/HTTP receiver that decodes what it gets.
type collector struct {
	sync.Mutex
	requests []*collectorpb.ExportTraceServiceRequest
	headers  http.Header
	problems []string
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.Lock()
	defer c.Unlock()
	body, err := io.ReadAll(r.Body)
	request := &collectorpb.ExportTraceServiceRequest{}
	if err == nil {
		err = proto.Unmarshal(body, request)
	}
	if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
		c.problems = append(c.problems, r.URL.Path+" "+r.Header.Get("Content-Type"))
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.headers = r.Header
	c.requests = append(c.requests, request)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// bare removes every OTEL_* variable for the time of the test and sets the given pairs.
func bare(t *testing.T, pairs ...string) {
	t.Helper()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "OTEL_") {
			t.Setenv(name, "")
		}
	}
	for i := 0; i < len(pairs); i += 2 {
		t.Setenv(pairs[i], pairs[i+1])
	}
}

func TestACollectorReceivesTheWholeRun(t *testing.T) {
	c := &collector{}
	server := httptest.NewServer(c)
	defer server.Close()
	bare(t, "OTEL_EXPORTER_OTLP_ENDPOINT", server.URL, "OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=drills", "OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=staging")
	run := sample.Many(120, 3)
	if err := Send(context.Background(), run, 0); err != nil {
		t.Fatal(err)
	}
	if len(c.problems) > 0 || len(c.requests) < 2 {
		t.Fatalf("%d requests, want several; problems: %v", len(c.requests), c.problems)
	}
	if c.headers.Get("x-tenant") != "drills" {
		t.Errorf("headers of OTEL_EXPORTER_OTLP_HEADERS were not sent: %v", c.headers)
	}
	var got []*tracepb.Span
	for _, request := range c.requests {
		for _, rs := range request.ResourceSpans {
			resource := map[string]string{}
			for _, a := range rs.Resource.Attributes {
				resource[a.Key] = a.Value.GetStringValue()
			}
			if resource["service.name"] != service || resource["deployment.environment"] != "staging" {
				t.Errorf("resource %v", resource)
			}
			for _, ss := range rs.ScopeSpans {
				got = append(got, ss.Spans...)
			}
		}
	}
	want := Spans(run)
	if len(got) != len(want) {
		t.Fatalf("%d spans arrived, want %d", len(got), len(want))
	}
	for i := range want {
		if !proto.Equal(got[i], want[i]) {
			t.Fatalf("span %d arrived as %v, want %v", i, got[i], want[i])
		}
	}
}

func TestSpansFormATree(t *testing.T) {
	spans := Spans(sample.Rich())
	ids := map[string]*tracepb.Span{}
	for i, span := range spans {
		if len(span.TraceId) != 16 || len(span.SpanId) != 8 || ids[string(span.SpanId)] != nil {
			t.Fatalf("span %q: identifiers %x %x are no use or taken", span.Name, span.TraceId, span.SpanId)
		}
		if !bytes.Equal(span.TraceId, spans[0].TraceId) {
			t.Errorf("span %q belongs to another trace", span.Name)
		}
		if (i == 0) != (len(span.ParentSpanId) == 0) || i > 0 && ids[string(span.ParentSpanId)] == nil {
			t.Errorf("span %q has no parent before it", span.Name)
		}
		if span.EndTimeUnixNano < span.StartTimeUnixNano || span.StartTimeUnixNano < uint64(sample.Started.UnixNano()) {
			t.Errorf("span %q runs from %d to %d", span.Name, span.StartTimeUnixNano, span.EndTimeUnixNano)
		}
		ids[string(span.SpanId)] = span
	}
}

func TestWhatASpanSays(t *testing.T) {
	run := sample.Rich()
	byName := map[string]*tracepb.Span{}
	for _, span := range Spans(run) {
		if byName[span.Name] == nil {
			byName[span.Name] = span
		}
	}
	seen := run.Scenarios[1].Observations[1]
	for name, check := range map[string]func(*tracepb.Span) bool{
		"run " + run.ID: func(s *tracepb.Span) bool { return s.Status.Code == tracepb.Status_STATUS_CODE_ERROR },
		"S03 A data center crashes": func(s *tracepb.Span) bool {
			return attributeOf(s, "detection.earliest_s") == 101.2 && attributeOf(s, "detection.latest_s") == 103.9 &&
				attributeOf(s, "loss.latest_events") == int64(104) && attributeOf(s, "verdict") == "passed" && s.Status.Code == tracepb.Status_STATUS_CODE_OK
		},
		"S08 A job is cancelled without orderly shutdown": func(s *tracepb.Span) bool {
			return s.Status.Code == tracepb.Status_STATUS_CODE_ERROR && strings.Contains(s.Status.Message, "131.2 to 133.9") && len(s.Events) == 1
		},
		"S16 The link is cut for longer than the detection time": func(s *tracepb.Span) bool {
			return attributeOf(s, "hazards") == "Q1,Q2" && len(s.Events) == 2 && s.Status.Code == tracepb.Status_STATUS_CODE_OK
		},
		"S22 The link loses 5 % of its packets": func(s *tracepb.Span) bool { return s.Status.Code == tracepb.Status_STATUS_CODE_UNSET },
		"fault crash dc1":                       func(s *tracepb.Span) bool { return len(s.Events) == 2 && attributeOf(s, "bite") != nil },
		"phase detection":                       func(s *tracepb.Span) bool { return attributeOf(s, "to.latest_wall_s") != nil },
		"dc2 status stream":                     func(s *tracepb.Span) bool { return attributeOf(s, "indicator.used") == true },
		"dc2 pe trace": func(s *tracepb.Span) bool {
			return attributeOf(s, "indicator.why") == "trace level is off, INFO is needed"
		},
		"peer down dc1": func(s *tracepb.Span) bool {
			return s.StartTimeUnixNano == uint64(run.Started.Add(time.Duration(seen.When.Earliest)).UnixNano()) && s.EndTimeUnixNano-s.StartTimeUnixNano == uint64(seen.When.Width())
		},
	} {
		if span := byName[name]; span == nil || !check(span) {
			t.Errorf("span %q is missing or wrong: %v", name, span)
		}
	}
}

func attributeOf(span *tracepb.Span, name string) any {
	for _, a := range span.Attributes {
		if a.Key == prefix+name {
			switch {
			case a.Value.GetStringValue() != "":
				return a.Value.GetStringValue()
			case a.Value.GetBoolValue():
				return true
			case a.Value.GetIntValue() != 0:
				return a.Value.GetIntValue()
			default:
				return a.Value.GetDoubleValue()
			}
		}
	}
	return nil
}

func TestThePartialRunAndTheEmptyOne(t *testing.T) {
	run := sample.Rich()
	run.Finished = time.Time{}
	if root := Spans(run)[0]; root.EndTimeUnixNano <= root.StartTimeUnixNano {
		t.Errorf("a partial run ends when it starts: %v", root)
	}
	if spans := Spans(model.Run{ID: "nothing", Started: sample.Started}); len(spans) != 1 {
		t.Errorf("an empty run has %d spans, want its own only", len(spans))
	}
}

func TestOnlyTheStandardVariablesSwitchItOn(t *testing.T) {
	for name, c := range map[string]struct {
		pairs []string
		off   bool
		fails bool
	}{
		"nothing set":          {nil, true, true},
		"disabled":             {[]string{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1", "OTEL_SDK_DISABLED", "true"}, true, true},
		"no traces":            {[]string{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1", "OTEL_TRACES_EXPORTER", "none"}, true, true},
		"on":                   {[]string{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"}, false, false},
		"on for traces":        {[]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:1/v1/traces"}, false, false},
		"a protocol not here":  {[]string{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}, false, true},
		"the signal's one won": {[]string{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			bare(t, c.pairs...)
			if err := Enabled(); errors.Is(err, ErrOff) != c.off || (err != nil) != c.fails {
				t.Errorf("Enabled() = %v", err)
			}
		})
	}
}

func TestABrokenCollectorIsReportedInTime(t *testing.T) {
	hangs := make(chan struct{})
	answers := map[string]http.HandlerFunc{
		"hangs":   func(_ http.ResponseWriter, _ *http.Request) { <-hangs },
		"refuses": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"forbids": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) },
	}
	for name, handler := range answers {
		server := httptest.NewServer(handler)
		bare(t, "OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
		begin := time.Now()
		err := Send(context.Background(), sample.Rich(), 300*time.Millisecond)
		if err == nil || !strings.Contains(err.Error(), sample.Rich().ID) {
			t.Errorf("a collector that %s: %v", name, err)
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("a collector that %s held us for %v", name, took)
		}
		server.CloseClientConnections()
		if name == "hangs" {
			close(hangs)
		}
		server.Close()
	}
	bare(t, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	if err := Send(context.Background(), sample.Rich(), 300*time.Millisecond); err == nil {
		t.Error("nobody listens, and that is no error")
	}
}
