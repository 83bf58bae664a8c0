package adapter

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
	"pgregory.net/rapid"

	"github.com/crossdc/failover/toolkit/access"
	"github.com/crossdc/failover/toolkit/exchange"
)

// dataService speaks the part of streams contract 3.3 that the adapter needs, with one endpoint of each direction and a sink that keeps three tuples.
type dataService struct {
	t      *testing.T
	server *httptest.Server
	client *exchange.Client

	mu       sync.Mutex
	buffer   []string
	sockets  []*websocket.Conn
	injected []string
	answer   func(w http.ResponseWriter, items int)
	replays  bool // a subscription begins with the buffer
	job      int
}

func startDataService(t *testing.T) *dataService {
	t.Helper()
	s := &dataService{t: t, job: 1}
	s.server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.server.Close)
	t.Cleanup(s.hangUp)
	var err error
	if s.client, err = exchange.New(exchange.Config{URL: s.server.URL + "/D", Config: access.Config{User: "u", Password: access.NewSecret("p"), Timeout: limit}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.client.CloseIdle)
	return s
}

func (s *dataService) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	job := fmt.Sprintf("/D/jobs/%d/", s.job)
	switch {
	case r.URL.Path == "/D":
		_, _ = fmt.Fprintf(w, `{"total":1,"jobs":[{"id":"%[2]d","name":"drill","inject":[{"operator":"Events","port":"E","uri":"%[1]s/D/jobs/%[2]d/inject"}],
			"inspect":[{"operator":"Results","port":"R","bufferSize":3,"uri":"%[1]s/D/jobs/%[2]d/inspect","webSocketUri":"%[3]s/D/jobs/%[2]d/inspect"}]}]}`,
			s.server.URL, s.job, strings.Replace(s.server.URL, "http", "ws", 1))
	case r.URL.Path == job+"inject":
		body, _ := io.ReadAll(r.Body)
		var request struct{ Items []json.RawMessage }
		if err := json.Unmarshal(body, &request); err != nil {
			s.t.Error(err)
		}
		if s.answer != nil {
			s.answer(w, len(request.Items))
			return
		}
		for _, item := range request.Items {
			s.injected = append(s.injected, string(item))
		}
		_, _ = fmt.Fprintf(w, `{"accepted":%d}`, len(request.Items))
	case r.URL.Path != job+"inspect":
		w.WriteHeader(http.StatusNotFound)
	case r.Header.Get("Upgrade") == "":
		_, _ = fmt.Fprintf(w, `{"items":[%s]}`, strings.Join(s.buffer, ","))
	default:
		socket, err := websocket.Accept(w, r, nil)
		if err != nil {
			s.t.Error(err)
			return
		}
		socket.CloseRead(context.Background())
		if s.replays {
			s.frame(socket, s.buffer...)
		}
		s.sockets = append(s.sockets, socket)
	}
}

func (s *dataService) frame(socket *websocket.Conn, items ...string) {
	_ = socket.Write(context.Background(), websocket.MessageText, []byte(`{"items":[`+strings.Join(items, ",")+`]}`)) // the client may be gone
}

func (s *dataService) tuple(items ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, item := range items {
		s.buffer = append(s.buffer, item)
		s.buffer = s.buffer[max(0, len(s.buffer)-3):]
		for _, socket := range s.sockets {
			s.frame(socket, item)
		}
	}
}

func (s *dataService) answers(answer func(http.ResponseWriter, int)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *dataService) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, socket := range s.sockets {
		_ = socket.CloseNow()
	}
	s.sockets = nil
}

func (s *dataService) listeners() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sockets)
}

func (s *dataService) open() Opening {
	return Opening{Site: "dc1", Exchange: s.client, Job: "drill", Run: "test"}
}

func (s *dataService) in() In {
	s.t.Helper()
	o := s.open()
	o.Values = Values{"endpoint": "Events"}
	in, err := find(s.t, "data-exchange").OpenIn(s.t.Context(), o)
	if err != nil {
		s.t.Fatal(err)
	}
	return in
}

// TestDataExchangeSaysWhatTheServiceTook: taken, refused, in part, or after a job was started anew.
func TestDataExchangeSaysWhatTheServiceTook(t *testing.T) {
	s := startDataService(t)
	in := s.in()
	outcomes, err := send(t, in, `{"n":1}`, `not JSON`, `{"n":2}`)
	wantOutcomes(t, outcomes, Acknowledged, Refused, Acknowledged)
	if err == nil || !strings.Contains(err.Error(), "data-exchange way into dc1") {
		t.Errorf("%v", err)
	}
	if !slices.Equal(s.injected, []string{`{"n":1}`, `{"n":2}`}) {
		t.Errorf("the service has %q", s.injected)
	}
	for name, test := range map[string]struct {
		answer func(http.ResponseWriter, int)
		want   Outcome
	}{
		"bad tuple": {func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusBadRequest) }, Refused},
		"full": {func(w http.ResponseWriter, _ int) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		}, Refused},
		"a proxy":     {func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusServiceUnavailable) }, Unknown},
		"in part":     {func(w http.ResponseWriter, _ int) { _, _ = io.WriteString(w, `{"accepted":1}`) }, Unknown},
		"none":        {func(w http.ResponseWriter, _ int) { _, _ = io.WriteString(w, `{"accepted":0}`) }, Refused},
		"no body":     {func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusNoContent) }, Acknowledged},
		"broken off":  {func(http.ResponseWriter, int) { panic(http.ErrAbortHandler) }, Unknown},
		"server gone": {func(w http.ResponseWriter, _ int) { w.WriteHeader(http.StatusInternalServerError) }, Unknown},
	} {
		s.answers(test.answer)
		if outcomes, _ := send(t, in, "1", "2"); !slices.Equal(outcomes, every(2, test.want)) {
			t.Errorf("%s: outcomes %v, want %v", name, outcomes, test.want)
		}
	}
	s.answers(nil)
	s.mu.Lock()
	s.job++ // the job was started anew and has other addresses
	s.mu.Unlock()
	outcomes, _ = send(t, in, "3")
	wantOutcomes(t, outcomes, Refused)
	outcomes, _ = send(t, in, "4")
	wantOutcomes(t, outcomes, Acknowledged)
}

// TestDataExchangeJoinsItsSubscriptions: what arrived while there was no subscription is read from the buffer; what the buffer had dropped by then is
// a gap, and so is a job that was started anew.
func TestDataExchangeJoinsItsSubscriptions(t *testing.T) {
	for _, replays := range []bool{false, true} {
		s := startDataService(t)
		s.replays = replays
		o := s.open()
		o.Values = Values{"endpoint": "Results"}
		out, err := find(t, "data-exchange").OpenOut(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		r := &received{news: make(chan struct{}, 1)}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- out.Receive(ctx, r) }()
		r.until(t, "the subscription", func() bool { return len(r.gapsSeen()) == 1 })
		eventually(t, "somebody listens", func() bool { return s.listeners() == 1 })
		s.tuple("1", "2", "3", "4")
		want := []string{"1", "2", "3", "4"}
		r.untilTexts(t, want...)

		away := func(items ...string) {
			s.hangUp()
			s.tuple(items...)
			eventually(t, "somebody listens again", func() bool { return s.listeners() == 1 })
		}
		away("5", "6")
		want = append(want, "5", "6")
		r.untilTexts(t, want...)
		s.tuple("7")
		want = append(want, "7")
		r.untilTexts(t, want...)
		if gaps := r.gapsSeen(); len(gaps) != 1 {
			t.Errorf("gaps %v although the buffer reached back", gaps)
		}
		away("8", "9", "10", "11") // the buffer drops 8
		want = append(want, "9", "10", "11")
		r.untilTexts(t, want...)
		r.until(t, "the gap of 8", func() bool { return len(r.gapsSeen()) == 2 })
		s.mu.Lock()
		s.job, s.buffer = 2, nil
		s.mu.Unlock()
		away()
		r.until(t, "the gap of the former job", func() bool { return len(r.gapsSeen()) == 3 })
		s.tuple("12")
		r.untilTexts(t, append(want, "12")...)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestDataExchangeNamesWhatIsWrong(t *testing.T) {
	a := find(t, "data-exchange")
	if _, err := a.OpenIn(t.Context(), Opening{Site: "dc1", Values: Values{"endpoint": "Events"}}); err == nil || !strings.Contains(err.Error(), "CROSSDC_DC1_DATA_URL") {
		t.Errorf("%v", err)
	}
	o := startDataService(t).open()
	o.Values = Values{"endpoint": "/E"}
	if _, err := a.OpenOut(t.Context(), o); err == nil || !strings.Contains(err.Error(), `"/E"`) {
		t.Errorf("%v", err)
	}
}

// TestSeamGivesEachResultOnce: whatever of the buffer a new subscription repeats, and in whatever frames, each result is given once and in order.
func TestSeamGivesEachResultOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []json.RawMessage
		for i := range rapid.IntRange(1, 60).Draw(t, "results") {
			all = append(all, json.RawMessage(fmt.Sprint(i)))
		}
		size := rapid.IntRange(1, 20).Draw(t, "buffer")
		s := seam{}
		var got [][]byte
		at := 0
		for at < len(all) {
			if s.begin(size) {
				now := rapid.IntRange(at, min(at+size-1, len(all))).Draw(t, "buffer's end") // it reaches back
				fresh, joined := s.catchUp(all[max(0, now-size):now])
				if !joined {
					t.Fatalf("%d results known, the buffer ends at %d and holds %d: no seam", at, now, size)
				}
				got = append(got, fresh...)
				at = rapid.IntRange(max(0, now-size), now).Draw(t, "subscription begins at")
			}
			end := rapid.IntRange(max(at, len(got)), len(all)).Draw(t, "subscription ends at")
			for at < end {
				n := rapid.IntRange(1, end-at).Draw(t, "frame")
				got = append(got, s.pass(all[at:at+n])...)
				at += n
			}
			if at = len(got); at == len(all) {
				break
			}
		}
		if !slices.EqualFunc(got, all, func(a []byte, b json.RawMessage) bool { return string(a) == string(b) }) {
			t.Fatalf("got %q", got)
		}
	})
}
