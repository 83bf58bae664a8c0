package adapter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// limit bounds every wait of these tests; none of them lasts that long unless something is wrong.
const limit = 15 * time.Second

func find(t testing.TB, name string) Adapter {
	t.Helper()
	a, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func openIn(t testing.TB, name string, values Values) In {
	t.Helper()
	in, err := find(t, name).OpenIn(t.Context(), Opening{Site: "dc1", Values: values, Run: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return in
}

// received is what an Out gave.
type received struct {
	mu      sync.Mutex
	results []Result
	gaps    []Gap
	news    chan struct{}
}

func (r *received) Results(results []Result) {
	r.mu.Lock()
	r.results = append(r.results, results...)
	r.mu.Unlock()
	r.tell()
}

func (r *received) Gap(gap Gap) {
	r.mu.Lock()
	r.gaps = append(r.gaps, gap)
	r.mu.Unlock()
	r.tell()
}

func (r *received) tell() {
	select {
	case r.news <- struct{}{}:
	default:
	}
}

func (r *received) texts() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]string, len(r.results))
	for i, result := range r.results {
		out[i] = string(result.Bytes)
		if result.Earliest.After(result.Latest) || result.Latest.IsZero() {
			out[i] += fmt.Sprintf(" arrived between %v and %v", result.Earliest, result.Latest)
		}
	}
	return out
}

func (r *received) gapsSeen() []Gap {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.gaps)
}

// until waits for a condition over what was received.
func (r *received) until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(limit)
	for !holds() {
		select {
		case <-r.news:
		case <-deadline:
			t.Fatalf("not within %v: %s; received %q, gaps %v", limit, what, r.texts(), r.gapsSeen())
		}
	}
}

func (r *received) untilTexts(t testing.TB, want ...string) {
	t.Helper()
	r.until(t, fmt.Sprintf("results %q", want), func() bool { return len(r.texts()) >= len(want) })
	if got := r.texts(); !slices.Equal(got, want) {
		t.Fatalf("results %q, want %q", got, want)
	}
}

// follow opens a way out and receives until the test ends or stop is called.
func followOut(t testing.TB, name string, values Values) (out Out, r *received, stop func()) {
	t.Helper()
	out, err := find(t, name).OpenOut(t.Context(), Opening{Site: "dc1", Values: values, Run: "test"})
	if err != nil {
		t.Fatal(err)
	}
	r = &received{news: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- out.Receive(ctx, r) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("receive: %v", err)
			}
		case <-time.After(limit):
			t.Error("receive does not end with its context")
		}
		if err := out.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	t.Cleanup(stop)
	return out, r, stop
}

func bodies(texts ...string) []Event {
	events := make([]Event, len(texts))
	for i, text := range texts {
		events[i].Body = []byte(text)
	}
	return events
}

// send sends and checks that the error says what the outcomes say.
func send(t testing.TB, in In, events ...string) ([]Outcome, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	return sendWithin(t, ctx, in, bodies(events...))
}

func sendWithin(t testing.TB, ctx context.Context, in In, events []Event) ([]Outcome, error) {
	t.Helper()
	outcomes, err := in.Send(ctx, events)
	if len(outcomes) != len(events) {
		t.Fatalf("%d outcomes for %d events", len(outcomes), len(events))
	}
	bad := slices.ContainsFunc(outcomes, func(o Outcome) bool { return o == Refused || o == Unknown })
	if bad != (err != nil) {
		t.Errorf("outcomes %v with error %v", outcomes, err)
	}
	return outcomes, err
}

func wantOutcomes(t testing.TB, got []Outcome, want ...Outcome) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("outcomes %v, want %v", got, want)
	}
}

// eventually asks again and again what no event tells.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}

func TestAdaptersAreWellDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range Table() {
		if a.Name == "" || a.Summary == "" || seen[a.Name] || a.In == nil && a.Out == nil {
			t.Errorf("adapter %q: name, summary and a way are needed, and the name once", a.Name)
		}
		seen[a.Name] = true
		names := map[string]bool{}
		for _, p := range a.Parameters {
			if p.Name == "" || p.Doc == "" || p.Way == 0 || names[p.Name] || p.Name != strings.ToLower(p.Name) {
				t.Errorf("adapter %s: parameter %q", a.Name, p.Name)
			}
			names[p.Name] = true
			if p.Default != "" {
				if err := p.form(p.Default); err != nil {
					t.Errorf("adapter %s: the default of %s: %v", a.Name, p.Name, err)
				}
			}
		}
		for _, way := range []Way{WayIn, WayOut} {
			if err := a.Check(way, Values{"nonsense": "1"}); err == nil || !strings.Contains(err.Error(), `"nonsense"`) {
				t.Errorf("adapter %s takes anything: %v", a.Name, err)
			}
		}
	}
	if _, err := Find("carrier-pigeon"); err == nil || !strings.Contains(err.Error(), "tcp-listen") {
		t.Errorf("%v", err)
	}
}

func TestParametersAreChecked(t *testing.T) {
	a := find(t, "http")
	for _, test := range []struct {
		values Values
		say    string
	}{
		{Values{}, `"url" is missing`},
		{Values{"url": "http://10.0.0.1/x"}, "allow_plain_http"},
		{Values{"url": "http://u:p@127.0.0.1/x"}, "credentials"},
		{Values{"url": "http://127.0.0.1/", "batch": "-1"}, `"-1"`},
		{Values{"url": "http://127.0.0.1/", "batch": "0"}, `"0" is no whole number between 1 and 2147483647`},
		{Values{"url": "http://127.0.0.1/", "parallel": "257"}, `"257" is no whole number between 1 and 256`},
		{Values{"url": "http://127.0.0.1/", "join": "xml"}, "lines, array, items"},
		{Values{"url": "http://127.0.0.1/", "insecure_skip_verify": "yes"}, "true nor false"},
		{Values{"url": "http://127.0.0.1/", "password_file": "/does/not/exist"}, "cannot be read"},
		{Values{"url": "http://127.0.0.1/", "headers": "X"}, "line 1"},
		{Values{"url": "http://127.0.0.1/", "headers": "Authorization: x"}, "token_file"},
		{Values{"url": "http://127.0.0.1/", "accepted": "xml:/"}, `"accepted"`},
	} {
		_, err := a.OpenIn(t.Context(), Opening{Site: "dc1", Values: test.values})
		if err == nil || !strings.Contains(err.Error(), test.say) || !strings.Contains(err.Error(), "http way into dc1") {
			t.Errorf("%v: %v, want %q", test.values, err, test.say)
		}
	}
	if _, err := find(t, "tcp").OpenOut(t.Context(), Opening{Values: Values{"address": "nowhere"}}); err == nil || !strings.Contains(err.Error(), `"nowhere"`) {
		t.Errorf("%v", err)
	}
}
