package toolkit

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

var epoch = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// still is a counter that stands at value while the tick counter advanced by ticks.
func still(value, ticks int64) Track {
	return Track{Known: true, Value: value, Moved: true, TicksSince: ticks, TicksKnown: true, Still: time.Duration(ticks) * time.Second}
}

// running is a counter that changed in the last reading.
func running(value int64) Track { return still(value, 0) }

func counts(status, heartbeats, ticks, produced Track) map[Count]Track {
	return map[Count]Track{StatusTuples: status, HeartbeatsIn: heartbeats, Ticks: ticks, HeartbeatsOut: produced}
}

// at is evidence with I = 1 s and N = 4 and one reading of the operator metrics, 40 ms old.
func at(c map[Count]Track) Evidence {
	e := Evidence{Site: "dc2", Peer: "dc1", Now: epoch, Timing: Timing{1, 4, 1}, Refresh: 100 * time.Millisecond}
	if c != nil {
		e.Metrics = []Counters{{Indicator: OperatorMetrics, Asked: epoch.Add(-50 * time.Millisecond), Answered: epoch.Add(-40 * time.Millisecond), Counts: c}}
	}
	return e
}

func ptr[T any](v T) *T { return &v }

func TestInferByTheTable(t *testing.T) {
	up := counts(still(1, 50), running(50), running(52), running(51))
	mute := counts(still(2, 9), still(50, 14), running(60), still(51, 9))
	stalled := func(c map[Count]Track, of ...Count) map[Count]Track {
		for _, n := range of {
			track := c[n]
			track.Still, track.TicksSince = 10*time.Second, 0
			c[n] = track
		}
		return c
	}
	with := func(e Evidence, change func(*Evidence)) Evidence { change(&e); return e }
	both := func(link *bool) Evidence {
		return with(at(mute), func(e *Evidence) {
			peer := at(mute)
			peer.Site, peer.Peer = "dc1", "dc2"
			e.PeerSite, e.LinkWorks = &peer, link
		})
	}
	for _, row := range []struct {
		name  string
		e     Evidence
		state State
		check func(Conclusion) bool
	}{
		{"parity odd, heartbeats arrive", at(up), Up, nil},
		{"parity even, preparer flat, ticks advancing", at(mute), DownMute, nil},
		{"parity even, preparer advancing", at(counts(still(2, 9), still(50, 14), running(60), running(60))), Down, nil},
		{"parity even, ticks flat", at(stalled(counts(still(2, 0), still(5, 0), still(6, 0), still(6, 0)), Ticks, HeartbeatsOut)), Down, nil},
		{"parity 0, preparer advancing", at(counts(still(0, 9), still(0, 9), running(9), running(9))), NeverContacted, nil},
		{"parity odd, no heartbeat for more than N+1 ticks", at(counts(still(1, 50), still(50, 7), running(60), running(60))), Contradiction, nil},
		{"parity odd, no heartbeat for N+1 ticks is not yet one", at(counts(still(1, 50), still(50, 5), running(60), running(60))), Up, nil},
		{"parity odd, no heartbeat, ticks flat", at(stalled(counts(still(1, 0), still(50, 0), still(60, 0), still(60, 0)), HeartbeatsIn, Ticks, HeartbeatsOut)), Blind,
			func(c Conclusion) bool { return slices.Contains(c.Hazards, "Q4") }},
		{"mutual silence: both even, both mute, link healthy", both(ptr(true)), MutualSilence, func(c Conclusion) bool { return slices.Contains(c.Hazards, "Q1") }},
		{"both mute, link broken", both(ptr(false)), DownMute, nil},
		{"both mute, link not probed", both(nil), DownMute, func(c Conclusion) bool { return slices.Contains(c.Hazards, "Q1") }},
		{"mute, parity odd, shutdown trace", with(at(counts(still(1, 50), still(50, 7), running(60), still(51, 9))),
			func(e *Evidence) { e.Trace = &TraceFacts{ShutdownSent: true} }), Shutdown, nil},
		{"mute, parity odd, no shutdown trace", with(at(counts(still(1, 50), running(50), running(60), still(51, 9))),
			func(e *Evidence) { e.Trace = &TraceFacts{} }), Contradiction, nil},
		{"DOWN, all fragments delivered", with(at(mute), func(e *Evidence) { e.Delivered, e.Replicas = ptr[int64](5), ptr[int64](5) }), DownMute,
			func(c Conclusion) bool { return c.Takeover == TakeoverComplete }},
		{"DOWN, some fragments delivered, read errors", with(at(mute), func(e *Evidence) {
			e.Delivered, e.Replicas, e.Trace = ptr[int64](3), ptr[int64](5), &TraceFacts{ReadErrors: 2}
		}), DownMute, func(c Conclusion) bool {
			return c.Takeover == TakeoverPartial && slices.Contains(c.Hazards, "Q26")
		}},
		{"DOWN, nothing delivered", with(at(mute), func(e *Evidence) { e.Delivered, e.Replicas = ptr[int64](0), ptr[int64](5) }), DownMute,
			func(c Conclusion) bool { return c.Takeover == TakeoverNone }},
		{"DOWN, a fragment delivered twice", with(at(mute), func(e *Evidence) { e.Delivered, e.Replicas = ptr[int64](6), ptr[int64](5) }), DownMute,
			func(c Conclusion) bool { return c.Takeover == TakeoverExcess }},
		{"heartbeat count decreased", with(at(up), func(e *Evidence) { e.Trace = &TraceFacts{PeerCountDecrease: true} }), Up,
			func(c Conclusion) bool { return c.PeerRestarted && slices.Contains(c.Hazards, "Q17") }},
		{"snapshot rounds advance, receiver flat", with(at(up), func(e *Evidence) { e.PeerRounds = ptr[int64](2) }), Up,
			func(c Conclusion) bool { return c.SnapshotsLost }},
		{"snapshot on its way", with(at(up), func(e *Evidence) { e.PeerRounds = ptr[int64](1) }), Up, func(c Conclusion) bool { return !c.SnapshotsLost }},
		{"job gone: the last counters are history", with(at(up), func(e *Evidence) { e.JobGone = true }), Unknown, nil},
		{"nothing speaks", at(nil), Unknown, nil},
		{"refused login is no evidence", with(at(nil), func(e *Evidence) {
			e.Problems = []Problem{{"dc2", OperatorMetrics, CauseAccess, errors.New("401")}}
		}), Unknown, nil},
		{"unreachable is no evidence", with(at(nil), func(e *Evidence) {
			e.Problems = []Problem{{"dc2", InstanceHealth, CauseUnreachable, errors.New("refused")}}
		}), Unknown, nil},
		{"job health and traffic alone", with(at(nil), func(e *Evidence) {
			e.Job, e.LastResult = &JobState{ID: "1", Status: "running", Health: "healthy"}, epoch
		}), Unknown, func(c Conclusion) bool {
			return slices.Contains(c.Used, JobHealth) && slices.Contains(c.Used, Traffic)
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := Infer(row.e)
			if got.State != row.state {
				t.Errorf("concluded %q, want %q: %v", got.State, row.state, got)
			}
			if row.check != nil && !row.check(got) {
				t.Errorf("state is right, the rest is not: %+v", got)
			}
			if len(got.Why) == 0 {
				t.Error("no reason given")
			}
		})
	}
}

func TestInferWhenSourcesDisagree(t *testing.T) {
	up := counts(still(1, 50), running(50), running(52), running(51))
	stream := func(active bool, age time.Duration, aged bool) *StreamStatus {
		return &StreamStatus{Indicator: StatusStream, Active: active, Number: 2, Received: epoch.Add(-age), Aged: aged}
	}
	for _, tt := range []struct {
		name      string
		stream    *StreamStatus
		state     State
		disagrees bool
	}{
		{"an old tuple loses against metrics", stream(false, time.Minute, false), Up, true},
		{"a tuple of unknown age loses against metrics", stream(false, 0, true), Up, true},
		{"a tuple younger than the sample may be wins", stream(false, 10*time.Millisecond, false), Down, true},
		{"agreement", stream(true, time.Minute, false), Up, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := at(up)
			e.Stream = tt.stream
			got := Infer(e)
			if got.State != tt.state || len(got.Disagreements) > 0 != tt.disagrees {
				t.Errorf("got %v", got)
			}
		})
	}
	e := at(nil)
	e.Stream, e.Trace = stream(true, time.Second, false), &TraceFacts{StatusKnown: true}
	if got := Infer(e); got.State != Up || len(got.Disagreements) != 1 {
		t.Errorf("the status stream should prevail over traces, and say so: %v", got)
	}
	e = at(counts(still(2, 9), still(50, 14), running(60), running(60)))
	e.Metrics = append(e.Metrics, Counters{Indicator: PrometheusMetrics, Asked: epoch.Add(-time.Minute), Counts: up})
	if got := Infer(e); got.State != Down || len(got.Disagreements) != 1 {
		t.Errorf("the younger metrics should prevail: %v", got)
	}
	e.Metrics[1].Asked, e.Metrics[0].Asked = epoch, epoch.Add(-time.Minute)
	if got := Infer(e); got.State != Up {
		t.Errorf("the younger metrics should prevail: %v", got)
	}
}

func TestConclusionReadsWell(t *testing.T) {
	e := at(counts(still(2, 1), still(50, 5), running(60), still(51, 1)))
	e.Stream = &StreamStatus{Indicator: StatusStream, Received: epoch.Add(-time.Second)}
	got := Infer(e).String()
	want := "dc2 sees dc1 DOWN (operator metrics: watchdog out 0 submitted 2 (even), heartbeats still produced, 40ms ago; status stream: activeOrInactive=false, 1s ago)"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if strings.Contains(Infer(at(nil)).String(), "DOWN") {
		t.Error("no evidence reads as DOWN")
	}
}
