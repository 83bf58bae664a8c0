package exchange

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// frameBuffer is how many frames are kept for a caller that is busy.
const frameBuffer = 1024

// Frame is one frame of an inspect socket.
type Frame struct {
	Batch
	// Late tells that the reader was waiting for the caller to take frames before this one was read: Received may be later than the arrival.
	Late bool
}

// Subscription is an open inspect socket. It survives nothing: when Next fails, subscribe again.
type Subscription struct {
	client *Client
	op     string
	conn   *websocket.Conn
	cancel context.CancelFunc
	frames chan Frame
	done   chan struct{} // closed when the reader has ended
	wait   sync.WaitGroup

	stalled atomic.Bool // the reader waits for the caller, so pongs are not read
	once    sync.Once
	ended   error // set before done is closed
	dead    atomic.Pointer[ClosedError]
}

// Subscribe opens the inspect socket of an endpoint. ctx bounds the opening only. The peer is asked for a sign of life
// every PingInterval, so that a vanished or stopped peer ends the subscription within that plus the call timeout.
func (c *Client) Subscribe(ctx context.Context, endpoint Endpoint) (*Subscription, error) {
	op := "subscribe to " + endpoint.String()
	conn, err := c.dial(ctx, op, endpoint)
	if err != nil {
		return nil, err
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &Subscription{client: c, op: op, conn: conn, cancel: cancel, frames: make(chan Frame, frameBuffer), done: make(chan struct{})}
	s.wait.Go(func() { s.read(life) })
	s.wait.Go(func() { s.watch(life) })
	return s, nil
}

// read stamps frames as they come, whatever the caller is doing.
func (s *Subscription) read(ctx context.Context) {
	defer close(s.done)
	late := false
	for {
		body, err := readMessage(ctx, s.conn)
		received := s.client.now()
		var frame Frame
		if err == nil {
			frame.Items, frame.Messages, err = decodeItems(body)
		}
		if err != nil {
			s.ended = s.finish(err)
			s.cancel()
			_ = s.conn.CloseNow()
			return
		}
		frame.Received, frame.Late = received, late
		late = false
		select {
		case s.frames <- frame:
			continue
		default:
		}
		late = true
		s.stalled.Store(true)
		select {
		case s.frames <- frame:
		case <-ctx.Done():
			s.ended = s.finish(ctx.Err())
			return
		}
		s.stalled.Store(false)
	}
}

func (s *Subscription) finish(err error) error {
	if dead := s.dead.Load(); dead != nil {
		return dead
	}
	return s.client.closed(s.op, err)
}

// watch ends the connection when the peer gives no sign of life.
func (s *Subscription) watch(ctx context.Context) {
	ticker := time.NewTicker(s.client.ping)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if s.stalled.Load() {
			continue
		}
		// Other failures than silence show in the reader, with the close code if there is one.
		if err := s.Ping(ctx); errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil && !s.stalled.Load() {
			s.dead.CompareAndSwap(nil, &ClosedError{Op: s.op, Code: Abnormal, Class: ErrUnreachable, Err: fmt.Errorf("no sign of life: %w", err)})
			_ = s.conn.CloseNow()
			return
		}
	}
}

// Next waits for the next frame. Frames that were received before the stream ended are given first; then the error that ended it
// (*ClosedError). When ctx ends first, its error is returned and the stream goes on.
func (s *Subscription) Next(ctx context.Context) (Frame, error) {
	select {
	case frame := <-s.frames:
		return frame, nil
	default:
	}
	select {
	case frame := <-s.frames:
		return frame, nil
	case <-s.done:
		select {
		case frame := <-s.frames:
			return frame, nil
		default:
			return Frame{}, s.ended
		}
	case <-ctx.Done():
		return Frame{}, fmt.Errorf("%s: wait for a frame: %w", s.op, ctx.Err())
	}
}

// Ping returns once the peer has answered, within the call timeout. It may be called while another goroutine is in Next.
func (s *Subscription) Ping(ctx context.Context) error {
	short, _ := s.client.access.Timeout()
	if err := ping(ctx, s.conn, short); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("%s: ping: %w", s.op, ctx.Err())
		}
		return s.client.access.Fail(s.op+": ping", "", "", err)
	}
	return nil
}

// Done is closed when the stream has ended.
func (s *Subscription) Done() <-chan struct{} { return s.done }

// Close ends the stream and waits for its goroutines. Next then gives what was received and ErrClosed.
func (s *Subscription) Close() error {
	s.once.Do(func() {
		s.dead.CompareAndSwap(nil, &ClosedError{Op: s.op, Code: 1000, Reason: "closed by us"})
		closing(s.conn, s.cancel)
		s.wait.Wait()
	})
	return nil
}

// goodbye is how long a peer may take to answer our close frame.
const goodbye = 250 * time.Millisecond

// closing says goodbye and waits only briefly for an answer: a dead peer gives none, and the library would wait 5 s for it. abort
// ends the reader, which breaks the connection.
func closing(conn *websocket.Conn, abort context.CancelFunc) {
	said := make(chan struct{})
	go func() {
		defer close(said)
		_ = conn.Close(websocket.StatusNormalClosure, "")
	}()
	timer := time.NewTimer(goodbye)
	defer timer.Stop()
	select {
	case <-said:
	case <-timer.C:
	}
	abort()
	<-said // the broken connection ends it
}
