package traffic

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// twin is a pair of data centers that process what they accept at once.
type twin struct {
	ledger atomic.Pointer[Ledger]
	mode   [2]atomic.Int32 // serve, refuse, hang
	taken  [2]atomic.Int64
	mu     sync.Mutex
	order  map[string]uint64
	jumped atomic.Int64
}

const (
	serve int32 = iota
	refuse
	hang
)

func (w *twin) Inject(ctx context.Context, site string, events []Event) error {
	i := int(site[2] - '1')
	switch w.mode[i].Load() {
	case refuse:
		return fmt.Errorf("%w: connection refused", ErrRefused)
	case hang:
		<-ctx.Done()
		return ctx.Err()
	}
	w.mu.Lock()
	for _, e := range events {
		key := fmt.Sprint(e.DC, e.Channel)
		if e.Seq <= w.order[key] {
			w.jumped.Add(1)
		}
		w.order[key] = e.Seq
	}
	w.mu.Unlock()
	w.taken[i].Add(int64(len(events)))
	w.ledger.Load().Observe(site, resultsOf(events, site, 0), time.Now())
	return nil
}

// start runs a generator until the test ends; stop waits for its end.
func start(t *testing.T, options Options) (g *Generator, w *twin, stop func()) {
	t.Helper()
	w = &twin{order: map[string]uint64{}}
	options.Sites = [2]string{"dc1", "dc2"}
	g, err := NewGenerator(options, w)
	if err != nil {
		t.Fatal(err)
	}
	w.ledger.Store(g.Ledger())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("run: %v", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("the generator did not end")
		}
	})
	t.Cleanup(stop)
	return g, w, stop
}

// await polls a condition against a deadline.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func TestEveryEventIsAccountedForAcrossAFailover(t *testing.T) {
	g, w, stop := start(t, Options{Rate: 5000, Probe: 5 * time.Millisecond})
	await(t, "the home serves", func() bool { return w.taken[0].Load() > 200 })

	w.mode[0].Store(refuse)
	await(t, "events are refused", func() bool { return g.Account().Ledger.Refused > 100 })
	if r := g.Reroutes(); len(r) != 0 {
		t.Fatalf("rerouted without the peer's word: %+v", r)
	}
	failed := time.Now()
	g.SetPeerDown("dc1", true)
	await(t, "the survivor serves the stream", func() bool {
		_, ok := g.Ledger().FirstServed("dc1", "dc2", failed)
		return ok
	})
	when, _ := g.Ledger().FirstServed("dc1", "dc2", failed)
	if when.Earliest > when.Latest || when.Earliest < g.Ledger().instant(failed) {
		t.Errorf("first served %+v, not after the word at %d", when, g.Ledger().instant(failed))
	}

	w.mode[0].Store(serve)
	taken := w.taken[0].Load()
	await(t, "dc2 has served more", func() bool { return w.taken[1].Load() > 500 })
	if w.taken[0].Load() != taken {
		t.Error("came home while the peer still said DOWN")
	}
	g.SetPeerDown("dc1", false)
	await(t, "the stream is home again", func() bool { return len(g.Reroutes()) == 2 && w.taken[0].Load() > taken })
	stop()

	a := g.Account()
	sent := a.Ledger.Acknowledged + a.Ledger.Refused
	if a.Ledger.Due != sent {
		t.Errorf("due %d, acknowledged %d, refused %d: some are missing", a.Ledger.Due, a.Ledger.Acknowledged, a.Ledger.Refused)
	}
	if a.Ledger.ProcessedBy["dc1"]+a.Ledger.ProcessedBy["dc2"] != a.Ledger.Acknowledged || a.Ledger.Duplicated+a.Ledger.Reordered+a.Ledger.Corrupted != 0 {
		t.Errorf("ledger %+v", a.Ledger)
	}
	if w.jumped.Load() != 0 {
		t.Errorf("%d events out of order", w.jumped.Load())
	}
	r := g.Reroutes()
	if r[0].From != "dc1" || r[0].To != "dc2" || r[1].To != "dc1" || r[0].When.Earliest > r[0].When.Latest || r[1].Why == "" {
		t.Errorf("reroutes %+v", r)
	}
}

func TestASlowHomeIsNotLeftWithoutAFailure(t *testing.T) {
	g, w, _ := start(t, Options{Rate: 2000})
	g.SetPeerDown("dc1", true)
	await(t, "the home, though declared DOWN, serves", func() bool { return w.taken[0].Load() > 400 })
	if r := g.Reroutes(); len(r) != 0 {
		t.Errorf("left a home that serves: %+v", r)
	}
}

func TestAStuckSinkNeitherHoldsUpTheScheduleNorTheReroute(t *testing.T) {
	g, w, stop := start(t, Options{Rate: 2000, Timeout: time.Minute, Patience: 20 * time.Millisecond, Window: 8})
	await(t, "the home serves", func() bool { return w.taken[0].Load() > 100 })
	w.mode[0].Store(hang)
	await(t, "the queue is full", func() bool { return g.Ledger().QueueFull() > 50 })
	other := w.taken[1].Load()
	await(t, "the other stream goes on", func() bool { return w.taken[1].Load() > other+100 })
	g.SetPeerDown("dc1", true) // must end the injection that hangs, long before its timeout
	await(t, "the stream moves", func() bool { return len(g.Reroutes()) == 1 && g.Reroutes()[0].To == "dc2" })
	stop()
	a := g.Account()
	if a.Ledger.Unknown == 0 {
		t.Error("the injection that got no answer must be unknown")
	}
	if a.Ledger.Due != a.Ledger.Acknowledged+a.Ledger.Refused+a.Ledger.Unknown {
		// Acknowledged events are in no inspected state, so they are in Unknown as well.
		if a.Ledger.Due > a.Ledger.Acknowledged+a.Ledger.Refused+a.Ledger.Unknown {
			t.Errorf("some of %d due are unaccounted: %+v", a.Ledger.Due, a.Ledger)
		}
	}
}

func TestDueTimesAreThoseOfTheScheduleHoweverLateTheTick(t *testing.T) {
	clock := newHandClock()
	got := make(chan []Event, 100)
	sink := SinkFunc(func(_ context.Context, site string, events []Event) error {
		if site == "dc1" {
			got <- append([]Event(nil), events...)
		}
		return nil
	})
	g, err := NewGenerator(Options{Sites: [2]string{"dc1", "dc2"}, Rate: 1000, Tick: 5 * time.Millisecond, Clock: clock, Epoch: clock.Now()}, sink)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	clock.waitFor(t)
	began := clock.Now()
	clock.advance(100 * time.Millisecond) // the process was starved for 95 ms
	var index int
	for index < 100 {
		select {
		case events := <-got:
			for _, e := range events {
				if want := began.Add(time.Duration(index) * time.Millisecond); !e.Due.Equal(want) || e.Channel != index%Channels || e.Seq != uint64(index/Channels+1) {
					t.Fatalf("event %d is %s/%d/%d due %s, want due %s", index, e.DC, e.Channel, e.Seq, e.Due, want)
				}
				index++
			}
		case <-time.After(10 * time.Second):
			t.Fatal("no events")
		}
	}
	if late := g.Lateness(); late.Max != 95*time.Millisecond || late.Ticks != 1 {
		t.Errorf("lateness %+v, want 95ms once", late)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := g.Run(context.Background()); err == nil {
		t.Error("a generator ran twice")
	}
}

func TestCanaryTroubleIsTroubleOfOurs(t *testing.T) {
	sick := errors.New("loopback is gone")
	canary := SinkFunc(func(_ context.Context, site string, events []Event) error {
		if site != CanarySite || len(events) != 1 || events[0].Check != Check(CanarySite, 0, events[0].Seq) {
			t.Errorf("canary got %s %+v", site, events)
		}
		return sick
	})
	g, _, _ := start(t, Options{Rate: 1000, Tick: time.Millisecond, Canary: canary})
	await(t, "the canary reports", func() bool {
		troubles, sent := g.CanaryTrouble(0, model.Instant(time.Hour))
		return len(troubles) > 0 && sent > 0
	})
	if troubles, _ := g.CanaryTrouble(model.Instant(time.Hour), model.Instant(2*time.Hour)); len(troubles) != 0 {
		t.Errorf("trouble outside the stretch: %+v", troubles)
	}
}

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	pair := [2]string{"dc1", "dc2"}
	for name, options := range map[string]Options{
		"same sites": {Sites: [2]string{"dc1", "dc1"}, Rate: 1},
		"no rate":    {Sites: pair},
		"speedup":    {Sites: pair, Rate: 1, Speedup: -1},
		"window":     {Sites: pair, Rate: 1, Window: -1},
		"tick":       {Sites: pair, Rate: 1, Tick: -1},
	} {
		if _, err := NewGenerator(options, &twin{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := NewGenerator(Options{Sites: pair, Rate: 1}, nil); err == nil {
		t.Error("no sink: accepted")
	}
}

// handClock moves only when told.
type handClock struct {
	mu      sync.Mutex
	now     time.Time
	waiting map[chan time.Time]time.Time
	asked   chan struct{}
}

func newHandClock() *handClock {
	return &handClock{now: epoch, waiting: map[chan time.Time]time.Time{}, asked: make(chan struct{}, 1000)}
}

func (c *handClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *handClock) At(t time.Time) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan time.Time, 1)
	if !t.After(c.now) {
		ch <- c.now
	} else {
		c.waiting[ch] = t
	}
	c.asked <- struct{}{}
	return ch
}

func (c *handClock) waitFor(t *testing.T) {
	t.Helper()
	select {
	case <-c.asked:
	case <-time.After(10 * time.Second):
		t.Fatal("nobody waits on the clock")
	}
}

func (c *handClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for ch, at := range c.waiting {
		if !at.After(c.now) {
			ch <- c.now
			delete(c.waiting, ch)
		}
	}
}

// BenchmarkGeneratorWithLedger sends at 20,000 events/s for a second and prints the share of one core that generator
// and ledger took together.
func BenchmarkGeneratorWithLedger(b *testing.B) {
	const rate = 10000 // per stream
	for b.Loop() {
		var g *Generator
		sink := SinkFunc(func(_ context.Context, site string, events []Event) error {
			g.Ledger().Observe(site, resultsOf(events, site, 0), time.Now())
			return nil
		})
		g, err := NewGenerator(Options{Sites: [2]string{"dc1", "dc2"}, Rate: rate}, sink)
		if err != nil {
			b.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		before := processorTime(b)
		start := time.Now()
		if err := g.Run(ctx); err != nil {
			b.Fatal(err)
		}
		cancel()
		wall := time.Since(start)
		a := g.Account()
		b.ReportMetric((processorTime(b)-before).Seconds()/wall.Seconds(), "of-one-core")
		b.ReportMetric(float64(a.Ledger.Acknowledged)/wall.Seconds()/20000, "of-20000/s")
	}
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
