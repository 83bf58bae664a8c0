package adapter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crossdc/failover/support/traffic"
)

// endpoint answers and keeps what it was sent.
type endpoint struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	heads  []http.Header
}

func serve(t *testing.T, answer http.HandlerFunc) *endpoint {
	t.Helper()
	e := new(endpoint)
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e.mu.Lock()
		e.bodies, e.heads = append(e.bodies, r.Method+" "+string(body)), append(e.heads, r.Header.Clone())
		e.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *endpoint) got() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.bodies)
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestHTTPBodies(t *testing.T) {
	for join, want := range map[string][]string{
		"lines": {"PUT 1\n2", "PUT 3"}, "array": {"PUT [1,2]", "PUT [3]"}, "items": {`PUT {"items":[1,2]}`, `PUT {"items":[3]}`},
	} {
		e := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
		in := openIn(t, "http", Values{
			"url": e.URL + "/ctx/ports/output/0/inject", "method": "PUT", "batch": "2", "join": join, "headers": "X-One: 1\nX-Two: 2", "content_type": "text/plain",
			"user": "me", "password_file": file(t, "pass\n"), "header_file": file(t, "X-Key: hidden"),
		})
		outcomes, _ := send(t, in, "1", "2", "3")
		wantOutcomes(t, outcomes, Acknowledged, Acknowledged, Acknowledged)
		if got := e.got(); !slices.Equal(got, want) {
			t.Errorf("%s: %q", join, got)
		}
		h := e.heads[0]
		if h.Get("X-One") != "1" || h.Get("X-Two") != "2" || h.Get("X-Key") != "hidden" || h.Get("Content-Type") != "text/plain" || h.Get("Authorization") != "Basic bWU6cGFzcw==" {
			t.Errorf("%v", h)
		}
	}
}

// TestHTTPOutcomes: each event is sent once, whatever the answer, also by what net/http does behind our back.
func TestHTTPOutcomes(t *testing.T) {
	say := func(status int, body string, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if len(header) > 0 {
				w.Header().Set(header[0], header[1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, test := range map[string]struct {
		answer      http.HandlerFunc
		single, two Outcome
	}{
		"taken":           {say(200, `{"n":1}`), Acknowledged, Unknown},
		"all taken":       {say(200, `{"n":2}`), Unknown, Acknowledged},
		"none taken":      {say(200, `{"n":0}`), Refused, Refused},
		"no number":       {say(200, `hello`), Unknown, Unknown},
		"bad request":     {say(400, ``), Refused, Unknown},
		"unprocessable":   {say(422, ``), Refused, Unknown},
		"timed out there": {say(408, ``), Unknown, Unknown},
		"login":           {say(401, ``), Refused, Refused},
		"gone":            {say(404, ``), Refused, Refused},
		"too large":       {say(413, ``), Refused, Refused},
		"busy":            {say(503, ``, "Retry-After", "1"), Refused, Refused},
		"busy unsaid":     {say(503, ``), Unknown, Unknown},
		"gateway":         {say(502, ``), Unknown, Unknown},
		"server error":    {say(500, ``), Unknown, Unknown},
		"redirect":        {say(307, ``, "Location", "/elsewhere"), Unknown, Unknown},
		"connection lost": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, Unknown, Unknown},
		"no answer":       {hang, Unknown, Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			e := serve(t, test.answer)
			for batch, want := range map[int]Outcome{1: test.single, 2: test.two} {
				in := openIn(t, "http", Values{"url": e.URL, "batch": "2", "accepted": "json:/n", "headers": "Idempotency-Key: x"})
				before := len(e.got())
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				outcomes, _ := sendWithin(t, ctx, in, bodies([]string{"1", "2"}[:batch]...))
				cancel()
				wantOutcomes(t, outcomes, slices.Repeat([]Outcome{want}, batch)...)
				if n := len(e.got()) - before; n != 1 {
					t.Errorf("sent %d times", n)
				}
			}
		})
	}
}

// TestHTTPDoesNotRepeatOnADyingConnection: the server takes a request on a connection that was used before and cuts it without an answer. net/http
// would send a request with an Idempotency-Key again.
func TestHTTPDoesNotRepeatOnADyingConnection(t *testing.T) {
	var n int
	e := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if n++; n > 1 {
			panic(http.ErrAbortHandler)
		}
	})
	in := openIn(t, "http", Values{"url": e.URL, "headers": "Idempotency-Key: x"})
	outcomes, _ := send(t, in, "1")
	wantOutcomes(t, outcomes, Acknowledged)
	outcomes, _ = send(t, in, "2")
	wantOutcomes(t, outcomes, Unknown)
	if got := e.got(); !slices.Equal(got, []string{"POST 1", "POST 2"}) {
		t.Errorf("%q", got)
	}
}

func TestHTTPKeepsKeysInOrderInParallel(t *testing.T) {
	e := serve(t, func(http.ResponseWriter, *http.Request) {
		time.Sleep(time.Duration(rand.IntN(2000)) * time.Microsecond)
	})
	in := openIn(t, "http", Values{"url": e.URL, "parallel": "8"})
	var events []Event
	for i := range 120 {
		events = append(events, Event{Key: fmt.Appendf(nil, "k%d", i%6), Body: fmt.Appendf(nil, "k%d %03d", i%6, i)})
	}
	outcomes, err := sendWithin(t, t.Context(), in, events)
	if err != nil || slices.ContainsFunc(outcomes, func(o Outcome) bool { return o != Acknowledged }) {
		t.Fatal(outcomes, err)
	}
	got := e.got()
	if len(got) != len(events) {
		t.Fatalf("%d requests for %d events", len(got), len(events))
	}
	slices.SortStableFunc(got, func(a, b string) int { return strings.Compare(a[:7], b[:7]) })
	if !slices.IsSorted(got) {
		t.Errorf("a key's events are out of order: %q", got)
	}
}

func TestHTTPVerifiesCertificates(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	outcomes, err := send(t, openIn(t, "http", Values{"url": server.URL}), "1")
	wantOutcomes(t, outcomes, Unknown) // conservative: that no byte of the request left is not what the error says
	if err == nil {
		t.Error("an unknown certificate is accepted")
	}
	outcomes, err = send(t, openIn(t, "http", Values{"url": server.URL, "insecure_skip_verify": "true"}), "1")
	wantOutcomes(t, outcomes, Acknowledged)
	if err != nil {
		t.Error(err)
	}
}

// TestSinkCarriesOutcomes: the generator learns of each event what became of it.
func TestSinkCarriesOutcomes(t *testing.T) {
	body, _ := NewTemplate("{{number}}")
	way := scripted{outcomes: []Outcome{Acknowledged, Sent}}
	sink, err := NewSink(Templates{Body: body, Numbering: Numbering{Sites: [2]string{"dc1", "dc2"}}, Random: rand.New(rand.NewPCG(1, 1))}, map[string]In{"dc1": &way})
	if err != nil {
		t.Fatal(err)
	}
	events := []traffic.Event{{DC: "dc1", Seq: 1}, {DC: "dc1", Channel: 1, Seq: 1}}
	partly := new(traffic.MixedError)
	if err := sink.Inject(t.Context(), "dc1", events); !errors.As(err, &partly) || way.sent != "1 3 " || partly.Fates[0] != traffic.FateAccepted || partly.Fates[1] != traffic.FateSent {
		t.Errorf("%v, sent %q", err, way.sent)
	}
	way = scripted{outcomes: []Outcome{Acknowledged, Acknowledged}}
	if err := sink.Inject(t.Context(), "dc1", events); err != nil {
		t.Error(err)
	}
	way = scripted{outcomes: []Outcome{Refused, Refused}, err: io.EOF}
	if err := sink.Inject(t.Context(), "dc1", events); !errors.Is(err, traffic.ErrRefused) || !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	way = scripted{outcomes: []Outcome{Refused, Unknown}, err: io.EOF}
	mixed := new(traffic.MixedError)
	if err := sink.Inject(t.Context(), "dc1", events); !errors.As(err, &mixed) || errors.Is(err, traffic.ErrRefused) || mixed.Fates[0] != traffic.FateRefused || mixed.Fates[1] != traffic.FateUnknown {
		t.Error(err)
	}
	way = scripted{} // says nothing
	if err := sink.Inject(t.Context(), "dc1", events); err == nil || errors.Is(err, traffic.ErrRefused) {
		t.Error(err)
	}
	if err := sink.Inject(t.Context(), "dc2", events); !errors.Is(err, traffic.ErrRefused) {
		t.Error(err)
	}
}

type scripted struct {
	outcomes []Outcome
	err      error
	sent     string
}

func (s *scripted) Send(_ context.Context, events []Event) ([]Outcome, error) {
	for _, e := range events {
		s.sent += string(e.Body) + " "
	}
	return s.outcomes, s.err
}

func (s *scripted) Close() error { return nil }
