package toolkit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// feed is a push stream of one site.
type feed struct {
	indicator Indicator
	endpoint  string
	catchUp   bool // read the buffer before following, so that nothing is missed while the stream was closed
	take      func(m *memory, a arrived) ([]Change, error)
}

// follower is the state of one feed across its connections.
type follower struct {
	monitor *Monitor
	side    int
	feed    feed
	begun   bool
	seen    []json.RawMessage // the newest tuples, for finding the place in a buffer read after a gap
	last    time.Time         // when the newest was received

	mu     sync.Mutex
	proven time.Time // everything written before this instant has arrived
	pings  []answer  // of this connection, oldest first
}

// answer is a ping that was answered: everything written to the stream before sent had arrived by received.
type answer struct{ sent, received time.Time }

// keptPings is how many answers are remembered, for frames that are taken after later pings were answered.
const keptPings = 64

// keptTuples is how many tuples a follower remembers: as many as an endpoint buffers by default.
const keptTuples = 1000

// errStreamEnded says that the site closed a push stream.
var errStreamEnded = errors.New("push stream ended")

// follow keeps a feed open: subscribe, catch up by reading the buffer, follow; after a loss again, with growing waits.
func (m *Monitor) follow(ctx context.Context, side int, f feed) {
	s := &follower{monitor: m, side: side, feed: f}
	wait := m.opts.Backoff
	for {
		lived, err := s.connection(ctx)
		if ctx.Err() != nil {
			return
		}
		s.fail(ctx, err)
		if lived {
			wait = m.opts.Backoff
		}
		// Between half and all of the wait, so that both sites do not come back in step.
		timer := time.NewTimer(wait/2 + time.Duration(m.cfg.Random()%uint64(wait/2+1)))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		wait = min(2*wait, 32*m.opts.Backoff)
	}
}

func (s *follower) fail(ctx context.Context, err error) {
	m := s.monitor
	m.mu.Lock()
	p := m.sides[s.side].failed(s.feed.indicator, err)
	m.mu.Unlock()
	m.report(ctx, nil, p)
}

type frame struct {
	tuples []json.RawMessage
	when   bounds
	err    error
}

// connection follows one connection to its end; lived says that it brought us something.
func (s *follower) connection(ctx context.Context) (lived bool, err error) {
	m := s.monitor
	exchange := m.cfg.Sites[s.side].Exchange
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	dial, stop := context.WithTimeout(ctx, m.cfg.CallTimeout)
	sub, err := exchange.Subscribe(dial, s.feed.endpoint)
	stop()
	if err != nil {
		return false, fmt.Errorf("subscribe to %s: %w", s.feed.endpoint, err)
	}
	before := s.opened() // pings of this connection prove nothing about what came while there was none
	frames := make(chan frame, 64)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	defer sub.Close()
	wg.Go(func() { s.read(ctx, sub, frames) })
	wg.Go(func() { s.ping(ctx, sub) })

	var seam *seam
	if s.feed.catchUp {
		if err := s.catch(ctx, exchange, before); err != nil {
			return false, err
		}
		seam = newSeam(s.seen, m.cfg.Now())
	}
	m.mu.Lock()
	delete(m.sides[s.side].problems, s.feed.indicator)
	m.mu.Unlock()

	var gap <-chan time.Time
	if s.feed.indicator == Traffic {
		ticker := time.NewTicker(max(m.opts.ResultsGap/4, time.Millisecond))
		defer ticker.Stop()
		gap = ticker.C
	}
	for {
		select {
		case <-ctx.Done():
			return lived, ctx.Err()
		case <-gap:
			m.mu.Lock()
			changes := m.sides[s.side].resultsMissing(m.cfg.Now(), m.opts.ResultsGap)
			m.mu.Unlock()
			m.report(ctx, changes, nil)
		case f := <-frames:
			if f.err != nil {
				return lived, fmt.Errorf("%w: %s: %w", errStreamEnded, s.feed.endpoint, f.err)
			}
			lived = true
			s.last = f.when.latest
			for _, tuple := range f.tuples {
				for _, p := range seam.pass(pushedTuple{tuple, f.when}) {
					s.take(ctx, []json.RawMessage{p.tuple}, p.when, false)
				}
			}
		}
	}
}

func (s *follower) read(ctx context.Context, sub Subscription, frames chan<- frame) {
	for {
		push, err := sub.Next(ctx)
		if err == nil && len(push.Tuples) == 0 {
			continue
		}
		f := frame{push.Tuples, bounds{s.notBefore(push), push.Received}, err}
		select {
		case frames <- f:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// ping proves again and again that nothing is under way. An answer travels behind every tuple that was written before
// it on the same connection, so once it is here, all tuples written before the ping was sent are here too. Without it,
// a stream that is silent and one that is dead look the same: an unanswered ping closes the connection.
func (s *follower) ping(ctx context.Context, sub Subscription) {
	m := s.monitor
	for {
		sent := m.cfg.Now()
		call, cancel := context.WithTimeout(ctx, m.cfg.CallTimeout)
		err := sub.Ping(call)
		cancel()
		switch {
		case ctx.Err() != nil || errors.Is(err, errors.ErrUnsupported):
			return
		case err != nil:
			_ = sub.Close()
			return
		}
		s.answered(answer{sent, m.cfg.Now()})
		m.mu.Lock()
		m.sides[s.side].pushedUntil(s.feed.indicator, sent)
		m.mu.Unlock()
		pace := m.pace.wait()
		timer := time.NewTimer(m.interval(probe{every: 1}))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-pace:
			timer.Stop()
		case <-timer.C:
		}
	}
}

func (s *follower) prove(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proven = later(s.proven, t)
}

// notBefore bounds when the tuples of a push were emitted, from below. The proof by ping assumes that the
// data center hands tuples to its data service without queueing them; where a bound of the delay is known, that is used
// instead and includes any such queue.
func (s *follower) notBefore(push Push) time.Time {
	if bound := s.monitor.cfg.delay(push.Received); bound > 0 && !push.Late {
		return push.Received.Add(-bound)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.pings) - 1; i >= 0; i-- {
		if !s.pings[i].received.After(push.Received) { // read before the tuple, so written before it
			return later(s.proven, s.pings[i].sent)
		}
	}
	return s.proven
}

func (s *follower) answered(a answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pings) == keptPings {
		s.pings = s.pings[1:]
	}
	s.pings = append(s.pings, a)
}

// opened begins a connection and returns what the old ones prove.
func (s *follower) opened() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.pings); n > 0 {
		s.proven = later(s.proven, s.pings[n-1].sent)
	}
	s.pings = nil
	return s.proven
}

// catch reads the endpoint's buffer. The first time, what is there is the baseline. After a gap, what is new happened
// between the last proof of the old connection and now.
func (s *follower) catch(ctx context.Context, exchange Exchange, before time.Time) error {
	m := s.monitor
	since := time.Time{}
	if s.begun && !s.last.IsZero() {
		// The start time counts by the host's clock; the overlap is sorted out by comparing tuples, so early is safe.
		since = s.last.Add(-time.Minute)
		if c := m.cfg.Sites[s.side].Clock; c != nil {
			since = since.Add(-c.Offset - c.Error)
		}
	}
	call, cancel := context.WithTimeout(ctx, m.cfg.CallTimeout)
	defer cancel()
	asked := m.cfg.Now()
	tuples, err := exchange.Read(call, s.feed.endpoint, since)
	answered := m.cfg.Now()
	if err != nil {
		return fmt.Errorf("read the buffer of %s: %w", s.feed.endpoint, err)
	}
	s.take(ctx, unseen(s.seen, tuples), bounds{before.Add(-m.cfg.delay(answered)), answered}, !s.begun)
	s.begun = true
	s.prove(asked)
	return nil
}

func (s *follower) take(ctx context.Context, tuples []json.RawMessage, when bounds, baseline bool) {
	m := s.monitor
	for _, tuple := range tuples {
		m.mu.Lock()
		changes, err := s.feed.take(m.sides[s.side], arrived{tuple, s.feed.indicator, when, baseline})
		if baseline && s.feed.indicator == StatusStream && m.sides[s.side].stream != nil {
			m.sides[s.side].stream.Aged = true
		}
		if err != nil {
			err = Problem{Site: m.cfg.Sites[s.side].Name, Indicator: s.feed.indicator, Cause: CauseOf(err), Err: err}
		}
		m.mu.Unlock()
		m.report(ctx, changes, err)
	}
	if s.feed.catchUp {
		s.seen = append(s.seen, tuples...)
		s.seen = append([]json.RawMessage(nil), s.seen[max(0, len(s.seen)-keptTuples):]...)
	}
}
