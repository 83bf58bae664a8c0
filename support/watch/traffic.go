package watch

import (
	"context"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/support/watch/ways"
	"github.com/crossdc/failover/toolkit"
)

// prepare makes the traffic: through the endpoints of the drill application, or the ways that the application's description names.
func (s *Session) prepare(ctx context.Context) error {
	env, options := s.Env, traffic.Options{
		Sites: [2]string{s.Env.DC1.Name(), s.Env.DC2.Name()}, Rate: s.options.Rate, Epoch: s.options.Epoch, Speedup: s.Env.Speedup, Idle: s.options.Idle, Canary: s.options.Canary,
	}
	var sink traffic.Sink
	if s.Level == application.Stated {
		sink = env.Sink(s.Streams)
	} else {
		var err error
		if s.ways, err = ways.Open(ctx, env, uint64(s.Began.UnixNano())); err != nil {
			return err
		}
		sink, options.Silent, options.Within = s.ways.Sink(), s.ways.Silent(), s.ways.Within()
	}
	var err error
	s.Traffic, err = traffic.NewGenerator(options, sink)
	if err != nil && s.ways != nil {
		_ = s.ways.Close() // nothing was sent or read
	}
	return err
}

// read begins to hand results to the ledger.
func (s *Session) read(ctx context.Context) error {
	if s.ways != nil {
		return s.ways.Read(ctx, s.Ledger, s.options.Heard)
	}
	for _, dc := range []*environment.DataCenter{s.Env.DC1, s.Env.DC2} {
		s.started.Go(func() {
			dc.FollowResults(ctx, s.Streams, func(results []traffic.Result, received time.Time) {
				if s.options.Heard != nil {
					s.options.Heard(dc.Name(), results)
				}
				s.Ledger.Observe(dc.Name(), results, received)
			})
		})
	}
	return nil
}

// reroutes reports whether we send the events of a lost data center to the other one; else something of theirs does.
func (s *Session) reroutes() bool {
	return s.Env.Described().Reroutes != application.ReroutedByUpstream
}

// Through says of each data center whether an event goes through it now. At level 0, where nothing of ours is sent, nobody is asked; the
// same holds where no result reaches us.
func (s *Session) Through(ctx context.Context) [2]toolkit.Availability {
	if s.ways == nil {
		return s.Env.Client.Availability(ctx)
	}
	select {
	case <-s.drained:
		return s.ways.Through(ctx, false)
	default:
		return s.ways.Through(ctx, true)
	}
}

// FirstServed bounds when a survivor first served an event of a lost data center after an instant; ok is false while it has not. Where
// results carry no numbers, it is when there were more of them than its own events explain.
func (s *Session) FirstServed(lost, survivor string, after time.Time) (when model.Interval, ok bool) {
	if s.Env.Described().Carries(application.Served) {
		return s.Ledger.FirstServed(lost, survivor, after)
	}
	return s.Ledger.FirstBeyond(lost, survivor, after)
}

// Trouble says, one sentence each, what keeps results from being read, which no claim about the application may rest on.
func (s *Session) Trouble() []string {
	if s.ways == nil {
		return nil
	}
	return s.ways.Trouble()
}

// Awaits reports whether results of acknowledged events may still come, after the traffic was ended at an instant.
func (s *Session) Awaits(ended time.Time) bool {
	if s.ways == nil || s.ways.Silent() || time.Now().After(ended.Add(s.ways.Within())) {
		return false
	}
	if s.Level == application.Numbered {
		return s.Ledger.Awaited(time.Now()) > 0
	}
	results, acknowledged := s.Ledger.Counted()
	return results < acknowledged
}

// Within is how long after it was due an event's result may come, wall time; 0 where the application's state is asked instead.
func (s *Session) Within() time.Duration {
	if s.ways == nil {
		return 0
	}
	return s.ways.Within()
}

// Account closes the ledger as exactly as the application allows: over the states that it was given, over numbered results, or over counts.
// At level 0 there is nothing to account for.
func (s *Session) Account() traffic.Account {
	switch s.Level {
	case application.Stated:
		return s.Traffic.Account()
	case application.Numbered:
		return s.Traffic.Accounted(s.Ledger.AccountByResults())
	}
	return s.Traffic.Accounted(s.Ledger.AccountByCounts())
}
