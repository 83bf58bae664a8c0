package adapter

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// script answers one request after the other, and repeats the last answer.
func script(t *testing.T, answers ...func(http.ResponseWriter)) string {
	t.Helper()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		at := min(int(asked.Add(1)), len(answers))
		answers[at-1](w)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func body(text string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { _, _ = fmt.Fprint(w, text) }
}

func status(code int) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { w.WriteHeader(code) }
}

// A buffer that is asked for again and again gives each result once, also where it shifts.
func TestPollGivesWhatIsNew(t *testing.T) {
	url := script(t, body(`{"data":[{"n":1},{"n":2}]}`), body(`{"data":[{"n":1},{"n":2}]}`), status(http.StatusServiceUnavailable),
		body(`{"data":[{"n":2},{"n":3},{"n":4}]}`))
	_, r, _ := followOut(t, "http-poll", Values{"url": url, "interval": "1ms", "items": "json:/data"})
	r.untilTexts(t, `{"n":1}`, `{"n":2}`, `{"n":3}`, `{"n":4}`)
	if gaps := r.gapsSeen(); len(gaps) > 0 {
		t.Errorf("gaps: %v", gaps)
	}
}

// A buffer that holds nothing of what it held before has been run over: what was in between is not known.
func TestPollOfABufferThatWasRunOver(t *testing.T) {
	url := script(t, body("1\n2\n"), body("8\r\n9\n"))
	_, r, _ := followOut(t, "http-poll", Values{"url": url, "interval": "1ms", "items": "lines"})
	r.untilTexts(t, "1", "2", "8", "9")
	if gaps := r.gapsSeen(); len(gaps) != 1 || gaps[0].Until.Before(gaps[0].From) {
		t.Errorf("gaps: %v", gaps)
	}
}

// Answers that are consumed hold new results each time; one that was lost took its results along.
func TestPollOfAnswersThatAreConsumed(t *testing.T) {
	url := script(t, body(`["a","a"]`), status(http.StatusBadGateway), status(http.StatusNoContent), body(`["a"]`), status(http.StatusNoContent))
	_, r, _ := followOut(t, "http-poll", Values{"url": url, "interval": "1ms", "consuming": "true"})
	r.untilTexts(t, `"a"`, `"a"`, `"a"`)
	if gaps := r.gapsSeen(); len(gaps) != 1 {
		t.Errorf("gaps: %v", gaps)
	}
}

// An address that does not answer any more is a gap up to the end, although nobody ever learns what it held.
func TestPollOfAnAddressThatIsGone(t *testing.T) {
	url := script(t, body(`["a"]`), status(http.StatusBadGateway), status(http.StatusBadGateway), status(http.StatusBadGateway))
	_, r, stop := followOut(t, "http-poll", Values{"url": url, "interval": "5ms"})
	r.untilTexts(t, `"a"`)
	time.Sleep(50 * time.Millisecond) // of three answers that say nothing
	stop()
	if gaps := r.gapsSeen(); len(gaps) != 1 || !gaps[0].Until.After(gaps[0].From) {
		t.Errorf("gaps: %v", gaps)
	}
}

// What asking again does not mend ends it: a refused login, and parameters that mean nothing.
func TestPollThatCannotWork(t *testing.T) {
	out, err := find(t, "http-poll").OpenOut(t.Context(), Opening{Site: "dc1", Values: Values{"url": script(t, status(http.StatusUnauthorized)), "interval": "1ms"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Receive(t.Context(), &received{news: make(chan struct{}, 1)}); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("%v", err)
	}
	if err := out.Close(); err != nil {
		t.Error(err)
	}
	for _, rule := range []string{"xml:/a", "json:a", "json:/~9"} {
		if _, err := find(t, "http-poll").OpenOut(t.Context(), Opening{Site: "dc1", Values: Values{"url": "http://127.0.0.1/", "items": rule}}); err == nil || !strings.Contains(err.Error(), rule) {
			t.Errorf("%s: %v", rule, err)
		}
	}
}

// What a second look at a buffer has beyond the first, checked against every way in which a buffer can move on.
func TestNewerIsWhatFollows(t *testing.T) {
	all := make([][]byte, 12)
	for i := range all {
		all[i] = fmt.Appendf(nil, "item %d", i)
	}
	for from := range 6 {
		for to := from; to <= 6; to++ {
			for from2 := from; from2 <= 12; from2++ {
				for to2 := max(from2, to); to2 <= 12; to2++ {
					got, joined := newer(all[from:to], all[from2:to2])
					want, wantJoined := all[max(to, from2):to2], to == from || from2 < to
					if joined != wantJoined || !slices.EqualFunc(got, want, func(a, b []byte) bool { return string(a) == string(b) }) {
						t.Fatalf("[%d:%d] then [%d:%d]: %q, %v; want %q, %v", from, to, from2, to2, got, joined, want, wantJoined)
					}
				}
			}
		}
	}
}
