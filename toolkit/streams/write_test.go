package streams

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const base = "/streams/instances/StreamsInstance"

func TestUploadAndSubmit(t *testing.T) {
	s := serve(t)
	s.contract()
	s.do("POST "+base+"/applicationbundles", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Content-Type") != "application/x-jar" || r.Header.Get("Accept") != "application/json" {
			w.WriteHeader(http.StatusUnsupportedMediaType)
		}
		_, _ = io.WriteString(w, `{"bundleId":"bundleId:7f3c0a"}`)
	})
	s.on("POST "+base+"/jobs", 201, example(t, "job"))
	c := s.client()
	instance := s.instance(c)
	s.called()
	bundle, err := c.Upload(t.Context(), instance, strings.NewReader("PK sab"), 6)
	if err != nil || bundle != "bundleId:7f3c0a" {
		t.Fatalf("upload: %q, %v", bundle, err)
	}
	job, err := c.Submit(t.Context(), instance, bundle, Overlay{
		JobName: "demo1", JobGroup: "default", Tracing: "info", Parameters: []Parameter{{"rate", "25"}, {"ns.Main.hosts", "a,b"}}, FusionTargetPECount: 2,
	})
	if err != nil || job.ID != "12" || job.Health != Healthy {
		t.Errorf("submit: %+v, %v", job, err)
	}
	want := []string{
		"POST " + base + "/applicationbundles PK sab",
		"POST " + base + `/jobs {"application":"bundleId:7f3c0a","preview":false,"jobConfigurationOverlay":{"jobConfigOverlays":[{"jobConfig":` +
			`{"jobName":"demo1","jobGroup":"default","tracing":"info","submissionParameters":[{"name":"rate","value":"25"},{"name":"ns.Main.hosts","value":"a,b"}]},` +
			`"deploymentConfig":{"fusionScheme":"manual","fusionTargetPeCount":2}}]}}`,
	}
	if got := s.called(); !slices.Equal(got, want) {
		t.Errorf("calls\n%q, want\n%q", got, want)
	}
}

func TestSubmitAnswers(t *testing.T) {
	for name, trial := range map[string]struct {
		status int
		body   string
		header []string
		want   error
	}{
		"whole job":         {201, example(t, "job"), nil, nil},
		"id only":           {200, `{"id":12}`, nil, nil},
		"Location only":     {202, ``, []string{"Location", "https://h:9714" + base + "/jobs/12"}, nil},
		"relative Location": {202, `{}`, []string{"Location", base + "/jobs/12/"}, nil},
		"nothing":           {201, ``, nil, ErrMalformed},
		"no id":             {201, `{}`, nil, ErrMalformed},
		"not JSON":          {201, `ok`, nil, ErrMalformed},
		"duplicate":         {409, `{"message":"duplicate job name"}`, nil, ErrConflict},
		"unknown bundle":    {400, `{"message":"no such bundle"}`, nil, ErrRejected},
		"starting":          {503, ``, nil, ErrBusy},
	} {
		s := serve(t)
		s.contract()
		s.on("POST "+base+"/jobs", trial.status, trial.body, trial.header...)
		c := s.client(func(cfg *Config) { cfg.Retries = 3 })
		job, err := c.Submit(t.Context(), s.instance(c), "bundleId:1", Overlay{})
		if trial.want == nil && (err != nil || job.Name != "demo::Main_12") || trial.want != nil && !errors.Is(err, trial.want) {
			t.Errorf("%s: %+v, %v", name, job, err)
		}
		posts := 0
		for _, call := range s.called() {
			if strings.HasPrefix(call, "POST") {
				posts++
			}
		}
		if posts != 1 {
			t.Errorf("%s: submitted %d times", name, posts)
		}
	}
	s := serve(t)
	s.contract()
	c := s.client()
	s.on("POST "+base+"/applicationbundles", 201, ``, "Location", "https://h:9714/streams/preview/1")
	s.on("GET /streams/preview/1", 200, `{"application":"app:1"}`)
	if bundle, err := c.Upload(t.Context(), s.instance(c), strings.NewReader("x"), 1); err != nil || bundle != "app:1" {
		t.Errorf("older preview: %q, %v", bundle, err)
	}
	s.on("POST "+base+"/applicationbundles", 200, `{"other":1}`)
	if _, err := c.Upload(t.Context(), s.instance(c), strings.NewReader("x"), 1); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), "bundleId is missing") {
		t.Errorf("no bundleId: %v", err)
	}
	if _, err := c.Submit(t.Context(), s.instance(c), "b", Overlay{Raw: []byte(`[1]`)}); !errors.Is(err, ErrRejected) {
		t.Errorf("raw overlay that is no object: %v", err)
	}
}

func TestCancelUpdateAndActions(t *testing.T) {
	s := serve(t)
	s.contract()
	c := s.client()
	job, instance := s.job(c), s.instance(c)
	pe, err := c.PE(t.Context(), instance, "31")
	if err != nil {
		t.Fatal(err)
	}
	s.called()
	for _, status := range []int{200, 202, 204, 404} {
		s.on("DELETE "+base+"/jobs/12", status, "")
		if err := c.Cancel(t.Context(), job); err != nil {
			t.Errorf("cancel answered %d: %v", status, err)
		}
	}
	s.on("DELETE "+base+"/jobs/12", 403, "")
	if err := c.Cancel(t.Context(), job); !errors.Is(err, ErrUnauthorized) {
		t.Errorf("cancel forbidden: %v", err)
	}
	s.on("PATCH "+base+"/jobs/12", 200, example(t, "job"))
	if err := c.Update(t.Context(), job, Overlay{Raw: []byte(`{"jobConfigOverlays":[{}]}`)}); err != nil {
		t.Errorf("update: %v", err)
	}
	s.on("POST "+base+"/actions", 202, with(t, example(t, "instance"), "status", `"stopping"`))
	if got, err := c.StopInstance(t.Context(), instance, true); err != nil || got.Status != Stopping {
		t.Errorf("stop: %+v, %v", got, err)
	}
	s.on("POST "+base+"/actions", 409, `{"message":"already running"}`)
	if _, err := c.StartInstance(t.Context(), instance); !errors.Is(err, ErrConflict) {
		t.Errorf("start a running one: %v", err)
	}
	s.on("POST "+base+"/pes/31/actions", 200, with(t, example(t, "pe"), "launchCount", "2"))
	for _, act := range []func() (PE, error){
		func() (PE, error) { return c.StopPE(t.Context(), pe) },
		func() (PE, error) { return c.StartPE(t.Context(), pe) },
		func() (PE, error) { return c.RestartPE(t.Context(), pe) },
	} {
		if got, err := act(); err != nil || got.LaunchCount != 2 {
			t.Errorf("PE action: %+v, %v", got, err)
		}
	}
	s.on("POST "+base+"/pes/31/actions", 204, "")
	if got, err := c.RestartPE(t.Context(), pe); err != nil || got.ID != "31" {
		t.Errorf("empty answer: %+v, %v", got, err)
	}
	calls := strings.Join(s.called(), "\n")
	for _, want := range []string{
		`PATCH ` + base + `/jobs/12 {"jobConfigurationOverlay":{"jobConfigOverlays":[{}]}}`, `POST ` + base + `/actions {"type":"stop","force":true}`,
		`POST ` + base + `/actions {"type":"start"}`, `POST ` + base + `/pes/31/actions {"type":"stop"}`, `{"type":"restart"}`,
	} {
		if !strings.Contains(calls, want) {
			t.Errorf("no %s in\n%s", want, calls)
		}
	}
}

func TestApplicationConfigurations(t *testing.T) {
	s := serve(t)
	s.contract()
	at := base + "/applicationconfigurations"
	body := `{"name":"a/b","self":"https://h:9714` + at + `/a%2Fb","description":"d","properties":{"k":"v","n":3},"creationTime":1718000000000}`
	s.on("GET "+at, 200, `{"applicationConfigurations":[`+body+`]}`)
	s.on("GET "+at+"/a%2Fb", 200, body)
	s.on("POST "+at, 201, body)
	s.on("PATCH "+at+"/a%2Fb", 200, body)
	s.on("DELETE "+at+"/a%2Fb", 204, "")
	c := s.client()
	instance := s.instance(c)
	ctx := t.Context()
	s.called()
	created, err := c.CreateApplicationConfiguration(ctx, instance, "a/b", "d", map[string]string{"k": "v"})
	if err != nil || created.Properties["k"] != "v" || created.Properties["n"] != "3" || created.Created.IsZero() {
		t.Fatalf("create: %+v, %v", created, err)
	}
	if all, err := c.ApplicationConfigurations(ctx, instance); err != nil || len(all) != 1 {
		t.Errorf("list: %+v, %v", all, err)
	}
	if one, err := c.ApplicationConfiguration(ctx, instance, "a/b"); err != nil || one.Name != "a/b" {
		t.Errorf("read: %+v, %v", one, err)
	}
	value := "w"
	if _, err := c.UpdateApplicationConfiguration(ctx, created, map[string]*string{"k": &value, "x": nil}); err != nil {
		t.Errorf("update: %v", err)
	}
	if err := c.DeleteApplicationConfiguration(ctx, created); err != nil {
		t.Errorf("delete: %v", err)
	}
	calls := s.called()
	if calls[0] != "POST "+at+` {"name":"a/b","description":"d","properties":{"k":"v"}}` || calls[3] != "PATCH "+at+`/a%2Fb {"properties":{"k":"w","x":null}}` {
		t.Errorf("calls %q", calls)
	}
	s.on("GET "+at+"/a%2Fb", 200, `{"name":"a","properties":{"k":{"x":"geheim"}}}`)
	if _, err := c.ApplicationConfiguration(ctx, instance, "a/b"); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), "properties.k") || strings.Contains(err.Error(), "geheim") {
		t.Errorf("property of a wrong type: %v", err)
	}
}

func TestTraceInParts(t *testing.T) {
	trace := "line 1\nline 2\nline 3\n"
	for _, ranges := range []bool{true, false} {
		s := serve(t)
		s.contract()
		current := trace
		s.do("GET "+base+"/pes/31/applicationtrace", func(w http.ResponseWriter, r *http.Request) {
			if ranges {
				http.ServeContent(w, r, "trace.txt", time.Time{}, strings.NewReader(current))
				return
			}
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, current)
		})
		c := s.client()
		pe, err := c.PE(t.Context(), s.instance(c), "31")
		if err != nil {
			t.Fatal(err)
		}
		read := func(part TraceRange) (string, TraceEnd) {
			t.Helper()
			var out bytes.Buffer
			end, err := c.PETrace(t.Context(), pe, part, &out)
			if err != nil {
				t.Fatalf("ranges %v: %v", ranges, err)
			}
			return out.String(), end
		}
		if got, end := read(TraceRange{Limit: 10}); got != trace[:10] || end.Next != 10 || !end.More {
			t.Errorf("ranges %v: first part %q, %+v", ranges, got, end)
		}
		if got, end := read(TraceRange{From: 10}); got != trace[10:] || end.Next != 21 || end.More || end.Shorter {
			t.Errorf("ranges %v: rest %q, %+v", ranges, got, end)
		}
		if got, end := read(TraceRange{From: 21}); got != "" || end.Next != 21 || end.Shorter {
			t.Errorf("ranges %v: nothing new %q, %+v", ranges, got, end)
		}
		current += "line 4\n"
		if got, end := read(TraceRange{From: 21}); got != "line 4\n" || end.Next != 28 {
			t.Errorf("ranges %v: what was added %q, %+v", ranges, got, end)
		}
		current = "new\n"
		if _, end := read(TraceRange{From: 28}); !end.Shorter {
			t.Errorf("ranges %v: a new trace was not noticed: %+v", ranges, end)
		}
	}
}

func TestTraceAndArchiveFailures(t *testing.T) {
	s := serve(t)
	s.contract()
	c := s.client(func(cfg *Config) { cfg.LongTimeout, cfg.Timeout = 300*time.Millisecond, 200*time.Millisecond })
	job := s.job(c)
	pe := PE{Element: Element{ID: "31", Self: s.URL + base + "/pes/31"}}
	s.do("GET "+base+"/pes/31/consolelog", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "some")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	var out bytes.Buffer
	if end, err := c.PEConsole(t.Context(), pe, TraceRange{}, &out); !errors.Is(err, ErrUnreachable) || end.Written != 4 || out.String() != "some" {
		t.Errorf("stalled: %+v, %v", end, err)
	}
	s.do("GET "+base+"/pes/31/applicationtrace", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Range", "bytes 3-9/10")
		w.WriteHeader(http.StatusPartialContent)
	})
	if _, err := c.PETrace(t.Context(), pe, TraceRange{From: 5}, &out); !errors.Is(err, ErrMalformed) {
		t.Errorf("other range than asked for: %v", err)
	}
	s.on("GET "+base+"/jobs/12/applicationlogtrace", 200, strings.Repeat("z", 100))
	out.Reset()
	if n, err := c.LogArchive(t.Context(), job, 0, &out); err != nil || n != 100 || out.Len() != 100 {
		t.Errorf("archive: %d, %v", n, err)
	}
	if _, err := c.LogArchive(t.Context(), job, 50, &out); !errors.Is(err, ErrMalformed) {
		t.Errorf("archive above the limit: %v", err)
	}
}

func TestJobMetricsBySnapshot(t *testing.T) {
	s := serve(t)
	s.contract()
	s.on("GET "+base+"/jobs/12", 200, with(t, example(t, "job"), "metricsSnapshot", strconv.Quote(s.URL+base+"/jobs/12/metricssnapshot")))
	s.on("GET "+base+"/jobs/12/metricssnapshot", 200, example(t, "metricssnapshot"))
	c := s.client()
	job := s.job(c)
	s.called()
	got, err := c.JobMetrics(t.Context(), job)
	if err != nil || !got.Snapshot || len(got.Operators) != 1 || got.Operators[0].PE != "31" {
		t.Fatalf("got %+v, %v", got, err)
	}
	value, ok := got.Operators[0].Output[0].Value("nTuplesSubmitted")
	if !ok || value.Value != 10 || value.Sampled.UnixMilli() != 1718000300000 || got.Operators[0].Metrics[0].Name != "relativeOperatorCost" {
		t.Errorf("metric %+v", value)
	}
	if calls := s.called(); !slices.Equal(calls, []string{"GET " + base + "/jobs/12/metricssnapshot?includeStatistics=true"}) {
		t.Errorf("calls %q", calls)
	}
	if got, err := c.JobMetrics(t.Context(), job, "Other"); err != nil || len(got.Operators) != 0 {
		t.Errorf("other operator: %+v, %v", got, err)
	}
	for _, body := range []string{`{"jobs":[]}`, `{"jobs":[{"id":"13","pes":[]}]}`, `{"pes":[{"operators":[{}]}]}`, `{"pes":[{"operators":[{"name":"a","outputPorts":[{"indexWithinOperator":0,"metrics":[{"name":"n","value":"x"}]}]}]}]}`, `{}`} {
		s.on("GET "+base+"/jobs/12/metricssnapshot", 200, body)
		if _, err := c.JobMetrics(t.Context(), job); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

func TestJobMetricsByList(t *testing.T) {
	s := serve(t)
	s.contract()
	at := base + "/jobs/12/operators/"
	operator := func(name string) string {
		return `{"name":"` + name + `","self":"https://h:9714` + at + name + `","pe":"https://h:9714` + base + `/pes/31","inputPorts":"https://h:9714` + at + name +
			`/inputports","outputPorts":"https://h:9714` + at + name + `/outputports","metrics":"https://h:9714` + at + name + `/metrics"}`
	}
	s.on("GET "+base+"/operators", 200, `{"operators":[`+operator("Src")+`,`+operator("Sink")+`]}`)
	for _, name := range []string{"Src", "Sink"} {
		s.on("GET "+at+name+"/metrics", 200, `{"metrics":[],"total":0}`)
		s.on("GET "+at+name+"/inputports", 200, `{"inputPorts":[]}`)
		s.on("GET "+at+name+"/outputports", 200, `{"outputPorts":[]}`)
	}
	s.on("GET "+at+"Src/outputports", 200, `{"outputPorts":[{"indexWithinOperator":0,"name":"Out","streamName":"Out","metrics":"https://h:9714`+at+`Src/outputports/0/metrics"}]}`)
	s.on("GET "+at+"Src/outputports/0/metrics", 200, example(t, "metrics"))
	c := s.client()
	job := s.job(c)
	s.called()
	got, err := c.JobMetrics(t.Context(), job)
	if err != nil || got.Snapshot || len(got.Operators) != 2 || got.Operators[0].PE != "31" || len(got.Problems) != 0 {
		t.Fatalf("got %+v, %v", got, err)
	}
	if value, ok := got.Operators[0].Output[0].Value("nTuplesSubmitted"); !ok || value.Value != 1042 {
		t.Errorf("metric %+v", value)
	}
	first := len(s.called())
	if _, err = c.JobMetrics(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	if second := len(s.called()); first != 8 || second != 3 {
		t.Errorf("%d calls at first, %d then; want 8 and 3", first, second)
	}
	if _, err = c.JobMetrics(t.Context(), job, "Sink"); err != nil || len(s.called()) != 1 {
		t.Errorf("one operator costs more than one call: %v", err)
	}
	s.on("GET "+at+"Src/outputports/0/metrics", 404, "")
	if got, err = c.JobMetrics(t.Context(), job); err != nil || len(got.Problems) != 1 || !errors.Is(got.Problems[0], ErrNotFound) {
		t.Errorf("one port gone: %+v, %v", got, err)
	}
	s.Close()
	if _, err = c.JobMetrics(t.Context(), job); !errors.Is(err, ErrUnreachable) {
		t.Errorf("service gone: %v", err)
	}
}
