package environment

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/crossdc/failover/support/traffic"
)

// canary is a path that no fault touches: an HTTP server of our own on loopback, asked like a data center is. When it
// is slow, the machine that we observe from is in trouble, and what is seen of the data centers proves little.
type canary struct {
	server *http.Server
	client *http.Client
	url    string
}

func newCanary() (*canary, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start the canary: %w", err)
	}
	c := &canary{
		server: &http.Server{
			ReadHeaderTimeout: 5 * time.Second,
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(http.StatusNoContent)
			}),
		},
		client: &http.Client{Transport: &http.Transport{}},
		url:    "http://" + listener.Addr().String(),
	}
	go func() { _ = c.server.Serve(listener) }() // ends with close
	return c, nil
}

// Inject implements traffic.Sink.
func (c *canary) Inject(ctx context.Context, _ string, events []traffic.Event) error {
	body, _, err := batch{events: events}.AppendItems(nil)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask the canary: %w", err)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return fmt.Errorf("ask the canary: %w", err)
	}
	return response.Body.Close()
}

func (c *canary) close() error {
	c.client.CloseIdleConnections()
	return c.server.Close()
}

// Canary returns the sink of the path that no fault touches.
func (e *Environment) Canary() traffic.Sink { return e.canary }
