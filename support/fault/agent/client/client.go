// Package client talks to a fault agent over any stream: an SSH session's standard input and output, or those of a child process.
// See the package protocol for the conversation.
package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// DefaultLimit is the longest that one request takes unless WithLimit says otherwise.
const DefaultLimit = 10 * time.Second

// ErrClosed is the end of the conversation: Close was called, or the agent's output ended.
var ErrClosed = errors.New("conversation with the fault agent has ended")

// Client sends requests and hands out answers, also several at once. Two goroutines belong to it; Close joins them.
type Client struct {
	stream io.ReadWriteCloser
	limit  time.Duration
	out    chan protocol.Request
	gone   chan struct{} // closed with the end of the conversation
	both   sync.WaitGroup
	close  sync.Once

	mu      sync.Mutex
	next    uint64
	waiting map[uint64]chan protocol.Answer
	why     error // of the end, set before gone is closed
}

// Option of New.
type Option func(*Client)

// WithLimit sets how long each request takes at most, besides the deadline of its context.
func WithLimit(limit time.Duration) Option { return func(c *Client) { c.limit = limit } }

// New takes over the stream. Its Close must end a Read and a Write that hang, as those of connections, pipes and SSH
// channels do.
func New(stream io.ReadWriteCloser, options ...Option) *Client {
	c := &Client{
		stream: stream, limit: DefaultLimit, out: make(chan protocol.Request), gone: make(chan struct{}),
		waiting: map[uint64]chan protocol.Answer{},
	}
	for _, o := range options {
		o(c)
	}
	c.both.Go(c.read)
	c.both.Go(c.write)
	return c
}

// Close ends the conversation, joins the goroutines and returns the stream's error. It heals nothing.
func (c *Client) Close() error {
	err := c.end(ErrClosed)
	c.both.Wait()
	return err
}

func (c *Client) end(why error) (err error) {
	c.close.Do(func() {
		c.mu.Lock()
		c.why = why
		c.mu.Unlock()
		close(c.gone)
		err = c.stream.Close()
	})
	return err
}

func (c *Client) read() {
	lines := protocol.NewReader(c.stream)
	for {
		line, err := lines.Next()
		if err != nil {
			_ = c.end(fmt.Errorf("%w: %w", ErrClosed, err))
			return
		}
		answer, err := protocol.ParseAnswer(line)
		if err != nil {
			_ = c.end(fmt.Errorf("%w: %w", ErrClosed, err))
			return
		}
		c.mu.Lock()
		waiting := c.waiting[answer.ID]
		delete(c.waiting, answer.ID)
		c.mu.Unlock()
		if waiting != nil {
			waiting <- answer // has room for its only answer
		}
	}
}

func (c *Client) write() {
	for {
		select {
		case <-c.gone:
			return
		case request := <-c.out:
			if err := protocol.Write(c.stream, request); err != nil {
				_ = c.end(fmt.Errorf("%w: %w", ErrClosed, err))
				return
			}
		}
	}
}

// ask sends the request and waits for its answer. An answer that comes too late is dropped.
func (c *Client) ask(ctx context.Context, name string, request protocol.Request) (protocol.Answer, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.limit, fmt.Errorf("no answer within %v", c.limit))
	defer cancel()
	answer := make(chan protocol.Answer, 1)
	c.mu.Lock()
	c.next++
	request.ID = c.next
	c.waiting[request.ID] = answer
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.waiting, request.ID)
		c.mu.Unlock()
	}()
	if err := request.Validate(); err != nil {
		return protocol.Answer{}, fmt.Errorf("ask the fault agent to %s: %w", name, err)
	}
	out := c.out
	for {
		select {
		case out <- request:
			out = nil
		case a := <-answer:
			if a.Error != nil {
				return a, fmt.Errorf("ask the fault agent to %s: %w", name, a.Error)
			}
			return a, nil
		case <-c.gone:
			return protocol.Answer{}, fmt.Errorf("ask the fault agent to %s: %w", name, c.reason())
		case <-ctx.Done():
			return protocol.Answer{}, fmt.Errorf("ask the fault agent to %s: %w", name, context.Cause(ctx))
		}
	}
}

func (c *Client) reason() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.why
}

// member is the answer's member that belongs to the request.
func member[T any](name string, m *T, err error) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	if m == nil {
		return none, fmt.Errorf("ask the fault agent to %s: it answered something else", name)
	}
	return *m, nil
}

// Hello opens the conversation; the version is filled in.
func (c *Client) Hello(ctx context.Context, hello protocol.Hello) (protocol.Welcome, error) {
	hello.Version = protocol.Version
	a, err := c.ask(ctx, "say hello", protocol.Request{Hello: &hello})
	return member("say hello", a.Hello, err)
}

// Arm prepares a fault, or says what it would do.
func (c *Client) Arm(ctx context.Context, arm protocol.Arm) (protocol.Armed, error) {
	a, err := c.ask(ctx, "arm", protocol.Request{Arm: &arm})
	return member("arm", a.Arm, err)
}

// Fire lets an armed fault act. If no answer comes the fault may act all the same: until its deadline.
func (c *Client) Fire(ctx context.Context, id string) (protocol.Fired, error) {
	a, err := c.ask(ctx, "fire", protocol.Request{Fire: &protocol.Which{ID: id}})
	return member("fire", a.Fire, err)
}

// Report says what the fault does.
func (c *Client) Report(ctx context.Context, id string) (protocol.Report, error) {
	a, err := c.ask(ctx, "report", protocol.Request{Report: &protocol.Which{ID: id}})
	return member("report", a.Report, err)
}

// Heal ends a fault before its deadline, or disarms it. Healing twice is no error.
func (c *Client) Heal(ctx context.Context, id string) (protocol.Healed, error) {
	a, err := c.ask(ctx, "heal", protocol.Request{Heal: &protocol.Which{ID: id}})
	return member("heal", a.Heal, err)
}

// Probe lets the target open a connection; other requests go on meanwhile. The limit of a request must be longer than the probe's.
func (c *Client) Probe(ctx context.Context, probe protocol.Probe) (protocol.Probed, error) {
	a, err := c.ask(ctx, "probe", protocol.Request{Probe: &probe})
	return member("probe", a.Probe, err)
}

// Listening tells who listens on TCP ports of the target.
func (c *Client) Listening(ctx context.Context, ports []uint16) ([]protocol.Socket, error) {
	a, err := c.ask(ctx, "list the sockets that listen", protocol.Request{Sockets: &protocol.Ports{Ports: ports}})
	listed, err := member("list the sockets that listen", a.Sockets, err)
	return listed.Sockets, err
}

// Files lists the files of a folder of the target.
func (c *Client) Files(ctx context.Context, folder string) ([]protocol.File, error) {
	a, err := c.ask(ctx, "list files", protocol.Request{Files: &protocol.In{Folder: folder}})
	listed, err := member("list files", a.Files, err)
	return listed.Files, err
}

// List lists the processes whose program lies below a folder of the target.
func (c *Client) List(ctx context.Context, folder string) ([]protocol.Process, error) {
	a, err := c.ask(ctx, "list processes", protocol.Request{List: &protocol.Below{Folder: folder}})
	listed, err := member("list processes", a.List, err)
	return listed.Processes, err
}

// Lease takes the host for us or renews that, for so long from now; 0 gives it back. Where another holder has it the error is a
// *protocol.Error of code busy that names holder and expiry.
func (c *Client) Lease(ctx context.Context, lasts time.Duration) (protocol.Leased, error) {
	a, err := c.ask(ctx, "lease the host", protocol.Request{Lease: &protocol.Lease{For: lasts}})
	return member("lease the host", a.Lease, err)
}

// Offset is the host's wall clock minus ours: the truth lies within Offset +- Bound.
type Offset struct {
	Offset, Bound time.Duration
	// Boot relates the stamps of answers to the host's wall clock: its wall clock when its boot clock was 0.
	Boot time.Time
}

// Clock measures the offset of the host's clock by one round trip.
func (c *Client) Clock(ctx context.Context) (Offset, error) {
	before := time.Now()
	a, err := c.ask(ctx, "tell its clock", protocol.Request{Clock: &protocol.Asking{}})
	trip := time.Since(before)
	clock, err := member("tell its clock", a.Clock, err)
	if err != nil {
		return Offset{}, err
	}
	theirs := time.Unix(0, clock.UnixNs)
	return Offset{
		Offset: theirs.Sub(before.Round(0).Add(trip / 2)),
		Bound:  trip/2 + time.Microsecond,
		Boot:   theirs.Add(-time.Duration(clock.BootNs)),
	}, nil
}
