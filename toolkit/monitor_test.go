package toolkit

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

const patience = 20 * time.Second

func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !done(); {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		runtime.Gosched()
		<-time.After(time.Millisecond)
	}
}

// watch starts a monitor at full speed and returns when every probe and feed of both sites has its baseline.
func watch(t *testing.T, c *Client, opts MonitorOptions, sites ...*fakeSite) *Monitor {
	t.Helper()
	opts.Fast, opts.Slow, opts.Backoff = 2*time.Millisecond, 5*time.Millisecond, time.Millisecond
	m := c.Monitor(t.Context(), opts)
	t.Cleanup(m.Close)
	m.Fast()
	for _, s := range sites {
		await(t, "baselines", func() bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			return s.asked["Counters"] > 6 && s.asked["Trace"] > 1 && s.asked["Read"] > 3 && s.asked["Scrape"] > 2 && s.asked["Job"] > 2 && s.asked["Instance"] > 2
		})
		await(t, "subscriptions", func() bool { return s.subscribed("Status") && s.subscribed("Takeover") })
	}
	return m
}

func waitFor(t *testing.T, m *Monitor, want Want) []Change {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	seen, err := m.WaitFor(ctx, want)
	if err != nil {
		t.Fatalf("%v; changes %v; failures %v", err, m.Changes(), m.Failures())
	}
	return seen
}

// down and up let a site see its peer go and come, through every door.
func down(f *fakeSite, n int64) { flip(f, n, false) }
func up(f *fakeSite, n int64)   { flip(f, n, true) }
func flip(f *fakeSite, n int64, active bool) {
	f.set(func(f *fakeSite) { f.counts[StatusTuples] = n })
	f.emit("Status", status(active, int(n)))
}

func TestMonitorSeesFailoverFailbackAndTheNextFailover(t *testing.T) {
	c, a, b := newFakes(t, nil)
	m := watch(t, c, MonitorOptions{}, a, b)
	if got := m.Changes(); len(got) != 0 {
		t.Fatalf("the baseline yields changes: %v", got)
	}
	for _, site := range []string{"dc1", "dc2"} {
		if polls := m.Polls(site); polls[OperatorMetrics] == 0 || polls[JobHealth] == 0 || polls[StatusStream] != 0 {
			t.Errorf("polls of %s: %v", site, polls)
		}
	}
	for i, n := range []int64{2, 3, 4, 5} {
		event := []Event{PeerDown, PeerUp}[i%2]
		before := time.Now()
		flip(b, n, i%2 == 1)
		after := time.Now()
		for _, change := range waitFor(t, m, Want{Site: "dc2", Event: event, Since: before, Indicators: 4}) {
			if change.Earliest.After(after) || change.Latest.Before(before) || change.Earliest.After(change.Latest) || change.Width() > time.Minute {
				t.Errorf("flip in [%v, %v] reported as [%v, %v]: %v", before, after, change.Earliest, change.Latest, change)
			}
			if change.Subject != "dc1" || change.Evidence == "" {
				t.Errorf("change %+v", change)
			}
		}
	}
	if got := m.Conclusions()[1].State; got != Up {
		t.Errorf("concludes %v", got)
	}
	for _, change := range m.Changes() {
		if change.Site != "dc2" {
			t.Errorf("nothing happened at dc1: %v", change)
		}
	}
}

func TestMonitorCountsTakeoverAndMuting(t *testing.T) {
	c, a, b := newFakes(t, nil)
	m := watch(t, c, MonitorOptions{}, a, b)
	b.set(func(f *fakeSite) { f.counts[HeartbeatsOut]++; f.counts[Ticks]++ })
	await(t, "a heartbeat", func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		for _, v := range m.sides[1].views {
			if !v.tracks[HeartbeatsOut].moved || !v.tracks[HeartbeatsOut].ticksOK {
				return false
			}
		}
		return true
	})
	b.set(func(f *fakeSite) { f.counts[StatusTuples] = 2; f.counts[Delivered] = 5; f.counts[Ticks] += 3 })
	for i := range 5 {
		b.emit("Takeover", []byte(`{"origin":"`+string(rune('0'+i))+`","dataCenter":"dc1","count":9,"messageType":2,"localDataCenter":"dc2"}`))
	}
	taken := waitFor(t, m, Want{Site: "dc2", Event: FragmentTakenOver, Indicators: 3})
	waitFor(t, m, Want{Site: "dc2", Event: HeartbeatsMuted, Indicators: 2})
	for _, change := range taken {
		if want := map[Indicator]int64{OperatorMetrics: 5, PrometheusMetrics: 5, TakeoverStream: 1}[change.Indicator]; change.Count != want {
			t.Errorf("%d fragments, want %d: %v", change.Count, want, change)
		}
	}
	waitFor(t, m, Want{Site: "dc2", Event: FragmentTakenOver, Subject: "dc1-4"})
	got := m.Conclusions()[1]
	if got.Takeover != TakeoverComplete || got.State != DownMute {
		t.Errorf("concludes %v, takeover %q", got, got.Takeover)
	}
	b.set(func(f *fakeSite) { f.counts[HeartbeatsOut]++ })
	waitFor(t, m, Want{Site: "dc2", Event: HeartbeatsResumed, Indicators: 2})
}

func TestMonitorCatchesUpAfterTheStreamWasLost(t *testing.T) {
	c, a, b := newFakes(t, nil)
	m := watch(t, c, MonitorOptions{}, a, b)
	b.set(func(f *fakeSite) { f.fail["Subscribe"] = errors.New("refused") })
	b.cut()
	await(t, "the loss", func() bool {
		for _, f := range m.Failures() {
			if f.Indicator == StatusStream && f.Site == "dc2" {
				return true
			}
		}
		return false
	})
	before := time.Now()
	down(b, 2)
	after := time.Now()
	b.set(func(f *fakeSite) { delete(f.fail, "Subscribe") })
	count := func() (n int) {
		for _, change := range m.Changes() {
			if change.Indicator == StatusStream && change.Event == PeerDown {
				n++
				if change.Earliest.After(after) || change.Latest.Before(before) {
					t.Errorf("down in [%v, %v], caught up as %+v", before, after, change)
				}
			}
		}
		return n
	}
	await(t, "catching up", func() bool { return count() > 0 })
	up(b, 3)
	waitFor(t, m, Want{Site: "dc2", Event: PeerUp, Indicators: 4})
	if n := count(); n != 1 {
		t.Errorf("one DOWN was caught up %d times", n)
	}
}

func TestMonitorHealth(t *testing.T) {
	c, a, b := newFakes(t, nil)
	m := watch(t, c, MonitorOptions{}, a, b)
	a.set(func(f *fakeSite) { f.fail["Job"] = access.ErrNotFound })
	waitFor(t, m, Want{Site: "dc1", Event: JobGone, Indicators: 1})
	a.set(func(f *fakeSite) { delete(f.fail, "Job"); f.job.ID = "8" })
	waitFor(t, m, Want{Site: "dc1", Event: JobRunning, Subject: "job 8"})
	a.set(func(f *fakeSite) { f.job.PEs = []PEState{{ID: "3", Status: "stopped", Reason: "crash", Launch: 1}} })
	waitFor(t, m, Want{Site: "dc1", Event: PEStopped, Subject: "pe 3"})
	a.set(func(f *fakeSite) {
		f.job.PEs = []PEState{{ID: "3", Status: "running", Launch: 2, Process: "101"}}
		f.launch, f.counts[StatusTuples] = 2, 0
	})
	waitFor(t, m, Want{Site: "dc1", Event: PERestarted, Subject: "pe 3"})
	waitFor(t, m, Want{Site: "dc1", Event: PeerUnknown, Indicators: 2})
	a.set(func(f *fakeSite) { f.counts[StatusTuples] = 1 })
	waitFor(t, m, Want{Site: "dc1", Event: PeerUp, Indicators: 2})
	a.set(func(f *fakeSite) { f.fail["Instance"] = access.ErrUnreachable })
	waitFor(t, m, Want{Site: "dc1", Event: InstanceUnreachable})
	a.set(func(f *fakeSite) { delete(f.fail, "Instance"); f.instance.Status = "stopped" })
	waitFor(t, m, Want{Site: "dc1", Event: InstanceReachable})
	waitFor(t, m, Want{Site: "dc1", Event: InstanceStopped})
}

func TestMonitorNeverTakesOurErrorsForAFailover(t *testing.T) {
	for _, cause := range []error{access.ErrUnauthorized, access.ErrTLS, access.ErrUnreachable, access.ErrMalformed} {
		c, a, b := newFakes(t, nil)
		m := watch(t, c, MonitorOptions{}, a, b)
		a.set(func(f *fakeSite) {
			for name := range methods {
				f.fail[name] = cause
			}
			f.fail["Subscribe"] = cause
		})
		a.cut()
		failing := func() int {
			indicators := map[Indicator]bool{}
			for _, f := range m.Failures() {
				if f.Site == "dc1" {
					indicators[f.Indicator] = true
				}
			}
			return len(indicators)
		}
		all := asked(c, 0)
		for _, f := range m.feeds(0) {
			all[f.indicator] = true
		}
		await(t, "all indicators to fail", func() bool { return failing() == len(all) })
		for _, change := range m.Changes() {
			if change.Event != InstanceUnreachable || cause != access.ErrUnreachable {
				t.Errorf("%v became %v", cause, change)
			}
		}
		if got := m.Conclusions(); got[0].State != Unknown || got[1].State != Up {
			t.Errorf("%v: concludes %v", cause, got)
		}
		m.Close()
	}
}

func TestMonitorPollsOnWhileOneHangs(t *testing.T) {
	c, a, b := newFakes(t, func(cfg *Config) { cfg.CallTimeout = patience })
	m := watch(t, c, MonitorOptions{}, a, b)
	b.set(func(f *fakeSite) { f.hang["Counters"] = true })
	await(t, "a hanging poll", func() bool { b.mu.Lock(); defer b.mu.Unlock(); return b.asked["Counters"] > 8 })
	b.set(func(f *fakeSite) { f.hang["Counters"] = false })
	down(b, 2)
	begun := time.Now()
	waitFor(t, m, Want{Site: "dc2", Event: PeerDown, Indicators: 3})
	if took := time.Since(begun); took > patience/2 {
		t.Errorf("took %v", took)
	}
}

func TestMonitorWatchesResults(t *testing.T) {
	c, a, b := newFakes(t, nil)
	m := watch(t, c, MonitorOptions{ResultsGap: 30 * time.Millisecond}, a, b)
	await(t, "results feed", func() bool { return a.subscribed("Results") })
	a.emit("Results", []byte(`{}`))
	stopped := waitFor(t, m, Want{Site: "dc1", Event: ResultsStopped})
	a.emit("Results", []byte(`{}`))
	resumed := waitFor(t, m, Want{Site: "dc1", Event: ResultsResumed})
	if stopped[0].Width() < 30*time.Millisecond || resumed[0].Latest.Before(stopped[0].Latest) {
		t.Errorf("stopped %v, resumed %v", stopped, resumed)
	}
}

func TestMonitorEndsWithItsContextAndLeaksNothing(t *testing.T) {
	c, a, b := newFakes(t, func(cfg *Config) { cfg.CallTimeout = patience })
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	m := c.Monitor(ctx, MonitorOptions{Fast: time.Millisecond, Slow: time.Millisecond, ResultsGap: time.Second})
	changes := m.Subscribe(t.Context())
	await(t, "subscriptions", func() bool { return a.subscribed("Status") && b.subscribed("Results") })
	a.set(func(f *fakeSite) { f.hang["Counters"], f.hang["Read"] = true, true })
	cancel()
	<-m.Done()
	for range changes { // closed with the monitor
	}
	if _, err := m.WaitFor(t.Context(), Want{Site: "dc1", Event: PeerDown}); !errors.Is(err, ErrMonitorEnded) || !strings.Contains(err.Error(), "0 saw it") {
		t.Errorf("WaitFor after the end: %v", err)
	}
	await(t, "goroutines to end", func() bool { return runtime.NumGoroutine() <= before })
}

func TestSubscribeYieldsEveryChangeInOrder(t *testing.T) {
	c, a, b := newFakes(t, nil)
	m := watch(t, c, MonitorOptions{}, a, b)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	changes := m.Subscribe(ctx)
	for n := int64(2); n < 12; n++ {
		flip(b, n, n%2 == 1)
	}
	for n, want := 2, PeerDown; n < 12; {
		change, ok := <-changes
		if !ok {
			t.Fatal("closed early")
		}
		if change.Indicator != StatusStream {
			continue
		}
		if change.Event != want {
			t.Fatalf("number %d: %v", n, change)
		}
		n++
		want = map[Event]Event{PeerDown: PeerUp, PeerUp: PeerDown}[want]
	}
}

func TestTheLogIsBounded(t *testing.T) {
	l := newChangeLog(4, 3)
	for i := range 10 {
		l.add([]Change{{Count: int64(i)}})
		l.fail(epoch, Problem{Site: "dc1", Indicator: Indicator(rune('a' + i)), Cause: CauseTimeout, Err: errors.New("x")})
		l.fail(epoch, Problem{Site: "dc1", Indicator: Indicator(rune('a' + i)), Cause: CauseTimeout, Err: errors.New("x")})
	}
	all := l.all()
	if len(all) != 4 || all[0].Count != 6 || all[3].Count != 9 {
		t.Errorf("kept %v", all)
	}
	if f := l.failed(); len(f) != 3 || f[2].Times != 2 {
		t.Errorf("kept %v", f)
	}
}

// A page of everything that a data center measures is not asked for more often in peace than while a failover is watched.
func TestPeaceIsNeverWatchedMoreCloselyThanAFault(t *testing.T) {
	m := &Monitor{opts: MonitorOptions{Fast: 15 * time.Millisecond, Slow: 150 * time.Millisecond}}
	for _, c := range []struct {
		every      int
		slow, fast time.Duration
	}{{1, 150 * time.Millisecond, 15 * time.Millisecond}, {10, 150 * time.Millisecond, 150 * time.Millisecond}, {32, 480 * time.Millisecond, 480 * time.Millisecond}} {
		m.Slow()
		slow := m.interval(probe{every: c.every})
		m.Fast()
		if fast := m.interval(probe{every: c.every}); slow != c.slow || fast != c.fast {
			t.Errorf("every %d: %v and %v, want %v and %v", c.every, slow, fast, c.slow, c.fast)
		}
	}
}
