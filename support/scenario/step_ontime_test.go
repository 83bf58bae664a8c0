package scenario

import (
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/crossdc"
)

const (
	heartbeatText = "Received the heartbeat message 7 with no data snapshot from the data center named dc1"
	downText      = "UDP channel 0-->Received a notification about the remote data center going down"
	upText        = "UDP channel 0-->Received a notification about the remote data center coming up"
)

func traced(from time.Time, after time.Duration, text string) toolkit.TraceLine {
	return toolkit.TraceLine{At: from.Add(after), Text: text}
}

func TestSilenceIsFromTheLastHeartbeatToTheFirstDown(t *testing.T) {
	at := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	lines := []toolkit.TraceLine{
		traced(at, -time.Hour, downText), // no heartbeat before it: says nothing
		traced(at, 0, heartbeatText), traced(at, 1, upText), traced(at, 30*time.Second, heartbeatText),
		traced(at, 160*time.Second, downText), traced(at, 161*time.Second, downText),
		traced(at, 400*time.Second, heartbeatText),
	}
	found, ok := lastSilence(lines)
	if !ok || found.length() != 130*time.Second {
		t.Errorf("%v, %v; want 130 s", found.length(), ok)
	}
	if _, ok := lastSilence(lines[:4]); ok {
		t.Error("found a DOWN where there is none after a heartbeat")
	}
}

// One heartbeat early and one late lie outside the bounds whatever the phase, but for the slack.
func TestBoundsTellOneHeartbeatApart(t *testing.T) {
	interval := 30 * time.Second
	least, most := silenceBounds(interval, 4)
	for phase := time.Second; phase < interval-time.Second; phase += time.Second {
		right := 4*interval + phase
		if right < least || right > most {
			t.Errorf("phase %s: %s is right, bounds are %s to %s", phase, right, least, most)
		}
		if early := right - interval; early >= least {
			t.Errorf("phase %s: one heartbeat early is not told", phase)
		}
		if late := right + interval; late <= most {
			t.Errorf("phase %s: one heartbeat late is not told", phase)
		}
	}
}

// What specs ask for in intervals follows from N: detection takes until tick N+1 at most, and N-1 intervals are tolerated.
func TestIntervalsThatSpecsAskForFollowFromTheMissesAllowed(t *testing.T) {
	for _, c := range []struct {
		misses    uint8
		detection float64
		tolerable time.Duration
	}{{4, 5, 90 * time.Second}, {1, 2, 0}, {0, 1, 0}} {
		d := &Drill{Timing: crossdc.Timing{Interval: 30 * time.Second, Misses: c.misses}}
		if got := d.DetectionIntervals(); got != c.detection {
			t.Errorf("N=%d: detection takes up to %v intervals; want %v", c.misses, got, c.detection)
		}
		if got := d.TolerableOutage(); got != c.tolerable {
			t.Errorf("N=%d: %v are tolerated; want %v", c.misses, got, c.tolerable)
		}
	}
}

// N is 4 here: DOWN is right with tick 5.
func TestTicksAreCounted(t *testing.T) {
	since := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	sure := func(n int64) toolkit.Misses { return toolkit.Misses{Least: n, Most: n, Seen: since.Add(time.Second)} }
	between := func(least, most int64) toolkit.Misses {
		return toolkit.Misses{Least: least, Most: most, Seen: since.Add(time.Second)}
	}
	type told = map[toolkit.Indicator]toolkit.Misses
	for name, c := range map[string]struct {
		told told
		want model.Verdict
	}{
		"nothing":                      {told{}, model.Inconclusive},
		"right":                        {told{toolkit.OperatorMetrics: sure(5)}, model.Met},
		"one early":                    {told{toolkit.OperatorMetrics: sure(4)}, model.Missed},
		"one late":                     {told{toolkit.OperatorMetrics: sure(6)}, model.Missed},
		"too coarse":                   {told{toolkit.OperatorMetrics: between(4, 5)}, model.Inconclusive},
		"coarse, but the other is not": {told{toolkit.OperatorMetrics: between(4, 5), toolkit.PrometheusMetrics: sure(5)}, model.Met},
		"coarse, but never right":      {told{toolkit.OperatorMetrics: between(6, 7)}, model.Missed},
		"one of two is wrong":          {told{toolkit.OperatorMetrics: sure(5), toolkit.PrometheusMetrics: sure(6)}, model.Missed},
		"of a DOWN before the fault":   {told{toolkit.OperatorMetrics: {Least: 5, Most: 5, Seen: since.Add(-time.Second)}}, model.Inconclusive},
	} {
		if got, why := missedTicks("dc2", 4, since, c.told); got != c.want || why == "" {
			t.Errorf("%s: %s (%s), want %s", name, got, why, c.want)
		}
	}
}

// A clock that steps between the last heartbeat and DOWN makes the stamps lie; the counters do not follow it.
func TestStampsAndCountersMustAgree(t *testing.T) {
	since := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		lasted      time.Duration
		least, most int64
		doubt       bool
	}{
		"both say in time": {130 * time.Second, 5, 5, false},
		"stamps step by a minute, counters say in time":  {185 * time.Second, 5, 5, true},
		"the counters know it by a tick":                 {185 * time.Second, 4, 5, true},
		"stamps step back, counters say in time":         {70 * time.Second, 5, 5, true},
		"stamps hide what the counters show":             {130 * time.Second, 6, 6, true},
		"both say too late":                              {170 * time.Second, 6, 6, false},
		"both say too late, the counters within a tick":  {170 * time.Second, 5, 6, false},
		"both say too early":                             {100 * time.Second, 4, 4, false},
		"on the edge of a tick, stamped a moment later":  {150*time.Second + 500*time.Millisecond, 5, 5, false},
		"on the edge of a tick, stamped a moment before": {120*time.Second - 500*time.Millisecond, 5, 5, false},
	} {
		told := map[toolkit.Indicator]toolkit.Misses{toolkit.OperatorMetrics: {Least: tt.least, Most: tt.most, Seen: since.Add(time.Second)}}
		if why := contradicted(tt.lasted, 30*time.Second, since, told); (why != "") != tt.doubt {
			t.Errorf("%s: %q, want a contradiction: %t", name, why, tt.doubt)
		}
		if why := contradicted(tt.lasted, 30*time.Second, since.Add(time.Minute), told); why != "" {
			t.Errorf("%s: what was counted before the fault says nothing: %q", name, why)
		}
	}
	least, most := silenceBounds(30*time.Second, 4)
	for lasted, want := range map[time.Duration]model.Verdict{
		100 * time.Second: model.Missed, 130 * time.Second: model.Met, 152 * time.Second: model.Inconclusive, 170 * time.Second: model.Missed,
	} {
		if got := onTime(lasted, least, most, 3*time.Second); got != want {
			t.Errorf("%s: %s, want %s", lasted, got, want)
		}
	}
}
