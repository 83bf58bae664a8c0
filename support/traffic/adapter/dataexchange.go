package adapter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/crossdc/failover/toolkit/exchange"
)

// dataExchange injects into the application's endpoints and follows them, through the platform's Data Exchange service.
func dataExchange() Adapter {
	return Adapter{
		Name:    "data-exchange",
		Summary: "Endpoints of the application (EndpointSource, EndpointSink) through the platform's Data Exchange service.",
		Parameters: []Parameter{
			{Name: "endpoint", Doc: "operator of the endpoint, or operator/port where it has several", Way: BothWays, Required: true},
		},
		Acknowledgement: Always,
		In: func(_ context.Context, o Opening) (In, error) {
			at, err := findingEndpoint(o, exchange.Inject)
			if err != nil {
				return nil, err
			}
			return &exchangeIn{at: o.at(WayIn, "data-exchange"), endpoint: at}, nil
		},
		Out: func(_ context.Context, o Opening) (Out, error) {
			at, err := findingEndpoint(o, exchange.Inspect)
			if err != nil {
				return nil, err
			}
			return &exchangeOut{at: o.at(WayOut, "data-exchange"), site: o.Site, endpoint: at, now: o.now(), seen: o.now()()}, nil
		},
	}
}

// finding looks an endpoint up in the service's list and remembers it until a call says that its job is gone.
type finding struct {
	client                  *exchange.Client
	direction               exchange.Direction
	job, operator, portOfIt string
	mu                      sync.Mutex
	known                   *exchange.Endpoint
}

func findingEndpoint(o Opening, direction exchange.Direction) (*finding, error) {
	if o.Exchange == nil {
		return nil, errors.New("the address of the data service is not known: set CROSSDC_DC1_DATA_URL and CROSSDC_DC2_DATA_URL")
	}
	operator, port, _ := strings.Cut(o.Values["endpoint"], "/")
	if operator == "" {
		return nil, fmt.Errorf("parameter \"endpoint\": %q names no operator", o.Values["endpoint"])
	}
	return &finding{client: o.Exchange, direction: direction, job: o.Job, operator: operator, portOfIt: port}, nil
}

func (f *finding) find(ctx context.Context) (exchange.Endpoint, error) {
	f.mu.Lock()
	known := f.known
	f.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	found, err := f.client.Find(ctx, f.direction, f.job, f.operator, f.portOfIt)
	if err != nil {
		return found, err
	}
	f.mu.Lock()
	f.known = &found
	f.mu.Unlock()
	return found, nil
}

// forget drops the address of a job that is gone: the next one has another.
func (f *finding) forget(err error) {
	if errors.Is(err, exchange.ErrNotFound) {
		f.mu.Lock()
		f.known = nil
		f.mu.Unlock()
	}
}

type exchangeIn struct {
	at       string
	endpoint *finding
}

// Send implements In: all events are one request. What the service took in part is unknown, because it does not say which part.
func (x *exchangeIn) Send(ctx context.Context, events []Event) ([]Outcome, error) {
	outcomes := every(len(events), Refused)
	fail := func(err error) error { return fmt.Errorf("send over the %s: %w", x.at, err) }
	var which []int
	var items itemsOf
	var wrong error
	for i, e := range events {
		if !json.Valid(e.Body) {
			wrong = fail(fmt.Errorf("event %.60q is no JSON, and an item of an endpoint is", e.Body))
			continue
		}
		which, items = append(which, i), append(items, e.Body)
	}
	if len(items) == 0 {
		return outcomes, wrong
	}
	found, err := x.endpoint.find(ctx)
	if err != nil {
		return outcomes, errors.Join(fail(err), wrong)
	}
	injected, err := x.endpoint.client.Inject(ctx, found, items)
	x.endpoint.forget(err)
	if err == nil {
		err = injected.Whole(found)
	}
	outcome := Acknowledged
	if err != nil {
		err = fail(err)
		if outcome = Unknown; Refuses(err) {
			outcome = Refused
		}
	}
	for _, i := range which {
		outcomes[i] = outcome
	}
	return outcomes, errors.Join(err, wrong)
}

// Close implements In. The client is the data center's.
func (x *exchangeIn) Close() error { return nil }

// itemsOf are events as the service takes them.
type itemsOf [][]byte

// AppendItems implements exchange.ItemsAppender.
func (i itemsOf) AppendItems(dst []byte) ([]byte, int, error) {
	for n, body := range i {
		dst = append(append(dst, "[,"[min(n, 1)]), body...)
	}
	return append(dst, ']'), len(i), nil
}

type exchangeOut struct {
	at, site string
	endpoint *finding
	now      func() time.Time
	seam     seam
	blind    blindness
	seen     time.Time // when we last received
}

// Receive implements Out. After a subscription has ended the next one is opened first, and then the sink's buffer is read: nothing was missed where
// the buffer reaches back to what we know. What comes twice by that is known. A sink with consuming reads keeps nothing that we could read again.
func (x *exchangeOut) Receive(ctx context.Context, to Receiver) error {
	x.blind = blindness{site: x.site, since: x.now(), why: "nobody had subscribed to the endpoint yet"}
	defer func() { x.blind.end(x.now(), to) }()
	for {
		err := x.follow(ctx, to)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, exchange.ErrUnauthorized), errors.Is(err, exchange.ErrTLS), errors.Is(err, exchange.ErrUntrustedHost), errors.Is(err, exchange.ErrNoWebSocket):
			return fmt.Errorf("receive over the %s: %w", x.at, err) // connecting again does not mend it
		}
		if !pause(ctx, 50*time.Millisecond) {
			return nil
		}
	}
}

// follow follows one subscription to its end.
func (x *exchangeOut) follow(ctx context.Context, to Receiver) error {
	found, err := x.endpoint.find(ctx)
	if err != nil {
		return err
	}
	dial, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	subscription, err := x.endpoint.client.Subscribe(dial, found)
	if err != nil {
		x.endpoint.forget(err)
		return err
	}
	defer subscription.Close()
	opened := x.now()
	if x.seam.begin(found.BufferSize) && !found.ConsumingReads {
		buffer, err := x.endpoint.client.Inspect(dial, found, exchange.InspectOptions{})
		if err != nil {
			x.endpoint.forget(err)
			return err
		}
		fresh, joined := x.seam.catchUp(buffer.Items)
		if joined {
			x.blind.forget()
		}
		x.give(fresh, x.seen, buffer.Received, to)
	}
	x.blind.end(opened, to)
	w := watch{now: x.now}
	for {
		w.begin()
		frame, err := subscription.Next(ctx)
		if err != nil {
			x.endpoint.forget(err)
			x.blind.begin(x.seen, "the subscription to the endpoint ended")
			return err
		}
		earliest, _ := w.end(false)
		if frame.Late || frame.Received.Before(earliest) {
			earliest = x.seen
		}
		x.give(x.seam.pass(frame.Items), earliest, frame.Received, to)
	}
}

// give hands results on that arrived between two instants.
func (x *exchangeOut) give(items [][]byte, earliest, latest time.Time, to Receiver) {
	x.seen = latest
	if earliest.After(latest) {
		earliest = latest
	}
	results := make([]Result, len(items))
	for i, item := range items {
		results[i] = Result{Bytes: item, Site: x.site, Earliest: earliest, Latest: latest}
	}
	if len(results) > 0 {
		to.Results(results)
	}
}

// Close implements Out. The client is the data center's.
func (x *exchangeOut) Close() error { return nil }
