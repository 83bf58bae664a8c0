package streams

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

const password = "Sw0rdf!sh"

// service is a TLS server of canned answers. Links of the contract's examples (https://h:9714) become its own.
type service struct {
	*httptest.Server
	t *testing.T

	mu      sync.Mutex
	answers map[string]http.HandlerFunc // "GET /path"
	calls   []string                    // "GET /path?query body"
}

func serve(t *testing.T) *service {
	t.Helper()
	s := &service{t: t, answers: map[string]http.HandlerFunc{}}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.handle))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *service) handle(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	call := r.Method + " " + r.URL.EscapedPath()
	answer := s.answers[call]
	if r.URL.RawQuery != "" {
		call += "?" + r.URL.RawQuery
	}
	s.calls = append(s.calls, strings.TrimSpace(call+" "+string(body)))
	s.mu.Unlock()
	if user, got, ok := r.BasicAuth(); !ok || user != "streamsadmin" || got != password {
		w.Header().Set("WWW-Authenticate", `Basic realm="Streams"`)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if answer == nil {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"messages":[{"id":"CDISW5000E","message":"CDISW5000E The resource with the job resourceType and restid 99 cannot be found."}]}`)
		return
	}
	answer(w, r)
}

// on answers a call with a status and a body.
func (s *service) on(call string, status int, body string, header ...string) {
	s.do(call, func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], s.own(header[i+1]))
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, s.own(body))
	})
}

func (s *service) do(call string, answer http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[call] = answer
}

func (s *service) own(text string) string {
	return strings.NewReplacer("https://h:9714", s.URL, "https://streams.example:9714", s.URL).Replace(text)
}

// called gives the calls so far and forgets them.
func (s *service) called() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := s.calls
	s.calls = nil
	return calls
}

func (s *service) client(change ...func(*Config)) *Client {
	s.t.Helper()
	ca := filepath.Join(s.t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		s.t.Fatal(err)
	}
	cfg := Config{
		Root:   s.URL + "/streams/resources",
		Config: access.Config{User: "streamsadmin", Password: NewSecret(password), CAFile: ca, Timeout: 5 * time.Second},
	}
	for _, c := range change {
		c(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(c.CloseIdle)
	return c
}

func example(t testing.TB, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// contract fills the service with the contract's examples.
func (s *service) contract() {
	i := "/streams/instances/StreamsInstance"
	s.on("GET /streams/resources", 200, example(s.t, "root"))
	s.on("GET /streams/domains", 200, example(s.t, "domains"))
	s.on("GET /streams/domains/StreamsDomain", 200, `{"id":"StreamsDomain","status":"running","resources":"https://h:9714/streams/domains/StreamsDomain/resources"}`)
	s.on("GET /streams/domains/StreamsDomain/resources", 200, `{"total":1,"resources":[`+example(s.t, "resource")+`]}`)
	s.on("GET /streams/instances", 200, `{"total":1,"instances":[`+example(s.t, "instance")+`]}`)
	s.on("GET "+i, 200, example(s.t, "instance"))
	s.on("GET "+i+"/jobs", 200, `{"total":1,"resourceType":"jobList","jobs":[`+example(s.t, "job")+`]}`)
	s.on("GET "+i+"/jobs/12", 200, example(s.t, "job"))
	s.on("GET "+i+"/pes", 200, `{"total":1,"pes":[`+example(s.t, "pe")+`]}`)
	s.on("GET "+i+"/pes/31", 200, example(s.t, "pe"))
	s.on("GET "+i+"/pes/31/metrics", 200, example(s.t, "metrics"))
}

func (s *service) instance(c *Client) Instance {
	s.t.Helper()
	instance, err := c.Instance(s.t.Context(), "StreamsInstance")
	if err != nil {
		s.t.Fatal(err)
	}
	return instance
}

func (s *service) job(c *Client) Job {
	s.t.Helper()
	job, err := c.Job(s.t.Context(), s.instance(c), "12")
	if err != nil {
		s.t.Fatal(err)
	}
	return job
}

// with replaces one property of a JSON object by a raw value, or removes it.
func with(t testing.TB, object, name, value string) string {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(object), &fields); err != nil {
		t.Fatal(err)
	}
	if value == "" {
		delete(fields, name)
	} else {
		fields[name] = json.RawMessage(value)
	}
	out, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
