package exchange

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

type event struct {
	DC  string `json:"dc"`
	Seq uint64 `json:"seq"`
}

// appended encodes without reflection.
type appended []event

func (a appended) AppendItems(dst []byte) ([]byte, int, error) {
	dst = append(dst, '[')
	for i, e := range a {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = fmt.Appendf(dst, `{"dc":%q,"seq":%d}`, e.DC, e.Seq)
	}
	return append(dst, ']'), len(a), nil
}

func TestInjectBodies(t *testing.T) {
	const large = 18446744073709551615
	two := `{"items":[{"dc":"dc1","seq":18446744073709551615},{"dc":"dc2","seq":2}]}`
	one := `{"items":[{"dc":"dc1","seq":18446744073709551615}]}`
	events := []event{{"dc1", large}, {"dc2", 2}}
	for name, trial := range map[string]struct {
		items any
		body  string
		n     int
	}{
		"slice":        {events, two, 2},
		"pointer":      {&events, two, 2},
		"array":        {[2]event(events), two, 2},
		"one":          {events[0], one, 1},
		"appender":     {appended(events), two, 2},
		"raw array":    {json.RawMessage(` [{"dc":"dc1","seq":18446744073709551615},{"dc":"dc2","seq":2}]`), two, 2},
		"raw object":   {json.RawMessage(`{"dc":"dc1","seq":18446744073709551615}`), one, 1},
		"raw elements": {[]json.RawMessage{[]byte(`{"dc":"dc1","seq":18446744073709551615}`)}, one, 1},
		"empty":        {[]event{}, `{"items":[]}`, 0},
	} {
		var got string
		server, c := serve(t, func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got = string(body)
		})
		out, err := c.Inject(t.Context(), Endpoint{URI: server.URL + "/inject"}, trial.items)
		if err != nil || got != trial.body || out.Accepted != trial.n || out.Stated {
			t.Errorf("%s: sent %s, got %+v, %v", name, got, out, err)
		}
	}
	_, c := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("sent") })
	for _, items := range []any{nil, func() {}, json.RawMessage(`{"a":`), json.RawMessage(``), make(chan int)} {
		if _, err := c.Inject(t.Context(), Endpoint{URI: c.access.Base().String()}, items); err == nil {
			t.Errorf("%T: no error", items)
		}
	}
	if _, err := c.Inject(t.Context(), Endpoint{}, events); !errors.Is(err, ErrMalformed) {
		t.Errorf("no address: %v", err)
	}
}

func TestInjectAnswers(t *testing.T) {
	for name, trial := range map[string]struct {
		status   int
		body     string
		want     error
		accepted int
		stated   bool
		warnings int
	}{
		"accepted":    {200, `{"accepted": 2}`, nil, 2, true, 0},
		"fewer":       {200, `{"accepted":1,"messages":[{"id":"X","message":"one dropped"}]}`, nil, 1, true, 1},
		"no content":  {204, ``, nil, 2, false, 0},
		"text":        {202, `thanks`, nil, 2, false, 0},
		"odd count":   {200, `{"accepted":-1}`, nil, 2, false, 0},
		"bad tuple":   {400, `{"messages":[{"message":"item 1: attribute seq"}]}`, ErrRejected, 0, false, 0},
		"gone":        {404, ``, ErrNotFound, 0, false, 0},
		"too many":    {413, ``, ErrTooLarge, 0, false, 0},
		"buffer full": {503, ``, ErrBusy, 0, false, 0},
	} {
		calls := 0
		server, c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			calls++
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(trial.status)
			_, _ = io.WriteString(w, trial.body)
		}, func(cfg *Config) { cfg.Retries = 3 })
		got, err := c.Inject(t.Context(), Endpoint{URI: server.URL}, []event{{"a", 1}, {"b", 2}})
		if trial.want != nil {
			var ours *Error
			if !errors.Is(err, trial.want) || !errors.As(err, &ours) || ours.RetryAfter != time.Second {
				t.Errorf("%s: %v", name, err)
			}
		} else if err != nil || got.Accepted != trial.accepted || got.Stated != trial.stated || len(got.Messages) != trial.warnings || got.Received.IsZero() {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if calls != 1 {
			t.Errorf("%s: injected %d times", name, calls)
		}
	}
}

func TestInspect(t *testing.T) {
	var query string
	body := `{"items":[{"dc":"dc1","seq":18446744073709551615},{"dc":"dc2","seq":9007199254740993}],"messages":[{"id":"W1","message":"start time precedes the oldest tuple"}]}`
	server, c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		query = r.URL.RawQuery
		_, _ = io.WriteString(w, body)
	})
	endpoint := Endpoint{URI: server.URL + "/inspect"}
	batch, err := c.Inspect(t.Context(), endpoint, InspectOptions{Since: time.UnixMilli(1718000300123), Max: 7, Wait: 1500 * time.Millisecond})
	if err != nil || len(batch.Items) != 2 || len(batch.Messages) != 1 || batch.Messages[0].ID != "W1" || batch.Received.IsZero() {
		t.Fatalf("got %+v, %v", batch, err)
	}
	if query != "maxItems=7&startTime=1718000300123&timeout=1500" {
		t.Errorf("query %s", query)
	}
	events, err := DecodeAll[event](batch.Items)
	if err != nil || events[0].Seq != 18446744073709551615 || events[1].Seq != 9007199254740993 {
		t.Errorf("digits lost: %+v, %v", events, err)
	}
	var open map[string]any
	if err := Decode(batch.Items[1], &open); err != nil || open["seq"] != json.Number("9007199254740993") {
		t.Errorf("open decoding: %v, %v", open, err)
	}
	if _, err := DecodeAll[event]([]json.RawMessage{[]byte(`{"seq":-1}`)}); !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), "item 0") {
		t.Errorf("negative seq: %v", err)
	}
	if _, err := c.Inspect(t.Context(), endpoint, InspectOptions{}); err != nil || query != "" {
		t.Errorf("no options: %q, %v", query, err)
	}
	for bad, want := range map[string]error{`{"items":{}}`: ErrMalformed, `{"items":[`: ErrMalformed, ``: ErrMalformed, `{}`: ErrMalformed, `3`: ErrMalformed, `[{"a":1}]`: nil, `{"items":[]}`: nil, `{"items":null}`: nil} {
		body = bad
		if _, err := c.Inspect(t.Context(), endpoint, InspectOptions{}); want == nil && err != nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: got %v", bad, err)
		}
	}
}

func TestDestructiveReadsAreNotRepeated(t *testing.T) {
	calls := 0
	server, c := serve(t, func(w http.ResponseWriter, _ *http.Request) { calls++; w.WriteHeader(503) },
		func(cfg *Config) { cfg.Retries, cfg.RetryDelay = 2, time.Millisecond })
	for consuming, want := range map[bool]int{true: 1, false: 3} {
		calls = 0
		if _, err := c.Inspect(t.Context(), Endpoint{URI: server.URL, ConsumingReads: consuming}, InspectOptions{}); !errors.Is(err, ErrBusy) || calls != want {
			t.Errorf("consuming %v: %d calls, %v", consuming, calls, err)
		}
	}
}

func FuzzItems(f *testing.F) {
	f.Add([]byte(`{"items":[{"a":1}],"messages":[{"id":"x"}]}`))
	f.Add([]byte(`[1,null]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		items, _, err := decodeItems(body)
		if err != nil && !errors.Is(err, ErrMalformed) {
			t.Errorf("%v is not ErrMalformed", err)
		}
		for _, item := range items {
			var v any
			_ = Decode(item, &v)
		}
		_, _, _ = appendBody(nil, json.RawMessage(body))
	})
}
