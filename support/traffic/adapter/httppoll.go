package adapter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

// httpPoll asks an address again and again.
func httpPoll() Adapter {
	return Adapter{
		Name:    "http-poll",
		Summary: "Results that an address answers with when it is asked again and again: the whole of a buffer, or what is new.",
		Parameters: append(httpParameters(),
			Parameter{Name: "interval", Doc: "how often to ask", Way: WayOut, Kind: Duration, Default: "100ms"},
			Parameter{Name: "items", Doc: "where the results stand: json:<JSON pointer> to an array, or lines", Way: WayOut, Default: "json:"},
			Parameter{Name: "consuming", Doc: "true: each answer holds what is new. false: it holds a buffer of what was last, which is compared with the answer before", Way: WayOut,
				Kind: Switch, Default: "false"},
		),
		Out: openHTTPPoll,
	}
}

func openHTTPPoll(_ context.Context, o Opening) (Out, error) {
	v := o.Values
	client, header, err := httpClient(v)
	if err != nil {
		return nil, err
	}
	out := &httpPollOut{site: o.Site, client: client, interval: v.duration("interval"), consuming: v.on("consuming"), now: o.now()}
	rule := v["items"]
	if rule != "lines" {
		where, ok := strings.CutPrefix(rule, "json:")
		if out.steps, err = pointerSteps(where); !ok || err != nil {
			return nil, fmt.Errorf("parameter \"items\": %q is neither lines nor json:<JSON pointer>", rule)
		}
	}
	out.asLines = rule == "lines"
	out.request = access.Request{Op: "poll over the " + o.at(WayOut, "http-poll"), URL: client.Base().String(), Header: header, Accept: "*/*", NoRetry: true}
	return out, nil
}

type httpPollOut struct {
	site      string
	client    *access.Client
	request   access.Request
	interval  time.Duration
	steps     []string
	asLines   bool
	consuming bool
	now       func() time.Time
	last      [][]byte // the answer before
}

// Receive implements Out.
func (h *httpPollOut) Receive(ctx context.Context, to Receiver) error {
	before := h.now() // when an answer that was read was asked for
	failed := false
	defer func() {
		if failed {
			to.Gap(Gap{Site: h.site, From: before, Until: h.now(), Why: "the address did not answer any more"})
		}
	}()
	for {
		began := h.now()
		response, err := h.client.Do(ctx, h.request)
		if ctx.Err() != nil {
			return nil
		}
		var items [][]byte
		if err == nil {
			items, err = h.items(response.Body)
		}
		switch {
		case errors.Is(err, access.ErrUnauthorized), errors.Is(err, access.ErrTLS), errors.Is(err, access.ErrUntrustedHost):
			return err // a mistake of ours, which asking again does not mend
		case err != nil:
			failed = true
		default:
			h.give(items, before, response.Received, failed, to)
			before, failed = began, false
		}
		if !pause(ctx, h.interval) {
			return nil
		}
	}
}

func (h *httpPollOut) give(items [][]byte, before, received time.Time, failed bool, to Receiver) {
	gap := func(why string) { to.Gap(Gap{Site: h.site, From: before, Until: received, Why: why}) }
	fresh := items
	if h.consuming {
		if failed {
			gap("an answer was lost, with what it held")
		}
	} else {
		var joined bool
		if fresh, joined = newer(h.last, items); !joined {
			gap("the buffer holds nothing of what it held before: there may have been more in between")
		}
		h.last = items
	}
	if len(fresh) == 0 {
		return
	}
	results := make([]Result, len(fresh))
	for i, item := range fresh {
		results[i] = Result{Bytes: item, Site: h.site, Earliest: before, Latest: received}
	}
	to.Results(results)
}

// newer gives what the second of two looks at a buffer has beyond the first. The buffer drops its oldest items and gets new ones at its end, so the
// second begins with a part of the first that reaches to its end; the longest such part is taken. joined is false where there is none.
func newer(before, now [][]byte) (fresh [][]byte, joined bool) {
	if len(before) == 0 {
		return now, true
	}
search:
	for skip := range before {
		kept := before[skip:]
		if len(kept) > len(now) {
			continue
		}
		for i := range kept {
			if !bytes.Equal(kept[i], now[i]) {
				continue search
			}
		}
		return now[len(kept):], true
	}
	return now, false
}

// items cuts an answer into results.
func (h *httpPollOut) items(body []byte) ([][]byte, error) {
	if h.asLines {
		var out [][]byte
		for line := range bytes.SplitSeq(body, []byte{'\n'}) {
			if line = bytes.TrimRight(line, "\r"); len(line) > 0 {
				out = append(out, line)
			}
		}
		return out, nil
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, nil // 204 and its like
	}
	value, err := follow(body, h.steps)
	if err != nil {
		return nil, err
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(value, &raw); err != nil {
		return nil, fmt.Errorf("the results are no array: %w", err)
	}
	out := make([][]byte, len(raw))
	for i, item := range raw {
		out[i] = item
	}
	return out, nil
}

// Close implements Out.
func (h *httpPollOut) Close() error {
	h.client.CloseIdle()
	return nil
}
