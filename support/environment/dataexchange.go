package environment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/toolkit/exchange"
)

// endpoints reaches the application's endpoints by the name of their operator, "Operator" or "Operator/Port". Addresses are looked up in the service's list and remembered until a call says that the
// job is gone.
type endpoints struct {
	client *exchange.Client
	job    string // name of the job; empty: any

	mu    sync.Mutex
	known map[string]exchange.Endpoint
}

func newEndpoints(client *exchange.Client, job string) *endpoints {
	return &endpoints{client: client, job: job, known: map[string]exchange.Endpoint{}}
}

func (e *endpoints) find(ctx context.Context, direction exchange.Direction, name string) (exchange.Endpoint, error) {
	key := string(direction) + " " + name
	e.mu.Lock()
	found, ok := e.known[key]
	e.mu.Unlock()
	if ok {
		return found, nil
	}
	operator, port, _ := strings.Cut(name, "/")
	found, err := e.client.Find(ctx, direction, e.job, operator, port)
	if err != nil {
		return found, err
	}
	e.mu.Lock()
	e.known[key] = found
	e.mu.Unlock()
	return found, nil
}

// forget drops the addresses of a job that is gone: the next one has others.
func (e *endpoints) forget(err error) {
	if errors.Is(err, exchange.ErrNotFound) {
		e.mu.Lock()
		clear(e.known)
		e.mu.Unlock()
	}
}

// Inject sends items to an inject endpoint.
func (e *endpoints) Inject(ctx context.Context, endpoint string, tuple any) error {
	found, err := e.find(ctx, exchange.Inject, endpoint)
	if err != nil {
		return err
	}
	injected, err := e.client.Inject(ctx, found, tuple)
	e.forget(err)
	if err != nil {
		return err
	}
	return injected.Whole(found)
}

// Streams gives the two numbered streams of one scenario names that no other scenario has used: the application keeps
// what it was sent for as long as it lives, and numbers begin with 1 in every scenario. On the wire the stream of "dc1"
// is called "dc1@<tag>"; everywhere else it is "dc1".
type Streams struct{ tag string }

// NewStreams returns the streams of one scenario; tags must differ between scenarios.
func NewStreams(tag string) Streams { return Streams{tag: tag} }

func (n Streams) wire(name string) string { return name + "@" + n.tag }

// Own returns the stream that a name on the wire stands for; ok is false for those of other scenarios and for probes.
func (n Streams) Own(wire string) (name string, ok bool) { return strings.CutSuffix(wire, "@"+n.tag) }

// result translates a result from the wire. A wrong check stays wrong.
func (n Streams) result(r traffic.Result) (traffic.Result, bool) {
	name, ok := n.Own(r.DC)
	if !ok {
		return r, false
	}
	sound := r.Check == traffic.Check(r.DC, r.Channel, r.Seq)
	r.DC, r.Check = name, traffic.Check(name, r.Channel, r.Seq)
	if !sound {
		r.Check++
	}
	return r, true
}

// batch encodes events without reflection: it is the hot path of the generator.
type batch struct {
	streams Streams
	events  []traffic.Event
}

// AppendItems implements exchange.ItemsAppender.
func (b batch) AppendItems(dst []byte) ([]byte, int, error) {
	dst = append(dst, '[')
	for i, event := range b.events {
		if i > 0 {
			dst = append(dst, ',')
		}
		wire := b.streams.wire(event.DC)
		name, err := json.Marshal(wire)
		if err != nil {
			return dst, 0, fmt.Errorf("encode event %s/%d/%d: %w", wire, event.Channel, event.Seq, err)
		}
		dst = append(append(dst, `{"dc":`...), name...)
		dst = fmt.Appendf(dst, `,"channel":%d,"seq":%d,"check":%d}`, event.Channel, event.Seq, traffic.Check(wire, event.Channel, event.Seq))
	}
	return append(dst, ']'), len(b.events), nil
}

// sink is one traffic.Sink over both data centers.
type sink struct {
	streams  Streams
	endpoint string
	sites    map[string]*endpoints
}

// Inject implements traffic.Sink. Only an answer of the service, or a connection that was never made, proves that
// nothing was accepted. Nothing is ever sent again: what the service may have taken stays unknown.
func (s sink) Inject(ctx context.Context, site string, events []traffic.Event) error {
	at, ok := s.sites[site]
	if !ok {
		return fmt.Errorf("inject into %s: no such data center: %w", site, traffic.ErrRefused)
	}
	err := at.Inject(ctx, s.endpoint, batch{s.streams, events})
	switch {
	case err == nil:
		return nil
	case refused(err):
		return fmt.Errorf("%w: %w", traffic.ErrRefused, err)
	}
	return err
}

func refused(err error) bool {
	for _, answered := range []error{exchange.ErrNotFound, exchange.ErrRejected, exchange.ErrTooLarge, exchange.ErrUnauthorized} {
		if errors.Is(err, answered) {
			return true
		}
	}
	if ours := new(exchange.Error); errors.As(err, &ours) && errors.Is(ours, exchange.ErrBusy) {
		// The service refuses with Retry-After (streams contract 3.3), or says that it took nothing. A bare 503 may come from a
		// proxy that had handed the request on.
		return ours.RetryAfter > 0 || ours.Status == 0
	}
	return neverConnected(err)
}
