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
	_, err = e.client.Inject(ctx, found, tuple)
	e.forget(err)
	return err
}

// events encodes a batch of events without reflection: it is the hot path of the generator.
type events []traffic.Event

// AppendItems implements exchange.ItemsAppender.
func (list events) AppendItems(dst []byte) ([]byte, int, error) {
	dst = append(dst, '[')
	for i, event := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		name, err := json.Marshal(event.DC)
		if err != nil {
			return dst, 0, fmt.Errorf("encode event %s/%d/%d: %w", event.DC, event.Channel, event.Seq, err)
		}
		dst = append(append(dst, `{"dc":`...), name...)
		dst = fmt.Appendf(dst, `,"channel":%d,"seq":%d,"check":%d}`, event.Channel, event.Seq, event.Check)
	}
	return append(dst, ']'), len(list), nil
}

// sink is one traffic.Sink over both data centers.
type sink struct {
	endpoint string
	sites    map[string]*endpoints
}

// Inject implements traffic.Sink. Only an answer of the service, or a connection that was never made, proves that
// nothing was accepted.
func (s sink) Inject(ctx context.Context, site string, batch []traffic.Event) error {
	at, ok := s.sites[site]
	if !ok {
		return fmt.Errorf("inject into %s: no such data center: %w", site, traffic.ErrRefused)
	}
	err := at.Inject(ctx, s.endpoint, events(batch))
	switch {
	case err == nil:
		return nil
	case refused(err):
		return fmt.Errorf("%w: %w", traffic.ErrRefused, err)
	}
	return err
}

func refused(err error) bool {
	for _, answered := range []error{exchange.ErrNotFound, exchange.ErrRejected, exchange.ErrBusy, exchange.ErrTooLarge, exchange.ErrUnauthorized} {
		if errors.Is(err, answered) {
			return true
		}
	}
	return neverConnected(err)
}
