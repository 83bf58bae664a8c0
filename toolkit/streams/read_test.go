package streams

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestContractExamplesAreRead(t *testing.T) {
	s := serve(t)
	s.contract()
	c := s.client()
	ctx := t.Context()
	root, err := c.Discover(ctx)
	if err != nil || root.Entries["instances"] != s.URL+"/streams/instances" || len(root.Entries) != 3 {
		t.Fatalf("root: %+v, %v", root, err)
	}
	domains, err := c.Domains(ctx)
	if err != nil || len(domains) != 1 || domains[0].ID != "StreamsDomain" || !domains[0].Status.Is(Running) {
		t.Errorf("domains: %+v, %v", domains, err)
	}
	instance := s.instance(c)
	if instance.Health != Healthy || instance.ProductVersion != "7.2.0.0" || instance.StartTime.UnixMilli() != 1718000100000 || instance.Links["peConnections"] == "" {
		t.Errorf("instance: %+v", instance)
	}
	again, err := c.ReloadInstance(ctx, instance)
	if err != nil || again.Self != instance.Self {
		t.Errorf("reload: %+v, %v", again, err)
	}
	job, err := c.JobByName(ctx, instance, "demo::Main_12")
	if err != nil || job.ID != "12" || job.Group != "default" || job.GenerationID != 1 || job.SubmitTime.UnixMilli() != 1718000200000 ||
		len(job.Parameters) != 1 || job.Parameters[0].Value != "25" || job.Parameters[0].Default != "10" {
		t.Errorf("job: %+v, %v", job, err)
	}
	if _, err := c.JobByName(ctx, instance, "other"); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown name: %v", err)
	}
	pes, err := c.PEs(ctx, job)
	if err != nil || len(pes) != 1 || pes[0].ProcessID != "20511" || pes[0].LaunchCount != 1 || !pes[0].Restartable || pes[0].StatusReason != ReasonNone {
		t.Fatalf("PEs: %+v, %v", pes, err)
	}
	if pid, ok := pes[0].PID(); !ok || pid != 20511 {
		t.Errorf("pid %d, %v", pid, ok)
	}
	metrics, err := c.PEMetrics(ctx, pes[0])
	if err != nil || len(metrics) != 2 || metrics[0].Value != 1042 || metrics[0].Kind != "counter" || metrics[0].Sampled.UnixMilli() != 1718000300000 {
		t.Errorf("metrics: %+v, %v", metrics, err)
	}
	resources, err := c.Resources(ctx, instance)
	if err != nil || len(resources) != 1 || resources[0].IPAddress != "192.0.2.10" || !slices.Equal(resources[0].Tags, []string{"application", "management"}) {
		t.Errorf("resources: %+v, %v", resources, err)
	}
	if _, err := c.Job(ctx, instance, "99"); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "CDISW5000E") {
		t.Errorf("unknown job: %v", err)
	}
	// The list of PEs is what the job links, with its filter, not a path of ours.
	if calls := s.called(); !slices.Contains(calls, "GET /streams/instances/StreamsInstance/pes?count=1000&job.restid=12") {
		t.Errorf("calls: %q", calls)
	}
}

func TestHostOnlyRootTriesTheKnownPaths(t *testing.T) {
	for _, path := range rootPaths {
		s := serve(t)
		s.on("GET "+path, 200, `{"resources":[{"name":"instances","resource":"https://h:9714/x/instances"}]}`)
		s.on("GET /x/instances", 200, `{"instances":[]}`)
		c := s.client(func(cfg *Config) { cfg.Root = strings.TrimPrefix(s.URL, "https://") })
		if found, err := c.Instances(t.Context()); err != nil || len(found) != 0 {
			t.Errorf("%s: %v, %v", path, found, err)
		}
	}
	s := serve(t)
	if _, err := s.client(func(cfg *Config) { cfg.Root = s.URL }).Discover(t.Context()); !errors.Is(err, ErrNotFound) {
		t.Errorf("no root: %v", err)
	}
	if calls := s.called(); len(calls) != len(rootPaths) {
		t.Errorf("calls: %q", calls)
	}
	c := s.client(func(cfg *Config) { cfg.Root, cfg.Password = s.URL, NewSecret("wrong") })
	if _, err := c.Discover(t.Context()); !errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrUnreachable) {
		t.Errorf("wrong password: %v", err)
	}
	if calls := s.called(); len(calls) != 1 {
		t.Errorf("a refused login was tried elsewhere: %q", calls)
	}
}

func TestLenientForms(t *testing.T) {
	job := example(t, "job")
	check := func(name, body string, good func(Job) bool) {
		t.Helper()
		got, err := decodeJob("", []byte(body))
		if err != nil || !good(got) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	check("number id", with(t, with(t, job, "id", "12"), "restid", "12"), func(j Job) bool { return j.ID == "12" && j.RestID == "12" })
	check("id of 64 bits", with(t, job, "id", "18446744073709551615"), func(j Job) bool { return j.ID == "18446744073709551615" })
	check("group URI", with(t, job, "jobGroup", `"https://h/streams/instances/i/jobgroups/my%2Fgroup"`), func(j Job) bool { return j.Group == "my/group" })
	check("odd case", with(t, job, "status", `"RUNNING"`), func(j Job) bool { return j.Status.Is(Running) && j.Status == "RUNNING" })
	check("two Ls", with(t, job, "status", `"Cancelling"`), func(j Job) bool { return j.Status.Is(Canceling) && !j.Status.Is(Canceled) })
	check("unknown status", with(t, job, "status", `"meditating"`), func(j Job) bool { return j.Status == "meditating" && !j.Status.Is(Running, Unknown) })
	check("null", with(t, job, "submitParameters", "null"), func(j Job) bool { return j.Parameters == nil })
	check("unknown property", with(t, job, "novelty", `{"a":[1]}`), func(j Job) bool { return j.ID == "12" })
	check("parameter values", with(t, job, "submitParameters", `[{"name":"n","value":7,"defaultValue":true,"values":["a",2]}]`),
		func(j Job) bool {
			return j.Parameters[0].Value == "7" && j.Parameters[0].Default == "true" && j.Parameters[0].Values[1] == "2"
		})
	instance, err := decodeInstance("", []byte(with(t, with(t, example(t, "instance"), "productVersion", ""), "activeVersion", `{"productVersion":"4.3.0"}`)))
	if err != nil || instance.ProductVersion != "4.3.0" {
		t.Errorf("activeVersion: %+v, %v", instance, err)
	}
	metric, err := decodeMetric("", []byte(`{"name":"n","value":9223372036854775807}`))
	if err != nil || metric.Value != 9223372036854775807 || !metric.Sampled.IsZero() {
		t.Errorf("large metric: %+v, %v", metric, err)
	}
	operator, err := decodeOperator("", []byte(`{"name":"Op[0]","logicalName":"Op","channel":0}`))
	if err != nil || operator.Channel != 0 {
		t.Errorf("operator: %+v, %v", operator, err)
	}
	if operator, _ = decodeOperator("", []byte(`{"name":"Op"}`)); operator.Channel != -1 {
		t.Errorf("channel outside of a parallel region: %d", operator.Channel)
	}
}

func TestMalformedAnswersNameFieldAndValue(t *testing.T) {
	job := example(t, "job")
	pe := example(t, "pe")
	for want, body := range map[string]string{
		"jobs[0].id: want a string or an integer, got boolean true": `{"jobs":[` + with(t, job, "id", "true") + `]}`,
		"jobs[0].id: want a string or an integer, got number 1.5":   `{"jobs":[` + with(t, job, "id", "1.5") + `]}`,
		"jobs[0].id is missing": `{"jobs":[{"name":"x"}]}`,
		`jobs[0].generationId: want a 64-bit integer, got string "a"`:      `{"jobs":[` + with(t, job, "generationId", `"a"`) + `]}`,
		"jobs[0].generationId: want a 64-bit integer, got number 1e30":     `{"jobs":[` + with(t, job, "generationId", "1e30") + `]}`,
		"jobs[0].status: want a string, got number 3":                      `{"jobs":[` + with(t, job, "status", "3") + `]}`,
		"jobs[0].self: want an absolute URI":                               `{"jobs":[` + with(t, job, "self", `"/jobs/12"`) + `]}`,
		"jobs[1]: want an object, got number 7":                            `{"jobs":[` + job + `,7]}`,
		"jobs: want an array, got object":                                  `{"jobs":{}}`,
		"jobs is missing":                                                  `{"total":0}`,
		"next: want a string, got number 2":                                `{"jobs":[],"next":2}`,
		"body: want an object, got array":                                  `[]`,
		"body is not JSON":                                                 `{"jobs":[` + job[:100],
		"body is empty":                                                    ``,
		"a web page in place of the service":                               `<html>`,
		"exceeded max depth":                                               `{"jobs":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`,
		"jobs[0].submitTime: want a 64-bit integer, got string \"2026-1\"": `{"jobs":[` + with(t, job, "submitTime", `"2026-1"`) + `]}`,
	} {
		s := serve(t)
		s.contract()
		s.on("GET /streams/instances/StreamsInstance/jobs", 200, body)
		c := s.client()
		_, err := c.Jobs(t.Context(), s.instance(c))
		var ours *Error
		if !errors.Is(err, ErrMalformed) || errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), want) || !errors.As(err, &ours) || ours.Status != 200 {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	for want, body := range map[string]string{
		"launchCount": with(t, pe, "launchCount", `"1"`), "health": with(t, pe, "health", `1`), "status is missing": with(t, pe, "status", ""), "processId": with(t, pe, "processId", "{}"),
	} {
		if _, err := decodePE("", []byte(body)); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	for _, body := range []string{`{"name":"n"}`, `{"value":1}`, `{"name":"n","value":1.0}`, `{"name":"n","value":"1"}`, `{"name":"n","value":9223372036854775808}`} {
		if _, err := decodeMetric("", []byte(body)); !errors.Is(err, ErrMalformed) {
			t.Errorf("metric %s: got %v", body, err)
		}
	}
}

func TestDecorationOfAnUnexpectedTypeIsLeftOut(t *testing.T) {
	job, pe := example(t, "job"), example(t, "pe")
	for _, value := range []string{`7`, `"x"`, `true`, `{"x":1}`, `[{}]`, `[1,"x"]`, `1.5`, `1e30`, `null`} {
		for _, name := range []string{"applicationVersion", "jobGroup", "startedBy", "productVersion", "submitParameters", "resourceType"} {
			if j, err := decodeJob("", []byte(with(t, job, name, value))); err != nil || j.ID != "12" || j.Name == "" {
				t.Errorf("job with %s %s: %+v %v", name, value, j, err)
			}
		}
		for _, name := range []string{
			"restartable", "relocatable", "resourceTags", "requiredConnections", "optionalConnections", "tracingLevel", "currentWorkingPath", "statusReason",
		} {
			if p, err := decodePE("", []byte(with(t, pe, name, value))); err != nil || p.ID == "" || p.Status == "" {
				t.Errorf("PE with %s %s: %+v %v", name, value, p, err)
			}
		}
		for _, name := range []string{"description", "metricKind", "metricType", "lastTimeRetrieved"} {
			if m, err := decodeMetric("", []byte(with(t, `{"name":"n","value":9007199254740993}`, name, value))); err != nil || m.Value != 9007199254740993 {
				t.Errorf("metric with %s %s: %+v %v", name, value, m, err)
			}
		}
		for _, name := range []string{"productVersion", "activeVersion", "owner", "creationTime", "startTime"} {
			if i, err := decodeInstance("", []byte(with(t, `{"id":"i","status":"running"}`, name, value))); err != nil || i.Status != Running {
				t.Errorf("instance with %s %s: %+v %v", name, value, i, err)
			}
		}
		for _, name := range []string{"logicalName", "operatorKind", "channel", "indexWithinJob"} {
			o, err := decodeOperator("", []byte(with(t, `{"name":"o"}`, name, value)))
			if err != nil || o.Name != "o" || name == "channel" && value != `7` && o.Channel != -1 {
				t.Errorf("operator with %s %s: %+v %v", name, value, o, err)
			}
		}
	}
}

func TestPagesAreFollowedOnceEach(t *testing.T) {
	s := serve(t)
	s.contract()
	jobs := "/streams/instances/StreamsInstance/jobs"
	element := func(n int) string {
		return fmt.Sprintf(`{"id":"%d","self":"https://h:9714%s/%d"}`, n, jobs, n)
	}
	s.do("GET "+jobs, func(w http.ResponseWriter, r *http.Request) {
		body := map[string]string{
			"":  `{"total":3,"jobs":[` + element(1) + `],"next":"https://h:9714` + jobs + `?count=1&page=2"}`,
			"2": `{"total":3,"jobs":[` + element(1) + `,` + element(2) + `],"next":"https://h:9714` + jobs + `?count=1&page=3","previous":"https://h:9714` + jobs + `"}`,
			"3": `{"total":3,"jobs":[` + element(3) + `]}`,
		}[r.URL.Query().Get("page")]
		_, _ = w.Write([]byte(s.own(body)))
	})
	c := s.client(func(cfg *Config) { cfg.PageSize = 1 })
	instance := s.instance(c)
	s.called()
	found, err := c.Jobs(t.Context(), instance)
	if err != nil || len(found) != 3 || found[0].ID != "1" || found[2].ID != "3" {
		t.Errorf("got %+v, %v", found, err)
	}
	if calls := s.called(); len(calls) != 3 || calls[0] != "GET "+jobs+"?count=1" {
		t.Errorf("calls %q", calls)
	}
	s.on("GET "+jobs, 200, `{"jobs":[`+element(1)+`],"next":"https://h:9714`+jobs+`?page=2"}`)
	if _, err := c.Jobs(t.Context(), instance); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), "do not end") {
		t.Errorf("endless pages: %v", err)
	}
	s.on("GET "+jobs, 200, `{"jobs":[],"next":"https://elsewhere.example/jobs"}`)
	if _, err := c.Jobs(t.Context(), instance); !errors.Is(err, ErrUntrustedHost) {
		t.Errorf("next elsewhere: %v", err)
	}
}

func TestMissingLinksFallBackToContractPaths(t *testing.T) {
	s := serve(t)
	s.contract()
	s.on("GET /streams/resources", 200, `{"resources":[]}`)
	s.on("GET /streams/instances", 200, `{"instances":[{"id":"StreamsInstance","status":"running","self":"https://h:9714/streams/instances/StreamsInstance"}]}`)
	c := s.client()
	instance := s.instance(c)
	if found, err := c.Jobs(t.Context(), instance); err != nil || len(found) != 1 {
		t.Errorf("jobs: %v, %v", found, err)
	}
	if link, err := below("https://h/a/b?c=d", "Comp.Op[0]/x y"); err != nil || link != "https://h/a/b/Comp.Op%5B0%5D%2Fx%20y" {
		t.Errorf("encoded path: %s, %v", link, err)
	}
	for _, id := range []string{"", ".."} {
		if _, err := c.Job(t.Context(), instance, id); !errors.Is(err, ErrRejected) {
			t.Errorf("job %q: %v", id, err)
		}
	}
}

func TestSlowBodyEndsWithTheTimeout(t *testing.T) {
	s := serve(t)
	s.contract()
	c := s.client(func(cfg *Config) { cfg.Timeout = 200 * time.Millisecond })
	instance := s.instance(c)
	s.do("GET /streams/instances/StreamsInstance/jobs", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(`{"jobs":[`))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	began := time.Now()
	_, err := c.Jobs(t.Context(), instance)
	var ours *Error
	if !errors.Is(err, ErrUnreachable) || !errors.As(err, &ours) || !ours.Timeout() || time.Since(began) > 2*time.Second {
		t.Errorf("after %v: %v", time.Since(began), err)
	}
}

func TestClientPrintsNoSecret(t *testing.T) {
	s := serve(t)
	c := s.client()
	_, err := s.client(func(cfg *Config) { cfg.Password = NewSecret("Wr0ngSecret") }).Discover(t.Context())
	text := fmt.Sprintf("%v %+v %#v %s %d %v %#v", c, c, c, c, c, err, err)
	for _, secret := range []string{password, "Wr0ngSecret"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s shows in %s", secret, text)
		}
	}
}
