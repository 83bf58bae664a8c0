package adapter

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// stream serves one text a connection, and ends the connection behind all but the last.
func stream(t *testing.T, texts ...string) (url string, ids func() []string) {
	t.Helper()
	var mu sync.Mutex
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		seen = append(seen, r.Header.Get("Last-Event-ID"))
		n := len(seen)
		mu.Unlock()
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		_, _ = fmt.Fprint(w, texts[min(n, len(texts))-1])
		w.(http.Flusher).Flush()
		if n >= len(texts) {
			<-r.Context().Done()
		}
	}))
	t.Cleanup(server.CloseClientConnections)
	t.Cleanup(server.Close)
	return server.URL, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(seen)
	}
}

// Events of the asked name are results; others, comments and half an event are not.
func TestServerSentEventsAreResults(t *testing.T) {
	url, _ := stream(t, "\xef\xbb\xbf: a comment\ndata: one\n\nevent: other\ndata: no\n\ndata: two\ndata:  lines\nretry: 5\n\r\ndata\n\nid: 7\n\ndata: half")
	_, r, stop := followOut(t, "http-sse", Values{"url": url, "retry": "1ms"})
	r.untilTexts(t, "one", "two\n lines", "")
	if gaps := r.gapsSeen(); len(gaps) != 1 {
		t.Errorf("gaps beside the time before the stream: %v", gaps)
	}
	stop()
}

// A lost connection may have missed something, unless the server goes on where we were; what it sends again is given once.
func TestServerSentEventsThroughALostConnection(t *testing.T) {
	for _, c := range []struct {
		resumes string
		gaps    int
	}{{"false", 2}, {"true", 1}} { // one of them before the stream
		url, ids := stream(t, "id: 1\ndata: one\n\nid: 2\ndata: two\n\n", "id: 2\ndata: two\n\nid: 3\ndata: three\n\n")
		_, r, stop := followOut(t, "http-sse", Values{"url": url, "retry": "1ms", "resumes": c.resumes})
		r.untilTexts(t, "one", "two", "three")
		if gaps := r.gapsSeen(); len(gaps) != c.gaps {
			t.Errorf("resumes %s: gaps %v", c.resumes, gaps)
		}
		if got := ids(); !slices.Equal(got, []string{"", "2"}) {
			t.Errorf("it connected with the ids %q", got)
		}
		stop()
	}
}

func TestServerSentEventsThatAreNone(t *testing.T) {
	for text, says := range map[string]string{"<html>": "a web page", "just text": "no event stream"} {
		out, err := find(t, "http-sse").OpenOut(t.Context(), Opening{Site: "dc1", Values: Values{"url": script(t, body(text))}})
		if err != nil {
			t.Fatal(err)
		}
		if err := out.Receive(t.Context(), &received{news: make(chan struct{}, 1)}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
		if err := out.Close(); err != nil {
			t.Error(err)
		}
	}
}

// FuzzEventStream cuts a stream anywhere: what it says does not depend on how it arrives.
func FuzzEventStream(f *testing.F) {
	for _, text := range []string{"data: one\n\ndata: two\r\n\r\n", "\xef\xbb\xbfevent: x\rid: 1\rdata:a\rdata:b\r\r", ":\n\n\n", "data\n\nid\n\n", "\xef\xbb"} {
		for _, cut := range []int{0, 1, 2, 5} {
			f.Add([]byte(text), cut)
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, cut int) {
		if len(text) > 1<<16 {
			return
		}
		list := func(events []sentEvent) (out []string) {
			for _, e := range events {
				out = append(out, fmt.Sprintf("%q %q %v %q", e.name, e.id, e.hasID, e.data))
			}
			return out
		}
		var whole, parts eventParser
		want := list(whole.take(text))
		at := max(0, min(cut, len(text)))
		got := append(list(parts.take(text[:at:at])), list(parts.take(text[at:]))...)
		if !slices.Equal(got, want) {
			t.Fatalf("cut at %d: %q, whole: %q", at, got, want)
		}
	})
}
