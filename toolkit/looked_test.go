package toolkit

import (
	"errors"
	"testing"
	"time"
)

// looked is which indicators have looked at a site since an instant.
func looked(m *Monitor, event Event, since time.Time) map[Indicator]bool {
	have := map[Indicator]bool{}
	for indicator, until := range m.LookedUntil("dc2", event) {
		if !until.Before(since) {
			have[indicator] = true
		}
	}
	return have
}

func TestWhoLooksHasLookedUntilNow(t *testing.T) {
	c, a, b := newFakes(t, nil)
	m := watch(t, c, MonitorOptions{}, a, b)
	now := time.Now()
	for event, indicators := range map[Event][]Indicator{
		PeerDown:          {OperatorMetrics, PrometheusMetrics, StatusStream, StatusRead},
		FragmentTakenOver: {OperatorMetrics, PrometheusMetrics, TakeoverStream},
		JobGone:           {JobHealth},
	} {
		await(t, "every indicator", func() bool { return len(looked(m, event, now)) == len(indicators) })
		for _, i := range indicators {
			if !looked(m, event, now)[i] {
				t.Errorf("%s: the %s has not looked", event, i)
			}
		}
	}
	if got := m.LookedUntil("elsewhere", PeerDown); len(got) != 0 {
		t.Errorf("of a site that is not there: %v", got)
	}
}

func TestWhoFailsHasNotLooked(t *testing.T) {
	c, a, b := newFakes(t, nil)
	m := watch(t, c, MonitorOptions{}, a, b)
	calls := func() (jobs, counters int) {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.asked["Job"], b.asked["Counters"]
	}
	b.set(func(f *fakeSite) { f.fail["Job"], f.fail["Counters"] = errors.New("refused"), errors.New("refused") })
	since := time.Now() // what was asked before may still be answered
	jobs, counters := calls()
	await(t, "more calls", func() bool { j, c := calls(); return j > jobs+5 && c > counters+5 })
	await(t, "who does not fail", func() bool { return looked(m, PeerDown, since)[PrometheusMetrics] })
	if looked(m, JobGone, since)[JobHealth] || looked(m, PeerDown, since)[OperatorMetrics] {
		t.Error("what failed counts as having looked")
	}
}

func TestWhoIsClosedHasNotLooked(t *testing.T) {
	c, a, b := newFakes(t, nil)
	m := watch(t, c, MonitorOptions{}, a, b)
	m.Close()
	if got := looked(m, PeerDown, time.Now()); len(got) != 0 {
		t.Errorf("nobody looks any more, but %v", got)
	}
}
