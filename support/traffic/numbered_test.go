package traffic

import (
	"errors"
	"testing"
	"time"
)

// numbered is a ledger with n events of dc1's stream, due one millisecond apart.
func numbered(t *testing.T, n int) (*Ledger, []Event) {
	t.Helper()
	l, err := NewLedger(Options{Sites: [2]string{"dc1", "dc2"}, Rate: 1000, Epoch: epoch, Speedup: 60, Within: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	due := func(index uint64) time.Time { return epoch.Add(time.Duration(index) * time.Millisecond) }
	return l, l.issue(0, 0, n, due)
}

// came tells the ledger that the results of events came so long after the first was due.
func (l *Ledger) came(by string, events []Event, after time.Duration) {
	var results []Numbered
	for _, e := range events {
		results = append(results, Numbered{Event: e, By: by})
	}
	l.ObserveNumbers(results, epoch.Add(after), epoch.Add(after))
}

func TestAnEventIsLostWhenItsResultNeverCame(t *testing.T) {
	l, events := numbered(t, 100)
	l.answer(0, 0, events, accepted, epoch)
	l.came("dc1", events[:90], 200*time.Millisecond)
	if n := l.Awaited(epoch.Add(time.Second)); n != 10 {
		t.Errorf("%d are awaited while their time lasts", n)
	}
	if n := l.Awaited(epoch.Add(2 * time.Second)); n != 0 {
		t.Errorf("%d are awaited after their time", n)
	}
	a := l.AccountByResults()
	if a.Loss.EarliestEvents != 10 || a.Loss.LatestEvents != 10 || a.Ledger.Lost != 10 || a.Ledger.Present != 90 || a.Loss.Why != "" {
		t.Errorf("%+v %+v", a.Loss, a.Ledger)
	}
	if a.Ledger.LatencyMax < 199 || a.Ledger.LatencyMax > 210 || a.Ledger.Late != 0 {
		t.Errorf("latency %+v", a.Ledger)
	}
}

func TestWhatWasOnlySentIsNotProvenLost(t *testing.T) {
	l, events := numbered(t, 20)
	l.answers(0, 0, events, &MixedError{Fates: fatesOf(20, FateSent)}, epoch)
	l.came("dc1", events[:15], 30*time.Millisecond)
	a := l.AccountByResults()
	if a.Loss.EarliestEvents != 0 || a.Loss.LatestEvents != 5 || a.Ledger.Sent != 20 || a.Loss.Why == "" {
		t.Errorf("%+v %+v", a.Loss, a.Ledger)
	}
}

// Claims that a result never came must not rest on a time in which nobody could read it.
func TestAGapWidensTheLoss(t *testing.T) {
	for name, c := range map[string]struct {
		site        string
		from, until time.Duration
		least       int64
	}{
		"before they were due":  {"dc1", -2 * time.Second, -time.Second, 10},
		"where they went":       {"dc1", 0, time.Second, 0},
		"of both":               {"", 0, time.Second, 0},
		"elsewhere":             {"dc2", 0, time.Second, 10},
		"after part of them":    {"dc1", 0, 94 * time.Millisecond, 5},
		"long after they began": {"dc1", 5 * time.Second, 6 * time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			l, events := numbered(t, 100)
			l.answer(0, 0, events, accepted, epoch)
			l.came("dc1", events[:90], 200*time.Millisecond)
			l.Missed(c.site, epoch.Add(c.from), epoch.Add(c.until), "the stream ended")
			if a := l.AccountByResults(); a.Loss.EarliestEvents != c.least || a.Loss.LatestEvents != 10 {
				t.Errorf("%d..%d lost, want %d..10: %s", a.Loss.EarliestEvents, a.Loss.LatestEvents, c.least, a.Loss.Why)
			}
		})
	}
}

func TestResultsOfBothSidesAreDuplicates(t *testing.T) {
	l, events := numbered(t, 10)
	l.answer(0, 0, events, accepted, epoch)
	l.came("dc1", events, 20*time.Millisecond)
	l.came("dc2", events[:3], 30*time.Millisecond)
	l.came("dc1", events[:1], 3*time.Second)
	a := l.AccountByResults()
	if a.SplitBrain != 3 || a.Ledger.Duplicated != 4 || a.Loss.LatestEvents != 0 || a.Ledger.Late != 1 {
		t.Errorf("%+v %+v", a, a.Ledger)
	}
	l.came("dc1", []Event{{DC: "dc1", Seq: 1000, Check: Check("dc1", 0, 1000)}, {DC: "nowhere", Seq: 1}}, time.Second)
	if a := l.AccountByResults(); a.Ledger.Corrupted != 2 {
		t.Errorf("%d corrupted: a number that was never sent, and a stream of nobody", a.Ledger.Corrupted)
	}
}

// Results that cannot be told apart count half for each stream: both are at their level when all that is served is.
func TestResultsWithoutNumbersAreCounted(t *testing.T) {
	l, _ := numbered(t, 10)
	for at := range 1000 {
		l.ObserveCounts("dc1", 1, epoch.Add(time.Duration(at)*time.Millisecond))
	}
	whole := l.instant(epoch.Add(time.Second))
	if one, other := l.Level("dc1", 0, whole), l.Level("dc2", 0, whole); one < 495 || one > 505 || other < 495 || other > 505 {
		t.Errorf("%.0f and %.0f events/s, want 500 each", one, other)
	}
}

// The way is said to be taken by what was sent: the stream must not leave a home that takes events without an answer.
func TestWhatIsSentCountsAsTaken(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want answer
	}{
		"sent":          {&MixedError{Fates: fatesOf(3, FateSent)}, sent},
		"partly":        {&MixedError{Fates: append(fatesOf(3, FateSent), FateUnknown), Err: errors.New("cut")}, unanswered},
		"nothing known": {&MixedError{}, unanswered},
	} {
		if got := classify(c.err); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func fatesOf(n int, fate Fate) (fates []Fate) {
	for range n {
		fates = append(fates, fate)
	}
	return fates
}
