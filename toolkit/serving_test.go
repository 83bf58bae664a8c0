package toolkit

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crossdc/failover/toolkit/metrics"
)

// storeCounted is a reading of one counter of tuples.
func storeCounted(value, launch int64) []metrics.Sample {
	return []metrics.Sample{{Scope: metrics.Operator, Operator: "Store", Port: metrics.In(0, ""), Name: "nTuplesProcessed", Value: value, PE: "3", Launch: launch}}
}

func tuplesRead(asked, answered int) reading {
	return reading{indicator: ServingCounters, asked: ms(asked), answered: ms(answered)}
}

func TestTuplesStopAndComeBack(t *testing.T) {
	m := newTestMemory(t, nil)
	var told []Change
	value, at := int64(1000), 1000
	see := func(grow int64, launch int64) {
		if launch > 1 && grow > 0 && value > 500 {
			value = 0
		}
		value, at = value+grow, at+100
		told = append(told, m.tuplesCounted(tuplesRead(at, at+10), storeCounted(value, launch))...)
	}
	for range 20 {
		see(10, 1) // 100/s
	}
	last := at
	for range 10 {
		see(0, 1)
	}
	if len(told) != 1 || told[0].Event != TuplesStopped || told[0].Earliest.After(ms(last)) || told[0].Latest.Before(ms(last)) || told[0].Latest.After(ms(at)) {
		t.Fatalf("the last tuple was counted by %d, and it is told %+v", last, told)
	}
	still := at
	see(1, 2) // another process
	if len(told) != 2 || told[1].Event != TuplesResumed || told[1].Earliest.After(ms(still)) || told[1].Latest.Before(ms(still)) {
		t.Errorf("%+v", told)
	}
	see(5, 2)
	if len(told) != 2 {
		t.Errorf("told again: %+v", told)
	}
}

// A pause that an application's own pace explains is no stop, and neither is silence where nothing ever came.
func TestAPauseIsNoStop(t *testing.T) {
	for name, grow := range map[string]func(i int) int64{
		"nothing ever came":       func(int) int64 { return 0 },
		"five tuples in a second": func(i int) int64 { return map[bool]int64{true: 1}[i%10 == 0] },
		"too few to tell a rate":  func(i int) int64 { return map[bool]int64{true: 5}[i < 3] },
		"one bunch each second":   func(i int) int64 { return map[bool]int64{true: 5}[i%10 == 0] },
	} {
		m := newTestMemory(t, nil)
		var value int64
		for i := range 100 {
			value += grow(i)
			if told := m.tuplesCounted(tuplesRead(i*100, i*100+10), storeCounted(value, 1)); len(told) > 0 {
				t.Errorf("%s: %+v", name, told)
			}
		}
	}
}

func TestReadingsThatOverlapOrAnotherLayoutCountNothing(t *testing.T) {
	m := newTestMemory(t, nil)
	m.tuplesCounted(tuplesRead(0, 10), storeCounted(100, 1))
	m.tuplesCounted(tuplesRead(20, 90), storeCounted(110, 1))
	m.tuplesCounted(tuplesRead(50, 100), storeCounted(105, 1)) // asked before the other was answered, and older
	if got := m.served.newest().total; got != 10 {
		t.Errorf("%d tuples, want 10", got)
	}
	other := storeCounted(7, 1)
	other[0].Operator = "Store[1]"
	m.tuplesCounted(tuplesRead(200, 210), other)
	if got := m.served.newest().total; got != 0 || len(m.served.points) != 1 {
		t.Errorf("%d tuples in %d readings, want none in one", got, len(m.served.points))
	}
}

// Whatever comes when: what is stated holds the truth.
func TestWhatWasCountedLiesInside(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newTestMemory(t, nil)
		rate := rapid.IntRange(0, 50).Draw(rt, "tuples per 100 ms")
		truth := func(at int) int64 { return int64(at * rate / 100) }
		at := 200
		for range rapid.IntRange(2, 60).Draw(rt, "readings") {
			asked := at + rapid.IntRange(0, 80).Draw(rt, "pause")
			read := asked + rapid.IntRange(0, 40).Draw(rt, "way there")
			at = read + rapid.IntRange(0, 40).Draw(rt, "way back")
			aged := rapid.IntRange(0, 100).Draw(rt, "age") // up to Refresh
			m.tuplesCounted(tuplesRead(asked, at), storeCounted(max(truth(read-aged), last(m)), 1))
		}
		from := rapid.IntRange(0, at).Draw(rt, "from")
		to := rapid.IntRange(from, at).Draw(rt, "to")
		least, most, known := m.served.between(ms(from), ms(to))
		if counted := truth(to) - truth(from); known && (counted < least || counted > most) {
			rt.Fatalf("%d tuples from %d to %d, and %d to %d are stated", counted, from, to, least, most)
		}
	})
}

// last is the value of the newest reading: a counter does not go back.
func last(m *memory) int64 {
	for _, t := range m.served.series {
		return t.sample.Value
	}
	return 0
}

func TestAProcessThatBeganAnewHidesWhatWasCountedLast(t *testing.T) {
	m := newTestMemory(t, nil)
	for i, value := range []int64{100, 200, 300, 5, 105} {
		launch := int64(1)
		if i > 2 {
			launch = 2
		}
		m.tuplesCounted(tuplesRead(i*200, i*200+10), storeCounted(value, launch))
	}
	if _, _, known := m.served.between(ms(250), ms(650)); known {
		t.Error("how many were counted through a new beginning is stated")
	}
	if least, most, known := m.served.between(ms(20), ms(250)); !known || least > 100 || most < 100 {
		t.Errorf("%d to %d, %t", least, most, known)
	}
}

func TestTheMonitorReadsServingCounters(t *testing.T) {
	c, a, b := newFakes(t, func(cfg *Config) {
		for i := range cfg.Sites {
			cfg.Sites[i].Serving = []OperatorPort{{Operator: "CrossDCFailover.RemoteDataCenterHeartbeatWatchdog", Port: metrics.In(1, "HeartbeatSignal")}}
		}
	})
	m := watch(t, c, MonitorOptions{}, a, b)
	began := time.Now()
	looked := func(since time.Time) func() bool {
		return func() bool { return !m.LookedUntil("dc2", TuplesStopped)[ServingCounters].Before(since) }
	}
	await(t, "a look", looked(began))
	from := time.Now()
	b.set(func(f *fakeSite) { f.counts[Ticks] += 40 })
	to := time.Now().Add(time.Millisecond)
	await(t, "another look", looked(to))
	if least, most, known := m.Counted("dc2", from, to); !known || least > 40 || most < 40 {
		t.Errorf("%d to %d tuples, %t; want 40", least, most, known)
	}
	if _, _, known := m.Counted("elsewhere", began, time.Now()); known {
		t.Error("something is known of a data center that is not there")
	}
}

func TestACounterThatIsNotThereIsNamed(t *testing.T) {
	_, a, _ := newFakes(t, nil)
	site := Site{Name: "dc1", Management: a, Serving: []OperatorPort{{Operator: "Stroe", Port: metrics.Out(2, "")}}}
	_, err := site.askServing(context.Background())
	if err == nil || CauseOf(err) != CauseGone || !strings.Contains(err.Error(), "operator Stroe out 2") {
		t.Error(err)
	}
	a.set(func(f *fakeSite) { f.fail["Counters"] = errors.New("refused") })
	if _, err := site.askServing(context.Background()); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Error(err)
	}
}
