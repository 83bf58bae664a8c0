package traffic

import (
	"testing"
	"time"
)

// counted is a ledger in which so many events of dc1's stream were acknowledged, were answered by nobody, and gave results.
func counted(t *testing.T, acknowledged, open, results int) *Ledger {
	t.Helper()
	l, events := numbered(t, acknowledged+open)
	l.answer(0, 0, events[:acknowledged], accepted, epoch)
	l.answer(0, 0, events[acknowledged:], unanswered, epoch)
	l.ObserveCounts("dc1", results, epoch.Add(time.Second))
	return l
}

func TestCountsBoundTheLoss(t *testing.T) {
	for name, c := range map[string]struct {
		acknowledged, open, results int
		least, most                 int64
		doubt                       bool
	}{
		"each event gave its result":               {100, 0, 100, 0, 0, false},
		"ten gave none":                            {100, 0, 90, 10, 10, false},
		"results may be of events without answer":  {100, 5, 100, 0, 5, false},
		"all of them may be":                       {100, 5, 98, 2, 7, false},
		"more results than events can have given":  {100, 5, 110, 0, 100, true},
		"nothing came":                             {100, 0, 0, 100, 100, false},
		"one result more, which has an event open": {100, 1, 101, 0, 0, false},
	} {
		a := counted(t, c.acknowledged, c.open, c.results).AccountByCounts()
		if a.Loss.EarliestEvents != c.least || a.Loss.LatestEvents != c.most || (a.Loss.Why != "") != c.doubt {
			t.Errorf("%s: %+v, want %d to %d", name, a.Loss, c.least, c.most)
		}
		led := a.Ledger
		if led.Present+led.Lost+led.Undecided != led.Acknowledged || led.Lost != c.least || a.Loss.LatestEvents > led.Lost+led.Unknown {
			t.Errorf("%s: the account does not add up: %+v", name, led)
		}
		if (a.Loss.LatestEvents == 0) != (a.Loss.LatestSeconds == 0) || a.Loss.EarliestSeconds > a.Loss.LatestSeconds {
			t.Errorf("%s: %+v", name, a.Loss)
		}
	}
}

// The result of a probe cannot be told from that of an event which was lost.
func TestProbesMayHideALoss(t *testing.T) {
	l := counted(t, 100, 0, 100)
	l.Probed()
	l.Probed()
	if a := l.AccountByCounts(); a.Loss.EarliestEvents != 0 || a.Loss.LatestEvents != 2 || a.Loss.Why != "" {
		t.Errorf("%+v", a.Loss)
	}
	l = counted(t, 100, 0, 102)
	l.Probed()
	l.Probed()
	if a := l.AccountByCounts(); a.Loss.LatestEvents != 0 || a.Loss.Why != "" {
		t.Errorf("every event and every probe gave its result: %+v", a.Loss)
	}
}

func TestAGapProvesNoLossByCounts(t *testing.T) {
	l := counted(t, 100, 0, 90)
	l.Missed("dc1", epoch.Add(20*time.Millisecond), epoch.Add(40*time.Millisecond), "the subscription ended")
	if a := l.AccountByCounts(); a.Loss.EarliestEvents != 0 || a.Loss.LatestEvents != 10 || a.Loss.Why == "" {
		t.Errorf("%+v", a.Loss)
	}
	l = counted(t, 100, 0, 90)
	l.Missed("dc1", epoch.Add(-time.Second), epoch, "nobody had subscribed yet")
	if a := l.AccountByCounts(); a.Loss.EarliestEvents != 10 {
		t.Errorf("a gap before the first event counts: %+v", a.Loss)
	}
}

// counting is a ledger in which both streams are served at their rate, dc1's by dc1 until it is lost and by dc2 from a later instant on.
func counting(t *testing.T, lost, served time.Duration) *Ledger {
	t.Helper()
	clock := &steppedClock{now: epoch}
	l, err := NewLedger(Options{Sites: [2]string{"dc1", "dc2"}, Rate: 1000, Epoch: epoch, Speedup: 60, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	due := func(index uint64) time.Time { return epoch.Add(time.Duration(index) * time.Millisecond) }
	for i := range 300 { // ten milliseconds each
		at := time.Duration(i) * 10 * time.Millisecond
		clock.now = epoch.Add(at)
		l.issue(0, uint64(i)*10, 10, due)
		l.issue(1, uint64(i)*10, 10, due)
		l.ObserveCounts("dc2", 10, clock.now)
		switch {
		case at < lost:
			l.ObserveCounts("dc1", 10, clock.now)
		case at >= served:
			l.sent(0, 1, clock.now)
			l.ObserveCounts("dc2", 10, clock.now)
		}
	}
	return l
}

type steppedClock struct{ now time.Time }

func (c *steppedClock) Now() time.Time                { return c.now }
func (c *steppedClock) At(time.Time) <-chan time.Time { return nil }

func TestMoreResultsThanOfItsOwnEventsAreOfTheOther(t *testing.T) {
	fault := epoch.Add(time.Second)
	if when, ok := counting(t, time.Second, time.Hour).FirstBeyond("dc1", "dc2", fault); ok {
		t.Errorf("nothing of dc1 was served, and yet at %v", when)
	}
	l := counting(t, time.Second, 2*time.Second)
	when, ok := l.FirstBeyond("dc1", "dc2", fault)
	began := l.instant(epoch.Add(2 * time.Second))
	if !ok || when.Earliest > began || when.Latest < began || time.Duration(when.Latest-began) > 3*l.options.Bucket {
		t.Errorf("%v (%v), want an interval around %v", when, ok, began)
	}
	if level := l.Level("dc1", l.instant(epoch.Add(1100*time.Millisecond)), l.instant(epoch.Add(1900*time.Millisecond))); level < 490 || level > 510 {
		t.Errorf("a stream is at %.0f/s while the other one alone is served", level)
	}
}
