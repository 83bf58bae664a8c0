// Package watch opens everything that looks at an environment and sends through it, and closes it again: the monitor with the
// board of what was seen, the traffic with its ledger, the followers of results, and the routes that a load balancer would
// choose. Scenarios, the endurance of many failovers, the benchmarks and steps of other repositories use the same Session, so that
// what is proven of one is true of all.
//
// It knows no test framework. It may import support/application, support/environment, support/timeline, support/traffic, toolkit and reports/model.
package watch

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/support/watch/seen"
	"github.com/crossdc/failover/support/watch/ways"
	"github.com/crossdc/failover/toolkit"
)

// Options of Open. Zero values take the defaults.
type Options struct {
	// Epoch is the zero of every model.Instant, with its monotonic reading; default now.
	Epoch time.Time
	// Rate is the events per wall second that are sent to each data center.
	Rate float64
	// Idle is the data center that no events are sent for, because its application is not there; empty: none.
	Idle string
	// Canary takes one event now and then on a path that no fault touches; nil: the environment's own.
	Canary traffic.Sink
	// Unwatched leaves the monitor out: nothing is seen then, and nothing is rerouted.
	Unwatched bool
	// DownIsEnough says that there is nothing to take over, so that events go to the survivor as soon as it declares DOWN.
	DownIsEnough bool
	// Perceive is what becomes of a change before it is posted; nil: it stays as it is.
	Perceive func(toolkit.Change) []toolkit.Change
	// Heard is told of results before the ledger is; nil: nobody is.
	Heard func(site string, results []traffic.Result)
}

// Session is one stretch of watching and sending. Everything that it started has ended when Close returns.
type Session struct {
	Env *environment.Environment
	// Monitor looks at both data centers; nil when the session is unwatched.
	Monitor *toolkit.Monitor
	Board   *board.Board
	Traffic *traffic.Generator
	Ledger  *traffic.Ledger
	Streams environment.Streams
	// Level is how exactly the application can be accounted for.
	Level application.Level
	// Began is when it began to watch.
	Began time.Time

	options   Options
	ways      *ways.Ways // nil for an application whose state can be asked for
	routes    *routes
	concluded *concluded
	stop      context.CancelFunc // ends everything
	halt      context.CancelFunc // ends the traffic
	drained   chan struct{}      // closed when the traffic has ended
	started   sync.WaitGroup     // what Close joins
}

// Open starts to watch an environment and to send through it. It goes on when ctx ends, until Close: a step that is cut short must
// not end what the next one needs.
func Open(ctx context.Context, env *environment.Environment, options Options) (*Session, error) {
	if options.Epoch.IsZero() {
		options.Epoch = time.Now()
	}
	if options.Canary == nil {
		options.Canary = env.Canary()
	}
	s := &Session{
		Env: env, Board: board.New(time.Now), Began: time.Now(), Streams: environment.NewStreams(fmt.Sprintf("%x", time.Now().UnixNano())),
		Level: env.Described().Level(), options: options, routes: newRoutes(), drained: make(chan struct{}),
	}
	s.concluded = &concluded{lasting: s.interval()}
	if err := s.prepare(ctx); err != nil {
		return nil, fmt.Errorf("send events through both data centers: %w", err)
	}
	s.Ledger = s.Traffic.Ledger()
	ctx, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	if !options.Unwatched {
		s.Monitor = env.Client.Monitor(ctx, toolkit.MonitorOptions{})
		changes := s.Monitor.Subscribe(ctx)
		s.started.Go(func() { s.follow(changes) })
		s.started.Go(func() { s.keepConcluding(ctx) })
	}
	if err := s.read(ctx); err != nil {
		close(s.drained)
		s.halt = func() {}
		s.Close()
		return nil, fmt.Errorf("read the results of both data centers: %w", err)
	}
	sending, halt := context.WithCancel(ctx)
	s.halt = halt
	go func() {
		defer close(s.drained)
		_ = s.Traffic.Run(sending) // fails only when it is run twice
	}()
	return s, nil
}

func (s *Session) follow(changes <-chan toolkit.Change) {
	for change := range changes {
		perceived := []toolkit.Change{change}
		if s.options.Perceive != nil {
			perceived = s.options.Perceive(change)
		}
		for _, c := range perceived {
			s.post(c)
		}
	}
}

// post hands a change to the board, and tells the traffic what the data centers' applications say of each other.
func (s *Session) post(c toolkit.Change) {
	s.Board.Post(board.Sighting{
		Site: c.Site, Indicator: string(c.Indicator), Event: string(c.Event), Subject: c.Subject, Count: int(c.Count), Round: c.Round,
		Earliest: c.Earliest, Latest: c.Latest, Evidence: c.Evidence,
	})
	s.route(c)
}

// Halt tells the traffic to end and does not wait for it.
func (s *Session) Halt() { s.halt() }

// Drain ends the traffic and returns when every event that was under way has been answered, or was given up.
func (s *Session) Drain() {
	s.halt()
	<-s.drained
}

// Close ends the session, once or again, and returns when all that it started has ended. What was seen and counted stays readable.
func (s *Session) Close() {
	s.Drain()
	s.routes.stop()
	if s.Monitor != nil {
		s.Monitor.Close()
	}
	s.stop()
	s.started.Wait()
	if s.ways != nil {
		_ = s.ways.Close() // nothing more is sent or read by them
	}
}

// Observations are what the monitor has seen since the session began, as scenarios store them; of takeovers, those since the fault.
func (s *Session) Observations(from, fault time.Time, changes []toolkit.Change) []model.Observation {
	return seen.Observations(changes, seen.Window{From: from, Fault: fault, Fragments: s.Env.Fragments, Instant: s.Instant})
}

// Instant is a time on the run's own clock.
func (s *Session) Instant(t time.Time) model.Instant { return model.Instant(t.Sub(s.options.Epoch)) }

// interval is the heartbeat interval in wall time.
func (s *Session) interval() time.Duration {
	return time.Duration(float64(s.Env.Timing.Interval) / s.Env.Speedup)
}

// peerOf is the name of the other data center.
func (s *Session) peerOf(site string) string {
	if site == s.Env.DC1.Name() {
		return s.Env.DC2.Name()
	}
	return s.Env.DC1.Name()
}
