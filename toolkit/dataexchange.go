package toolkit

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/crossdc/failover/toolkit/exchange"
)

// NewExchange reaches the endpoints of one job, known by name, through the data-exchange client. Endpoints are named by
// operator, or by "operator/port" where an operator has several.
func NewExchange(client *exchange.Client, job string) Exchange {
	return &dataExchange{client: client, job: job, found: map[string]exchange.Endpoint{}}
}

type dataExchange struct {
	client *exchange.Client
	job    string

	mu    sync.Mutex
	found map[string]exchange.Endpoint
}

// with finds an endpoint and uses it. Endpoints are remembered; one that is not found any more is looked for once
// again, because the job may have been submitted anew under another id.
func (d *dataExchange) with(ctx context.Context, direction exchange.Direction, name string, use func(exchange.Endpoint) error) error {
	key := string(direction) + " " + name
	d.mu.Lock()
	endpoint, known := d.found[key]
	d.mu.Unlock()
	if known {
		err := use(endpoint)
		if !errors.Is(err, exchange.ErrNotFound) {
			return err
		}
	}
	operator, port, _ := strings.Cut(name, "/")
	endpoint, err := d.client.Find(ctx, direction, d.job, operator, port)
	d.mu.Lock()
	if err != nil {
		delete(d.found, key)
	} else {
		d.found[key] = endpoint
	}
	d.mu.Unlock()
	if err != nil {
		return err
	}
	return use(endpoint)
}

func (d *dataExchange) Read(ctx context.Context, endpoint string, since time.Time) ([]json.RawMessage, error) {
	var batch exchange.Batch
	err := d.with(ctx, exchange.Inspect, endpoint, func(e exchange.Endpoint) (err error) {
		batch, err = d.client.Inspect(ctx, e, exchange.InspectOptions{Since: since})
		return err
	})
	return batch.Items, err
}

func (d *dataExchange) Subscribe(ctx context.Context, endpoint string) (Subscription, error) {
	var sub *exchange.Subscription
	err := d.with(ctx, exchange.Inspect, endpoint, func(e exchange.Endpoint) (err error) {
		sub, err = d.client.Subscribe(ctx, e)
		return err
	})
	if err != nil {
		return nil, err
	}
	return subscription{sub}, nil
}

func (d *dataExchange) Inject(ctx context.Context, endpoint string, tuple any) error {
	return d.with(ctx, exchange.Inject, endpoint, func(e exchange.Endpoint) error {
		injected, err := d.client.Inject(ctx, e, []any{tuple})
		if err != nil {
			return err
		}
		return injected.Whole(e)
	})
}

type subscription struct{ *exchange.Subscription }

func (s subscription) Next(ctx context.Context) (Push, error) {
	frame, err := s.Subscription.Next(ctx)
	return Push{Tuples: frame.Items, Received: frame.Received, Late: frame.Late}, err
}
