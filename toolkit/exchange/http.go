package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

// Injected is what the service said to an inject call.
type Injected struct {
	Sent     int       // items in the request
	Accepted int       // items taken
	Stated   bool      // the service stated Accepted; else it is the number of items sent, by the success status
	Messages []Message // warnings
	Received time.Time // when the answer was complete
}

// ErrPartial says that the service took some items of a request, without saying which.
var ErrPartial = errors.New("accepted in part")

// Whole is nil when the service took exactly what it was sent. ErrBusy: it took nothing, so that nothing was submitted.
// ErrPartial: it took another number.
func (i Injected) Whole(endpoint Endpoint) error {
	if i.Accepted == i.Sent {
		return nil
	}
	class := ErrPartial
	if i.Accepted == 0 {
		class = ErrBusy
	}
	return &Error{
		Op: "inject into " + endpoint.String(), Method: http.MethodPost, URL: access.CleanURL(endpoint.URI), Class: class,
		Message: fmt.Sprintf("the service says that it accepted %d of %d items", i.Accepted, i.Sent),
	}
}

// Inject sends items (see ItemsAppender for what may be given) by one POST. It is never repeated: a lost answer may have been a
// success. What came back is not held against what was sent: see Injected.Whole. ErrTooLarge: more items than the endpoint's buffer. ErrBusy: buffer full, see Error.RetryAfter. ErrNotFound: job gone.
// ErrRejected: an item does not fit the schema; nothing was accepted.
func (c *Client) Inject(ctx context.Context, endpoint Endpoint, items any) (Injected, error) {
	op := "inject into " + endpoint.String()
	body, n, err := appendBody(nil, items)
	if err == nil && endpoint.URI == "" {
		err = fmt.Errorf("%w: endpoint has no http address", access.ErrMalformed)
	}
	if err != nil {
		return Injected{}, c.access.Fail(op, "", endpoint.URI, err)
	}
	response, err := c.access.Do(ctx, access.Request{Op: op, Method: http.MethodPost, URL: endpoint.URI, ContentType: "application/json", Body: body})
	if err != nil {
		return Injected{}, err
	}
	out := Injected{Sent: n, Accepted: n, Received: response.Received}
	var answer accepted
	if len(bytes.TrimSpace(response.Body)) == 0 {
		return out, nil // any 2xx without a body is a success too (contract 3.3)
	}
	if err := json.Unmarshal(response.Body, &answer); err != nil {
		return out, nil //nolint:nilerr // the status says success; what follows it is not documented
	}
	if answer.Accepted != nil && *answer.Accepted >= 0 && *answer.Accepted <= math.MaxInt32 {
		out.Accepted, out.Stated = int(*answer.Accepted), true
	}
	out.Messages = access.Messages(answer.Messages)
	return out, nil
}

// InspectOptions restrict an inspect call. The names on the wire are inferred (contract 3.3).
type InspectOptions struct {
	Since time.Time     // only tuples that arrived at the sink at or after it, host's clock, ms resolution; zero: all buffered
	Max   int           // upper limit of tuples; 0: all buffered
	Wait  time.Duration // long poll: wait that long for a first tuple; the service caps it at 60 s
}

// Batch is what one inspect call or one frame gave.
type Batch struct {
	Items    []json.RawMessage // oldest first
	Messages []Message         // warnings, e.g. that Since precedes the oldest buffered tuple: tuples may have been lost
	Received time.Time         // local, with monotonic reading
}

// Inspect reads buffered tuples. On an endpoint with consuming reads the tuples are removed, so the call is not repeated there.
func (c *Client) Inspect(ctx context.Context, endpoint Endpoint, options InspectOptions) (Batch, error) {
	op := "inspect " + endpoint.String()
	if endpoint.URI == "" {
		return Batch{}, c.access.Fail(op, "", "", fmt.Errorf("%w: endpoint has no http address", access.ErrMalformed))
	}
	query := url.Values{}
	if !options.Since.IsZero() {
		query.Set("startTime", strconv.FormatInt(options.Since.UnixMilli(), 10))
	}
	if options.Max > 0 {
		query.Set("maxItems", strconv.Itoa(options.Max))
	}
	short, _ := c.access.Timeout()
	if options.Wait > 0 {
		query.Set("timeout", strconv.FormatInt(options.Wait.Milliseconds(), 10))
		short += options.Wait
	}
	response, err := c.access.Do(ctx, access.Request{Op: op, URL: endpoint.URI, Query: query, Timeout: short, NoRetry: endpoint.ConsumingReads})
	if err != nil {
		return Batch{}, err
	}
	out := Batch{Received: response.Received}
	if response.Status == http.StatusNoContent {
		return out, nil
	}
	if out.Items, out.Messages, err = decodeItems(response.Body); err != nil {
		failure := c.access.Fail(op, http.MethodGet, response.URL, err)
		failure.Status = response.Status
		return Batch{}, failure
	}
	return out, nil
}
