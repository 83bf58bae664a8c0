package toolkit

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crossdc/failover/toolkit/metrics"
)

func newTestMemory(t interface{ Fatal(...any) }, clock *ClockBound) *memory {
	cfg, err := Config{
		Sites:   [2]Site{{Name: "dc1", Clock: clock, Fragments: 5}, {Name: "dc2"}},
		Refresh: 100 * time.Millisecond, Timing: Timing{HeartbeatInterval: 1, MissesAllowed: 4, Speedup: 1},
	}.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	return newMemory(&cfg, 0)
}

type value struct {
	count   Count
	value   int64
	sampled int // ms after epoch, 0 unknown
	launch  int64
}

// kept is a reading of what a server of metrics keeps.
func kept(r reading) reading {
	for i := range r.set.Samples {
		r.set.Samples[i].Stored = true
	}
	return r
}

// look is a reading from asked to answered, in ms after epoch.
func look(asked, answered int, values ...value) reading {
	r := reading{indicator: OperatorMetrics, asked: ms(asked), answered: ms(answered)}
	for _, v := range values {
		for _, src := range countSources {
			if src.count != v.count {
				continue
			}
			s := metrics.Sample{Scope: metrics.Operator, Operator: "CrossDCFailover." + src.operator, Port: src.port, Name: src.metric, Value: v.value, PE: "3", Launch: v.launch}
			if v.sampled != 0 {
				s.At = ms(v.sampled)
			}
			r.set.Samples = append(r.set.Samples, s)
		}
	}
	return r
}

func ms(n int) time.Time { return epoch.Add(time.Duration(n) * time.Millisecond) }

func TestBoundsOfAChange(t *testing.T) {
	for _, tt := range []struct {
		name             string
		clock            *ClockBound
		looks            []reading
		earliest, latest int
	}{
		{"no sample times: the old value may be Refresh old", nil,
			[]reading{look(1000, 1010, value{StatusTuples, 1, 0, 1}), look(1100, 1110, value{StatusTuples, 2, 0, 1})}, 900, 1110},
		{"a new sample was taken after the request that showed the one before", nil,
			[]reading{look(1000, 1010, value{StatusTuples, 1, 950, 1}), look(1050, 1060, value{StatusTuples, 1, 1050, 1}), look(1100, 1110, value{StatusTuples, 2, 1100, 1})}, 1000, 1110},
		{"the same sample again proves nothing new", nil,
			[]reading{look(1000, 1010, value{StatusTuples, 1, 950, 1}), look(1050, 1060, value{StatusTuples, 1, 1050, 1}), look(1500, 1510, value{StatusTuples, 1, 1050, 1}), look(1600, 1610, value{StatusTuples, 2, 1600, 1})}, 1000, 1610},
		{"a comparable clock makes the time of the old sample count", &ClockBound{Offset: 0, Error: 5 * time.Millisecond},
			[]reading{look(1000, 1010, value{StatusTuples, 1, 950, 1}), look(1100, 1110, value{StatusTuples, 2, 1050, 1})}, 945, 1110},
		{"what a server scraped may have been Refresh old then", nil,
			[]reading{kept(look(1000, 1010, value{StatusTuples, 1, 700, 1})), kept(look(1100, 1110, value{StatusTuples, 2, 1050, 1}))}, 600, 1110},
		{"an answer that was overtaken is dropped", nil,
			[]reading{look(1000, 1010, value{StatusTuples, 1, 0, 1}), look(1200, 1210, value{StatusTuples, 2, 0, 1}), look(1100, 1300, value{StatusTuples, 1, 0, 1})}, 900, 1210},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newTestMemory(t, tt.clock)
			var got []Change
			for _, r := range tt.looks {
				got = append(got, m.counters(r)...)
			}
			if len(got) != 1 || got[0].Event != PeerDown || !got[0].Earliest.Equal(ms(tt.earliest)) || !got[0].Latest.Equal(ms(tt.latest)) {
				t.Fatalf("got %v [%v, %v]", got, got[0].Earliest.Sub(epoch), got[0].Latest.Sub(epoch))
			}
		})
	}
}

// TestAChangeLiesInItsBounds samples a status counter that changes at random, at random times, read at random times by
// requests that overlap and overtake each other.
func TestAChangeLiesInItsBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newTestMemory(t, nil)
		flip := rapid.IntRange(1, 2000).Draw(t, "flip")
		period := rapid.IntRange(1, 100).Draw(t, "sampling period")
		stamped := rapid.Bool().Draw(t, "stamped")
		type reply struct {
			answered int
			reading  reading
		}
		var replies []reply
		for asked := 1000; asked < 4000; asked += rapid.IntRange(1, 300).Draw(t, "pause") {
			took := rapid.IntRange(0, 500).Draw(t, "took")
			at := asked + rapid.IntRange(0, took).Draw(t, "read after")
			sampled := at / period * period
			v := value{StatusTuples, 1, 0, 1}
			if sampled >= 1000+flip {
				v.value = 2
			}
			if stamped {
				v.sampled = sampled
			}
			replies = append(replies, reply{asked + took, look(asked, asked+took, v)})
		}
		for end := 0; end < 5000; end++ {
			for _, r := range replies {
				if r.answered != end {
					continue
				}
				for _, c := range m.counters(r.reading) {
					if c.Event != PeerDown || c.Earliest.After(ms(1000+flip)) || c.Latest.Before(ms(1000+flip)) {
						t.Fatalf("flip at %d reported as %s in [%v, %v]", 1000+flip, c.Event, c.Earliest.Sub(epoch), c.Latest.Sub(epoch))
					}
				}
			}
		}
	})
}

func TestRestartOfThePE(t *testing.T) {
	for _, tt := range []struct {
		name  string
		later value
		want  []Event
	}{
		{"not yet heard", value{StatusTuples, 0, 0, 2}, []Event{PeerUnknown}},
		{"heard again between two looks", value{StatusTuples, 1, 0, 2}, []Event{PeerUp}},
		{"down again between two looks", value{StatusTuples, 2, 0, 2}, []Event{PeerUp, PeerDown}},
		{"life unknown, counter fell", value{StatusTuples, 0, 0, 0}, []Event{PeerUnknown}},
		{"life unknown, counter stands", value{StatusTuples, 1, 0, 0}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newTestMemory(t, nil)
			m.counters(look(1000, 1010, value{StatusTuples, 1, 0, 1}))
			got := m.counters(look(1100, 1110, tt.later))
			// A further look that knows the new life reports nothing twice.
			if tt.later.launch == 0 && tt.later.value == 0 {
				got = append(got, m.counters(look(1200, 1210, value{StatusTuples, 0, 0, 2}))...)
			}
			if len(got) != len(tt.want) {
				t.Fatalf("got %v, want %v", got, tt.want)
			}
			for i, c := range got {
				if c.Event != tt.want[i] {
					t.Errorf("got %v, want %v", got, tt.want)
				}
			}
		})
	}
}

func TestSeveralFlipsBetweenTwoLooks(t *testing.T) {
	m := newTestMemory(t, nil)
	m.counters(look(1000, 1010, value{StatusTuples, 1, 0, 1}))
	if got := m.counters(look(1100, 1110, value{StatusTuples, 3, 0, 1})); len(got) != 2 || got[0].Event != PeerDown || got[1].Event != PeerUp {
		t.Errorf("got %v", got)
	}
	if got := m.counters(look(1200, 1210, value{StatusTuples, 1_000_000, 0, 1})); len(got) > maxFlips {
		t.Errorf("%d changes", len(got))
	}
}

func TestTakeoverCountedBeforeTheStatus(t *testing.T) {
	m := newTestMemory(t, nil)
	m.counters(look(1000, 1010, value{StatusTuples, 1, 0, 1}, value{Delivered, 0, 0, 1}))
	m.counters(look(1100, 1110, value{StatusTuples, 1, 0, 1}, value{Delivered, 5, 0, 1})) // torn: the merger was read later
	m.counters(look(1200, 1210, value{StatusTuples, 2, 0, 1}, value{Delivered, 5, 0, 1}))
	if e := m.evidence(ms(1210)); e.Delivered == nil || *e.Delivered != 5 {
		t.Errorf("delivered %v", e.Delivered)
	}
}

func TestSnapshotsLostBetweenTheSites(t *testing.T) {
	a, b := newTestMemory(t, nil), newTestMemory(t, nil)
	rounds := func(n int, in, out int64) *int64 {
		a.counters(look(n, n+1, value{SnapshotsIn, in, 0, 1}))
		b.counters(look(n, n+1, value{SnapshotRounds, out, 0, 1}))
		e, _ := pair(a, b, ms(n), nil)
		return e.PeerRounds
	}
	for i, tt := range []struct{ in, out, want int64 }{{5, 1, 0}, {5, 2, 1}, {10, 2, 0}, {10, 4, 2}, {10, 1, 0}} {
		if got := rounds(1000+i*100, tt.in, tt.out); got == nil || *got != tt.want {
			t.Errorf("step %d: %v, want %d", i, got, tt.want)
		}
	}
}
