package adapter

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"sync"

	"github.com/crossdc/failover/toolkit/access"
)

// httpInjection sends events as the bodies of requests.
func httpInjection() Adapter {
	return Adapter{
		Name: "http",
		Summary: "Requests over HTTP, as the inet toolkits' injection operators take them (http://host:port/<context>/ports/output/0/inject) and any " +
			"other HTTP endpoint.",
		Parameters: append(httpParameters(),
			Parameter{Name: "method", Doc: "of the request", Way: WayIn, Default: "POST", Allowed: []string{"POST", "PUT", "PATCH"}},
			Parameter{Name: "content_type", Doc: "of the body", Way: WayIn, Default: "application/json"},
			Parameter{Name: "batch", Doc: "most events of one request", Way: WayIn, Kind: Number, Default: "1", Least: 1},
			Parameter{Name: "join", Doc: "how the events of one request stand in its body: lines, a JSON array, or {\"items\":[...]}", Way: WayIn,
				Default: "lines", Allowed: []string{"lines", "array", "items"}},
			Parameter{Name: "parallel", Doc: "requests under way at a time; events of one key stay in order", Way: WayIn, Kind: Number, Default: "1", Least: 1, Most: 256},
			Parameter{Name: "accepted", Doc: "where the answer says how many events it took, such as json:/accepted; without it the status alone counts", Way: WayIn},
		),
		Acknowledgement: Always,
		In:              openHTTP,
	}
}

func openHTTP(_ context.Context, o Opening) (In, error) {
	v := o.Values
	client, header, err := httpClient(v)
	if err != nil {
		return nil, err
	}
	in := &httpIn{
		at: o.at(WayIn, "http"), client: client, method: v["method"], batch: v.number("batch"), parallel: v.number("parallel"), join: v["join"],
	}
	in.request = access.Request{
		Op: "send over the " + in.at, Method: in.method, URL: address(client).String(), Header: header, ContentType: v["content_type"], Accept: "*/*", NoRetry: true,
	}
	if rule := v["accepted"]; rule != "" {
		if in.accepted, err = NewExtractor(rule); err != nil {
			return nil, fmt.Errorf("parameter \"accepted\": %w", err)
		}
	}
	return in, nil
}

type httpIn struct {
	at, method, join string
	client           *access.Client
	request          access.Request
	batch, parallel  int
	accepted         *Extractor
}

// Send implements In. With several requests at a time, each key has one lane, in which requests follow each other.
func (h *httpIn) Send(ctx context.Context, events []Event) ([]Outcome, error) {
	outcomes := make([]Outcome, len(events))
	if h.parallel == 1 {
		all := make([]int, len(events))
		for i := range all {
			all[i] = i
		}
		return outcomes, h.lane(ctx, events, all, outcomes)
	}
	lanes := make([][]int, h.parallel)
	for i, e := range events {
		lane := i % h.parallel
		if len(e.Key) > 0 {
			hash := fnv.New32a()
			_, _ = hash.Write(e.Key)
			lane = int(hash.Sum32() % uint32(h.parallel))
		}
		lanes[lane] = append(lanes[lane], i)
	}
	errs := make([]error, h.parallel)
	var wait sync.WaitGroup
	for n, lane := range lanes {
		if len(lane) > 0 {
			wait.Go(func() { errs[n] = h.lane(ctx, events, lane, outcomes) })
		}
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return outcomes, err // one of them says it: thousands of requests fail of the same cause
		}
	}
	return outcomes, nil
}

// lane sends some of the events, one request after the other, and gives the first error.
func (h *httpIn) lane(ctx context.Context, events []Event, which []int, outcomes []Outcome) error {
	var first error
	for len(which) > 0 {
		n := min(len(which), h.batch)
		outcome, err := h.post(ctx, events, which[:n])
		for _, i := range which[:n] {
			outcomes[i] = outcome
		}
		if first == nil {
			first = err
		}
		which = which[n:]
	}
	return first
}

func (h *httpIn) post(ctx context.Context, events []Event, which []int) (Outcome, error) {
	if ctx.Err() != nil {
		return Refused, fmt.Errorf("send over the %s: not begun: %w", h.at, ctx.Err())
	}
	if h.join == "lines" && h.batch > 1 {
		for _, i := range which {
			if !isLine(events[i].Body) {
				return Refused, fmt.Errorf("send over the %s: %w", h.at, errLine)
			}
		}
	}
	body := h.body(events, which)
	request := h.request
	request.Header = request.Header.Clone()
	// Hidden behind a reader, the body cannot be sent a second time by net/http, whatever method and headers say.
	request.Stream, request.Length = onlyReader{bytes.NewReader(body)}, int64(len(body))
	response, err := h.client.Do(ctx, request)
	switch {
	case err == nil:
		return h.counted(response, len(which))
	case Refuses(err) && (len(which) == 1 || wholly(statusOf(err))):
		return Refused, err
	}
	return Unknown, err
}

// wholly reports whether a status refuses all events of a request. Another endpoint's 400 or 422 may be about one of them.
func wholly(status int) bool {
	switch status {
	case 0, 401, 403, 404, 405, 410, 411, 413, 415, 429, 503:
		return true
	}
	return false
}

// counted holds what the answer says against what was sent.
func (h *httpIn) counted(response access.Response, sent int) (Outcome, error) {
	if h.accepted == nil {
		return Acknowledged, nil
	}
	n, err := h.accepted.Number(response.Body)
	switch {
	case err != nil:
		return Unknown, fmt.Errorf("send over the %s: %w", h.at, err)
	case n == uint64(sent):
		return Acknowledged, nil
	case n == 0:
		return Refused, fmt.Errorf("send over the %s: the answer says that no event was accepted", h.at)
	}
	return Unknown, fmt.Errorf("send over the %s: the answer says that %d of %d events were accepted, and not which", h.at, n, sent)
}

func (h *httpIn) body(events []Event, which []int) []byte {
	size := 16
	for _, i := range which {
		size += len(events[i].Body) + 1
	}
	body := make([]byte, 0, size)
	separator := byte('\n')
	switch h.join {
	case "array":
		body, separator = append(body, '['), ','
	case "items":
		body, separator = append(body, `{"items":[`...), ','
	}
	for n, i := range which {
		if n > 0 {
			body = append(body, separator)
		}
		body = append(body, events[i].Body...)
	}
	switch h.join {
	case "array":
		body = append(body, ']')
	case "items":
		body = append(body, "]}"...)
	}
	return body
}

// Close implements In.
func (h *httpIn) Close() error {
	h.client.CloseIdle()
	return nil
}

// onlyReader hides what else a reader can do.
type onlyReader struct{ io.Reader }
