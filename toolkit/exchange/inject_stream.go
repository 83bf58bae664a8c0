package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/crossdc/failover/toolkit/access"
)

// Ack is the fate of one frame. Every frame that Send took gets exactly one, in the order of sending.
type Ack struct {
	Tag      any       // as given to Send
	Items    int       // sent in the frame
	Accepted int       // as the service stated; 0 when Err is set
	Messages []Message // warnings, or the reasons of a refusal
	Queued   time.Time // when Send took it
	Sent     time.Time // when it was handed to the operating system; zero: never
	Received time.Time // when its answer came; zero: none came
	// Err is nil when the frame was accepted. *Error of class ErrRejected: the service refused it, nothing of it was taken. *ClosedError: the
	// stream ended first; when Sent is set too, nobody knows whether the service took it.
	Err error
}

// StreamOptions adjust an InjectStream.
type StreamOptions struct {
	// OnAck gets the fate of every frame, from one goroutine, in order. It must not block for long: acknowledgements queue behind it.
	OnAck func(Ack)
	// Window is the number of frames that may wait for their acknowledgement. Default 4096.
	Window int
	// Patience ends the stream when answers are due and none comes for that long. Default the call timeout.
	Patience time.Duration
}

const defaultWindow = 4096

// InjectStream is an inject socket with frames in flight.
//
//	Send -> queue (Window) -> writer -> socket -> service
//	OnAck <- reader, matching answers to frames in order <- socket
//
// Send never waits for the network. The stream survives nothing: when it ends, every frame under way is acknowledged with the error.
type InjectStream struct {
	client  *Client
	op      string
	conn    *websocket.Conn
	options StreamOptions
	cancel  context.CancelFunc

	queue    chan *frame // Send -> writer
	inflight chan *frame // writer -> reader, in order of sending
	slots    chan struct{}
	done     chan struct{}
	wait     sync.WaitGroup
	once     sync.Once

	mu     sync.Mutex // guards queue against closing
	closed bool
	failed atomic.Pointer[ClosedError]

	began    time.Time
	started  atomic.Int64 // frames whose writing has begun
	answered atomic.Int64
	progress atomic.Int64 // when an answer last came or became due, since began
}

type frame struct {
	ack  Ack
	body []byte
}

// InjectStream opens the inject socket of an endpoint. ctx bounds the opening only.
func (c *Client) InjectStream(ctx context.Context, endpoint Endpoint, options StreamOptions) (*InjectStream, error) {
	op := "stream into " + endpoint.String()
	conn, err := c.dial(ctx, op, endpoint)
	if err != nil {
		return nil, err
	}
	if options.Window <= 0 {
		options.Window = defaultWindow
	}
	if options.Patience <= 0 {
		options.Patience, _ = c.access.Timeout()
	}
	if options.OnAck == nil {
		options.OnAck = func(Ack) {}
	}
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s := &InjectStream{
		client: c, op: op, conn: conn, options: options, cancel: cancel, done: make(chan struct{}), began: c.now(),
		queue: make(chan *frame, options.Window), inflight: make(chan *frame, options.Window), slots: make(chan struct{}, options.Window),
	}
	s.wait.Go(func() { s.write(life) })
	s.wait.Go(func() { s.read(life) })
	s.wait.Go(func() { s.watch(life) })
	return s, nil
}

// Send queues items as one frame; see ItemsAppender for what may be given. It waits while the window is full, until ctx ends.
func (s *InjectStream) Send(ctx context.Context, items, tag any) error {
	select {
	case s.slots <- struct{}{}:
	default:
		select {
		case s.slots <- struct{}{}:
		case <-s.done:
			return s.why()
		case <-ctx.Done():
			return fmt.Errorf("%s: %w: %w", s.op, ErrWindowFull, ctx.Err())
		}
	}
	return s.enqueue(items, tag)
}

// TrySend is Send for open-loop traffic: ErrWindowFull at once when the window is full.
func (s *InjectStream) TrySend(items, tag any) error {
	select {
	case s.slots <- struct{}{}:
		return s.enqueue(items, tag)
	default:
		if err := s.failed.Load(); err != nil {
			return err
		}
		return fmt.Errorf("%s: %w", s.op, ErrWindowFull)
	}
}

// bodies are reused: a frame's bytes are free once they are written.
var bodies = sync.Pool{New: func() any { b := make([]byte, 0, 512); return &b }}

func (s *InjectStream) enqueue(items, tag any) error {
	buffer := bodies.Get().(*[]byte)
	body, n, err := appendBody((*buffer)[:0], items)
	if err != nil {
		bodies.Put(buffer)
		<-s.slots
		return s.client.access.Fail(s.op, "", "", err)
	}
	f := &frame{ack: Ack{Tag: tag, Items: n, Queued: s.client.now()}, body: body}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		<-s.slots
		return s.why()
	}
	s.queue <- f // never blocks: there are as many places as slots
	return nil
}

func (s *InjectStream) why() error {
	if err := s.failed.Load(); err != nil {
		return err
	}
	return &ClosedError{Op: s.op, Code: 1000, Reason: "closed by us"}
}

// write hands frames to the socket in order. It ends when the queue is closed, handing on what is left unsent.
func (s *InjectStream) write(ctx context.Context) {
	defer close(s.inflight)
	for f := range s.queue {
		if s.failed.Load() == nil {
			if s.started.Add(1)-s.answered.Load() == 1 { // nothing was due before
				s.progress.Store(int64(s.client.now().Sub(s.began)))
			}
			err := s.conn.Write(ctx, websocket.MessageText, f.body)
			f.ack.Sent = s.client.now() // also on failure: part of it may be out
			if err != nil {
				s.failSoon(ctx, err)
			}
		}
		body := f.body[:0]
		f.body = nil
		if cap(body) <= 64<<10 {
			bodies.Put(&body)
		}
		s.inflight <- f
	}
}

// read matches answers to frames. A frame is put in flight after it was written, so its answer may come first: the receive below waits for it.
func (s *InjectStream) read(ctx context.Context) {
	defer close(s.done)
	for s.failed.Load() == nil {
		body, err := readMessage(ctx, s.conn)
		received := s.client.now()
		if err != nil {
			s.fail(err)
			break
		}
		if s.answered.Add(1) > s.started.Load() {
			s.fail(fmt.Errorf("%w: an answer to nothing that was sent: %.60s", access.ErrMalformed, body))
			break
		}
		s.progress.Store(int64(received.Sub(s.began)))
		s.settle(<-s.inflight, body, received)
	}
	s.shut()
	for f := range s.inflight {
		f.ack.Err = s.why()
		s.options.OnAck(f.ack)
		<-s.slots
	}
}

// settle reads one answer: {"accepted":n}, with warnings, or {"messages":[...]} for a refused frame (contract 3.3).
func (s *InjectStream) settle(f *frame, body []byte, received time.Time) {
	f.ack.Received = received
	var answer accepted
	err := json.Unmarshal(body, &answer)
	f.ack.Messages = access.Messages(answer.Messages)
	switch {
	case err != nil, answer.Accepted == nil && len(f.ack.Messages) == 0,
		answer.Accepted != nil && (*answer.Accepted < 0 || *answer.Accepted > math.MaxInt32):
		f.ack.Err = s.client.access.Fail(s.op, "", "", fmt.Errorf("%w: acknowledgement %.60q", access.ErrMalformed, body))
	case answer.Accepted == nil:
		refused := s.client.access.Fail(s.op, "", "", fmt.Errorf("%w: %s", access.ErrRejected, f.ack.Messages[0]))
		refused.MessageID = f.ack.Messages[0].ID
		f.ack.Err = refused
	default:
		f.ack.Accepted = int(*answer.Accepted)
	}
	s.options.OnAck(f.ack)
	<-s.slots
}

// fail ends the stream; the first cause stays.
func (s *InjectStream) fail(err error) {
	var closed *ClosedError
	if !errors.As(err, &closed) {
		closed = s.client.closed(s.op, err)
	}
	if s.failed.CompareAndSwap(nil, closed) {
		s.cancel()
		_ = s.conn.CloseNow()
	}
}

// failSoon lets the reader fail first: it may be holding the close frame that says why writing is no longer possible.
func (s *InjectStream) failSoon(ctx context.Context, err error) {
	timer := time.NewTimer(100 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
		s.fail(err)
	}
}

// shut stops taking frames.
func (s *InjectStream) shut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		close(s.queue)
	}
}

// watch ends the stream when answers are due and none comes.
func (s *InjectStream) watch(ctx context.Context) {
	ticker := time.NewTicker(max(s.options.Patience/8, time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		silent := s.client.now().Sub(s.began) - time.Duration(s.progress.Load())
		if s.started.Load() > s.answered.Load() && silent > s.options.Patience {
			s.fail(&ClosedError{Op: s.op, Code: Abnormal, Class: ErrUnreachable,
				Err: fmt.Errorf("%d frames wait for an answer, none came for %v", s.started.Load()-s.answered.Load(), s.options.Patience)})
			return
		}
	}
}

// Done is closed when the stream has ended and every frame has had its Ack; Err says why.
func (s *InjectStream) Done() <-chan struct{} { return s.done }

// Err says what ended the stream (*ClosedError); nil while it lives.
func (s *InjectStream) Err() error {
	if err := s.failed.Load(); err != nil {
		return err
	}
	return nil
}

// Close takes no more frames, waits until all are acknowledged or ctx ends, and closes. Frames not acknowledged by then are with
// ErrClosed, and Close says so. It must not be called from OnAck.
func (s *InjectStream) Close(ctx context.Context) error {
	var unanswered error
	s.once.Do(func() {
		s.shut()
	drain:
		for range cap(s.slots) { // who holds every slot knows that nothing is under way
			select {
			case s.slots <- struct{}{}:
			case <-s.done:
				break drain
			case <-ctx.Done():
				unanswered = fmt.Errorf("%s: close with frames unacknowledged: %w", s.op, ctx.Err())
				break drain
			}
		}
		if unanswered == nil && s.failed.Load() == nil {
			s.failed.CompareAndSwap(nil, &ClosedError{Op: s.op, Code: 1000, Reason: "closed by us"})
			closing(s.conn, s.cancel)
		}
		s.fail(&ClosedError{Op: s.op, Code: 1000, Reason: "closed by us"})
		s.cancel()
		s.wait.Wait()
	})
	return unanswered
}
