package exchange

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

func contractList(t testing.TB) []byte {
	t.Helper()
	body, err := os.ReadFile("testdata/list.json")
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestContractListIsRead(t *testing.T) {
	_, c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != data {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write(contractList(t))
	})
	jobs, err := c.List(t.Context())
	if err != nil || len(jobs) != 1 || jobs[0].ID != "12" || jobs[0].Name != "demo1" || jobs[0].ApplicationName != "demo::Calc" || len(jobs[0].Documents) != 4 {
		t.Fatalf("got %+v, %v", jobs, err)
	}
	got, err := c.Find(t.Context(), Inspect, "demo1", "ResultSink", "Result")
	want := Endpoint{
		Direction: Inspect, Job: "12", Operator: "ResultSink", Port: "Result", PortIndex: 0, SPLType: "tuple<int32 z>", Summary: "Sums", BufferSize: 1000,
		URI:          "https://h:9715/streams/data/instances/StreamsInstance/jobs/12/inspect/ResultSink/Result",
		WebSocketURI: "wss://h:9715/streams/data/instances/StreamsInstance/jobs/12/inspect/ResultSink/Result",
	}
	if err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err = jobs.Find(Inject, "", "", "0"); err != nil || got.Operator != "NumericInput" || got.BufferSize != 20 {
		t.Errorf("by port index: %+v, %v", got, err)
	}
	if _, err = jobs.Find(Inject, "12", "ResultSink", ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("wrong direction: %v", err)
	}
	if _, err = jobs.Find(Inspect, "13", "", ""); !errors.Is(err, ErrNotFound) {
		t.Errorf("other job: %v", err)
	}
}

func TestListsOfOtherShapes(t *testing.T) {
	const in, out, ws = "https://h/j/12/in", "https://h/j/12/out", "wss://h/j/12/out"
	for name, body := range map[string]string{
		"other keys":       `{"jobs":[{"jobId":12,"jobName":"demo1","injectEndpoints":[{"operatorName":"Main.Src","portName":"Out","url":"` + in + `"}],"inspectEndpoints":[{"operatorName":"Main.Sink","portName":"In","url":"` + out + `","webSocketUrl":"` + ws + `"}]}]}`,
		"bare array":       `[{"id":"12","name":"demo1","inject":[{"operator":"Main.Src","port":"Out","href":"` + in + `"}],"inspect":[{"operator":"Main.Sink","port":"In","href":"` + out + `","ws":"` + ws + `"}]}]`,
		"named addresses":  `{"jobs":[{"id":"12","name":"demo1","endpoints":[{"operator":"Main.Src","port":"Out","injectUri":"` + in + `"},{"operator":"Main.Sink","port":"In","inspectUri":"` + out + `","inspectWebSocketUri":"` + ws + `"}]}]}`,
		"nested":           `{"dataExchange":{"running":[{"id":"12","name":"demo1","endpoints":{"inject":[{"operator":"Main.Src","port":"Out","self":"` + in + `"}],"inspect":[{"operator":"Main.Sink","port":"In","self":"https://h/self","uri":"` + out + `","webSocketUri":"` + ws + `"}]}}]}}`,
		"documents inside": `{"jobs":[{"id":"12","name":"demo1","inject":[{"operator":"Main.Src","port":"Out","documentation":"https://h/doc","uri":"` + in + `"}],"inspect":[{"operator":"Main.Sink","port":"In","openApi":"https://h/doc","uri":"` + out + `","wsUri":"` + ws + `"}]}]}`,
	} {
		jobs, err := decodeList([]byte(body))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		source, err := jobs.Find(Inject, "demo1", "Src", "Out")
		if err != nil || source.URI != in || source.Job != "12" || source.WebSocketURI != "" {
			t.Errorf("%s: inject %+v, %v", name, source, err)
		}
		sink, err := jobs.Find(Inspect, "12", "Sink", "In")
		if err != nil || sink.URI != out || sink.WebSocketURI != ws {
			t.Errorf("%s: inspect %+v, %v", name, sink, err)
		}
	}
	two := `{"jobs":[{"id":"1","inject":[{"operator":"A.X","uri":"https://h/1"},{"operator":"B.X","uri":"https://h/2"}]}]}`
	jobs, err := decodeList([]byte(two))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jobs.Find(Inject, "", "X", ""); !errors.Is(err, ErrRejected) || !strings.Contains(err.Error(), "2 endpoints") {
		t.Errorf("ambiguous: %v", err)
	}
}

func TestBadListsAreErrors(t *testing.T) {
	for body, want := range map[string]error{
		`{"jobs":[`: ErrMalformed, `7`: ErrMalformed, `null`: ErrMalformed, ``: ErrMalformed, `{"jobs":{}}`: ErrMalformed, `{"a":1}`: ErrMalformed, `<html>`: ErrMalformed, `{"jobs":[]}`: nil,
	} {
		_, c := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) })
		if _, err := c.List(t.Context()); want == nil && err != nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", body, err, want)
		}
	}
	_, c := serve(t, func(http.ResponseWriter, *http.Request) {}, func(cfg *Config) { cfg.Password = NewSecret("wrong") })
	if _, err := c.List(t.Context()); !errors.Is(err, ErrUnauthorized) {
		t.Errorf("wrong password: %v", err)
	}
}

func FuzzList(f *testing.F) {
	f.Add(contractList(f))
	f.Add([]byte(`[[[{"inject":[{"uri":"https://h"}]}]]]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		jobs, err := decodeList(body)
		if err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%v is not ErrMalformed", err)
		}
		for _, job := range jobs {
			for _, e := range job.Inject {
				if e.Direction != Inject || e.URI == "" && e.WebSocketURI == "" {
					t.Errorf("endpoint %+v", e)
				}
			}
		}
	})
}
