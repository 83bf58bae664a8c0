package toolkit

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

// MonitorOptions says how closely to look. Zero values take the defaults.
type MonitorOptions struct {
	Fast     time.Duration // interval after Fast was called; default 3/10 of Config.Refresh, at least 15 ms
	Slow     time.Duration // interval in steady state; default half a heartbeat interval
	Changes  int           // how many changes are kept; default 4096
	Failures int           // how many failures are kept; default 256
	// ResultsGap is how long the application's results may pause before that counts as a stop; 0 does not watch them.
	ResultsGap time.Duration
	Backoff    time.Duration // first wait before subscribing again, doubled up to 32 times; default 50 ms
}

// maxHanging is how many polls of one kind may hang at a time; a further one is recorded as a failure instead.
const maxHanging = 3

// Monitor watches both sites until its context ends. It polls and subscribes on its own goroutines, each poll with its
// own timeout and none waiting for another, and turns what it sees into changes. Failures of an indicator are recorded
// and never end it. Nothing is latched: a failback and the next failover are changes like the first.
type Monitor struct {
	cfg  *Config
	opts MonitorOptions

	mu    sync.Mutex // guards what follows
	sides [2]*memory
	polls [2]map[Indicator]int64

	log  *changeLog
	fast atomic.Bool
	pace broadcast

	cancel context.CancelFunc
	wg     sync.WaitGroup
	done   chan struct{}
}

// Monitor starts watching. The first look at everything is the baseline and yields no change.
func (c *Client) Monitor(ctx context.Context, opts MonitorOptions) *Monitor {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	set(&opts.Fast, max(3*c.cfg.Refresh/10, 15*time.Millisecond))
	set(&opts.Slow, max(c.cfg.Timing.Interval()/2, opts.Fast))
	set(&opts.Backoff, 50*time.Millisecond)
	if opts.Changes <= 0 {
		opts.Changes = 4096
	}
	if opts.Failures <= 0 {
		opts.Failures = 256
	}
	ctx, cancel := context.WithCancel(ctx)
	m := &Monitor{
		cfg: &c.cfg, opts: opts, sides: [2]*memory{newMemory(&c.cfg, 0), newMemory(&c.cfg, 1)},
		polls: [2]map[Indicator]int64{{}, {}}, log: newChangeLog(opts.Changes, opts.Failures), cancel: cancel, done: make(chan struct{}),
	}
	for side := range m.sides {
		site := &c.cfg.Sites[side]
		probes := site.probes()
		m.sides[side].missing(probes)
		for _, p := range probes {
			if !p.missing {
				m.wg.Go(func() { m.poll(ctx, side, p) })
			}
		}
		if site.Exchange == nil {
			continue
		}
		for _, f := range m.feeds(side) {
			if f.endpoint != "" {
				m.wg.Go(func() { m.follow(ctx, side, f) })
			}
		}
	}
	go func() {
		m.wg.Wait()
		m.log.close()
		close(m.done)
	}()
	return m
}

// Fast asks for the short interval: from the injection of a fault until its effects are settled.
func (m *Monitor) Fast() { m.fast.Store(true); m.pace.wake() }

// Slow asks for the long interval of the steady state.
func (m *Monitor) Slow() { m.fast.Store(false) }

// Close ends the monitor and returns when everything that it started has ended.
func (m *Monitor) Close() {
	m.cancel()
	<-m.done
}

// Done is closed when the monitor has ended and nothing of it runs any more.
func (m *Monitor) Done() <-chan struct{} { return m.done }

// Changes returns the changes kept so far, oldest first.
func (m *Monitor) Changes() []Change { return m.log.all() }

// Failures returns the failures kept so far, oldest first; repetitions are counted, not kept.
func (m *Monitor) Failures() []Failure { return m.log.failed() }

// Conclusions infers from what is known now, without asking anybody.
func (m *Monitor) Conclusions() [2]Conclusion {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, b := pair(m.sides[0], m.sides[1], m.cfg.Now(), nil)
	return [2]Conclusion{Infer(a), Infer(b)}
}

// Misses returns what each source of counters of a site tells of the ticks that it counted before its newest DOWN; a source
// that cannot tell is left out.
func (m *Monitor) Misses(site string) map[Indicator]Misses {
	m.mu.Lock()
	defer m.mu.Unlock()
	told := map[Indicator]Misses{}
	for _, side := range m.sides {
		if side.site.Name != site {
			continue
		}
		for indicator, v := range side.views {
			if v.missed.told != nil {
				told[indicator] = *v.missed.told
			}
		}
	}
	return told
}

func (m *Monitor) polled(side int, indicator Indicator) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.polls[side][indicator]++
}

// Polls is how often each indicator of a site was asked and had answered, or failed to; those that push are not among them.
func (m *Monitor) Polls(site string) map[Indicator]int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, side := range m.sides {
		if side.site.Name == site {
			return maps.Clone(m.polls[i])
		}
	}
	return nil
}

// interval is never shorter in steady state than while a failover is watched: what costs too much then costs too much in peace.
func (m *Monitor) interval(p probe) time.Duration {
	fast := m.opts.Fast * time.Duration(p.every)
	if m.fast.Load() {
		return fast
	}
	return max(m.opts.Slow, fast)
}

// poll asks one probe over and over. Each asking has a goroutine of its own, so that one that hangs does not delay the
// next; readings that come back out of order are sorted out by when they were asked for.
func (m *Monitor) poll(ctx context.Context, side int, p probe) {
	hanging := make(chan struct{}, maxHanging)
	for {
		pace := m.pace.wait()
		select {
		case hanging <- struct{}{}:
			m.wg.Go(func() {
				defer func() { <-hanging }()
				changes, err := ask(ctx, m.cfg, &m.mu, m.sides[side], p)
				m.polled(side, p.indicator)
				m.report(ctx, changes, err)
			})
		default:
			m.report(ctx, nil, Problem{
				Site: m.cfg.Sites[side].Name, Indicator: p.indicator, Cause: CauseTimeout,
				Err: fmt.Errorf("%d polls hang", maxHanging),
			})
		}
		timer := time.NewTimer(m.interval(p))
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

func (m *Monitor) report(ctx context.Context, changes []Change, err error) {
	changes, reversed := sound(changes)
	m.log.add(changes)
	for _, problem := range reversed {
		m.log.fail(m.cfg.Now(), problem)
	}
	if err != nil && ctx.Err() == nil {
		m.log.fail(m.cfg.Now(), err)
	}
}

// broadcast wakes everybody who waits.
type broadcast struct {
	mu sync.Mutex
	ch chan struct{}
}

func (b *broadcast) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

func (b *broadcast) wake() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}
