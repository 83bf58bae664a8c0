package exchange

import (
	"context"
	"fmt"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

// Config says where the data service is and how to reach it.
type Config struct {
	// URL is the top-level data service URL of the instance (streamtool getinstanceurl --data).
	URL string
	// PingInterval is how often a subscription asks its peer for a sign of life. Default 5 s.
	PingInterval time.Duration

	access.Config
}

// Client calls one instance's data service. It is safe for concurrent use. Calls fail with *Error.
type Client struct {
	access *access.Client
	ping   time.Duration
}

// New checks the configuration and builds a client. It contacts nobody.
func New(cfg Config) (*Client, error) {
	a, err := access.NewClient(cfg.Config, cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("configure the data exchange client: %w", err)
	}
	if cfg.PingInterval <= 0 {
		cfg.PingInterval = 5 * time.Second
	}
	return &Client{access: a, ping: cfg.PingInterval}, nil
}

// Insecure reports whether certificates are not checked or the way is not encrypted; reports must say so.
func (c *Client) Insecure() bool { return c.access.Insecure() }

// CloseIdle closes connections that are not in use.
func (c *Client) CloseIdle() { c.access.CloseIdle() }

// Format prints the host and nothing else, for every verb.
func (c *Client) Format(state fmt.State, _ rune) {
	_, _ = fmt.Fprintf(state, "data exchange client of %s", c.access.Base().Host)
}

// List gives the running jobs that have endpoints.
func (c *Client) List(ctx context.Context) (Jobs, error) {
	op := "list data exchange jobs"
	response, err := c.access.Do(ctx, access.Request{Op: op})
	if err != nil {
		return nil, err
	}
	jobs, err := decodeList(response.Body)
	if err != nil {
		failure := c.access.Fail(op, "GET", response.URL, err)
		failure.Status = response.Status
		return nil, failure
	}
	return jobs, nil
}

// Find lists and picks one endpoint, see Jobs.Find. A job that is not listed (yet) gives ErrNotFound.
func (c *Client) Find(ctx context.Context, direction Direction, job, operator, port string) (Endpoint, error) {
	jobs, err := c.List(ctx)
	if err != nil {
		return Endpoint{}, err
	}
	return jobs.Find(direction, job, operator, port)
}

// now is the instant something was received, with monotonic reading.
func (c *Client) now() time.Time { return c.access.Now() }
