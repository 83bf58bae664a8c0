package traffic

import (
	"runtime"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var epoch = time.Unix(1_700_000_000, 0)

func newTestLedger(t testing.TB) *Ledger {
	t.Helper()
	l, err := NewLedger(Options{Sites: [2]string{"dc1", "dc2"}, Rate: 1000, Epoch: epoch, Speedup: 60})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func dueAt(uint64) time.Time { return epoch }

// take lets a site acknowledge and process events.
func (l *Ledger) take(t testing.TB, stream, site int, events []Event) {
	t.Helper()
	l.answer(stream, site, events, accepted, epoch)
	l.Observe(l.options.Sites[site], resultsOf(events, l.options.Sites[site], 0), epoch.Add(time.Second))
}

func resultsOf(events []Event, by string, base uint64) []Result {
	results := make([]Result, len(events))
	for i, e := range events {
		results[i] = Result{DC: e.DC, Channel: e.Channel, Seq: e.Seq, Check: e.Check, ProcessedBy: by, Count: base + e.Seq}
	}
	return results
}

// entriesOf are the state entries of stream dc1 for a set of sequence numbers, the same in each channel.
func entriesOf(dc string, has func(seq uint64) bool, last uint64) []Entry {
	var entries []Entry
	for channel := range Channels {
		e := Entry{DC: dc, Channel: channel}
		for seq := uint64(1); seq <= last; seq++ {
			if has(seq) {
				e.LastSeq, e.Count, e.Sum = seq, e.Count+1, e.Sum+seq
			}
		}
		entries = append(entries, e)
	}
	return entries
}

func inState(t testing.TB, l *Ledger, site string, entries []Entry) {
	t.Helper()
	if err := l.InState(site, entries); err != nil {
		t.Fatal(err)
	}
}

func TestCheckIsFNV1aOverTheName(t *testing.T) {
	c := newCell("dc1", 3)
	for _, seq := range []uint64{1, 9, 10, 12345, 1 << 63} {
		if Check("dc1", 3, seq) != c.check(seq) {
			t.Errorf("seq %d: Check and the ledger's check differ", seq)
		}
	}
	// The published vector of FNV-1a 64 for "a".
	if got := fnv(fnvOffset, []byte("a")); got != 0xaf63dc4c8601ec8c {
		t.Errorf("fnv-1a of %q is %x", "a", got)
	}
}

func TestEventsAfterTheLastReplicaAreLost(t *testing.T) {
	l := newTestLedger(t)
	l.take(t, 0, 0, l.issue(0, 0, 500, dueAt)) // seq 1..100 per channel at dc1, which then dies
	refusedEvents := l.issue(0, 500, 100, dueAt)
	l.answer(0, 0, refusedEvents, refused, epoch)                  // 101..120 refused
	l.take(t, 0, 1, l.issue(0, 600, 150, dueAt))                   // 121..150 at the survivor
	has := func(seq uint64) bool { return seq <= 70 || seq > 120 } // its replica ended at 70
	inState(t, l, "dc2", entriesOf("dc1", has, 150))

	a := l.Account()
	if len(a.Contradictions) > 0 {
		t.Fatalf("contradictions: %q", a.Contradictions)
	}
	if a.Ledger.Lost != 150 || a.Ledger.Unknown != 0 || a.Loss.EarliestEvents != 150 || a.Loss.LatestEvents != 150 {
		t.Errorf("lost %d unknown %d loss %+v; want exactly 30 per channel", a.Ledger.Lost, a.Ledger.Unknown, a.Loss)
	}
	// 30 events of 5 ms per channel at speedup 60: 30*0.3 s.
	if a.Loss.EarliestSeconds < 8.69 || a.Loss.EarliestSeconds > 8.71 || a.Loss.LatestSeconds < 9.29 || a.Loss.LatestSeconds > 9.31 {
		t.Errorf("loss in seconds %g..%g, want 8.7..9.3", a.Loss.EarliestSeconds, a.Loss.LatestSeconds)
	}
	if a.Ledger.Refused != 100 || a.Ledger.Acknowledged != 650 || a.Ledger.Due != 750 {
		t.Errorf("due %d acknowledged %d refused %d", a.Ledger.Due, a.Ledger.Acknowledged, a.Ledger.Refused)
	}
}

func TestAStateThatNothingExplainsIsAnInterval(t *testing.T) {
	l := newTestLedger(t)
	l.take(t, 0, 0, l.issue(0, 0, 500, dueAt))
	entries := entriesOf("dc1", func(uint64) bool { return true }, 100)
	entries[2].Sum++
	inState(t, l, "dc1", entries)
	a := l.Account()
	if len(a.Contradictions) != 1 || a.Loss.EarliestEvents != 0 || a.Loss.LatestEvents != 100 {
		t.Errorf("contradictions %q, loss %+v: want one, 0..100", a.Contradictions, a.Loss)
	}
}

func TestNothingInspectedProvesNothing(t *testing.T) {
	l := newTestLedger(t)
	l.take(t, 0, 0, l.issue(0, 0, 50, dueAt))
	a := l.Account()
	if a.Ledger.Lost != 0 || a.Ledger.Unknown != 50 || a.Loss.LatestEvents != 50 || a.Loss.Why == "" {
		t.Errorf("lost %d unknown %d loss %+v", a.Ledger.Lost, a.Ledger.Unknown, a.Loss)
	}
}

func TestMemoryLostInARestartIsLoss(t *testing.T) {
	l := newTestLedger(t)
	l.take(t, 0, 0, l.issue(0, 0, 500, dueAt))
	again := l.issue(0, 500, 500, dueAt)
	l.answer(0, 0, again, accepted, epoch)
	results := resultsOf(again, "dc1", 0)
	for i := range results {
		results[i].Count -= 100 // counts anew after seq 100
	}
	l.Observe("dc1", results, epoch)
	inState(t, l, "dc1", entriesOf("dc1", func(seq uint64) bool { return seq > 100 }, 200))
	if a := l.Account(); a.Ledger.Lost != 500 || len(a.Contradictions) > 0 {
		t.Errorf("lost %d, contradictions %q; want 500", a.Ledger.Lost, a.Contradictions)
	}
}

func TestDuplicatesSplitBrainReorderingAndCorruptionAreCounted(t *testing.T) {
	l := newTestLedger(t)
	events := l.issue(0, 0, 50, dueAt) // 10 per channel
	l.take(t, 0, 0, events)
	l.Observe("dc1", resultsOf(events[:1], "dc1", 100), epoch) // twice by one owner
	l.Observe("dc2", resultsOf(events[:2], "dc2", 0), epoch)   // by two owners
	late := l.issue(0, 50, 10, dueAt)
	l.answer(0, 0, late, accepted, epoch)
	l.Observe("dc1", resultsOf(late[5:], "dc1", 100), epoch)
	l.Observe("dc1", resultsOf(late[:5], "dc1", 100), epoch) // older after newer
	bad := resultsOf(events[:4], "dc1", 100)
	bad[0].Check++
	bad[1].Seq = 1 << 60
	bad[2].Channel = 77
	bad[3].DC = "elsewhere"
	l.Observe("dc1", bad, epoch)
	a := l.Account()
	if a.Ledger.Duplicated != 3 || a.SplitBrain != 2 || a.Ledger.Reordered != 5 || a.Ledger.Corrupted != 4 {
		t.Errorf("duplicated %d split brain %d reordered %d corrupted %d; want 3 2 5 4", a.Ledger.Duplicated, a.SplitBrain, a.Ledger.Reordered, a.Ledger.Corrupted)
	}
}

func TestLostEventsThatComeBackAreResurrected(t *testing.T) {
	l := newTestLedger(t)
	l.take(t, 0, 0, l.issue(0, 0, 500, dueAt))
	inState(t, l, "dc2", entriesOf("dc1", func(seq uint64) bool { return seq <= 60 }, 100))
	l.Account()
	if a := l.Account(); a.Ledger.Lost != 200 || a.Ledger.Resurrected != 0 {
		t.Fatalf("lost %d resurrected %d; want 200 0", a.Ledger.Lost, a.Ledger.Resurrected)
	}
	if err := l.Remember("dc1"); err != nil {
		t.Fatal(err)
	}
	inState(t, l, "dc1", entriesOf("dc1", func(seq uint64) bool { return true }, 90))
	if a := l.Account(); a.Ledger.Resurrected != 150 || a.Ledger.Lost != 50 {
		t.Errorf("resurrected %d lost %d; want 150 50", a.Ledger.Resurrected, a.Ledger.Lost)
	}
}

func TestStateOfStrangersIsRefused(t *testing.T) {
	l := newTestLedger(t)
	for name, entries := range map[string][]Entry{
		"stream":  {{DC: "dc9", Channel: 0}},
		"channel": {{DC: "dc1", Channel: 5}},
		"twice":   {{DC: "dc1", Channel: 1}, {DC: "dc1", Channel: 1}},
	} {
		if err := l.InState("dc1", entries); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := l.InState("dc9", nil); err == nil {
		t.Error("unknown site accepted")
	}
}

// TestLossBoundsHoldTheTruth plays random histories of a failover and checks that the truth lies in the interval.
func TestLossBoundsHoldTheTruth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, err := NewLedger(Options{Sites: [2]string{"dc1", "dc2"}, Rate: 1000, Epoch: epoch})
		if err != nil {
			t.Fatal(err)
		}
		truth := map[Event]bool{}
		var home, away []Event
		var index uint64
		for range rapid.IntRange(1, 8).Draw(t, "batches") {
			n := rapid.IntRange(1, 40).Draw(t, "n")
			events := l.issue(0, index, n, dueAt)
			index += uint64(n)
			site := rapid.IntRange(0, 1).Draw(t, "site")
			switch verdict := answer(rapid.IntRange(0, 2).Draw(t, "answer")); verdict {
			case accepted:
				l.answer(0, site, events, accepted, epoch)
				if site == 0 {
					home = append(home, events...)
				} else {
					away = append(away, events...)
					l.Observe("dc2", resultsOf(events, "dc2", 0), epoch)
				}
			default:
				l.answer(0, site, events, verdict, epoch)
			}
		}
		replica := uint64(rapid.IntRange(0, 50).Draw(t, "replica"))
		entries := make([]Entry, Channels)
		for i := range entries {
			entries[i] = Entry{DC: "dc1", Channel: i}
		}
		keep := func(e Event) {
			truth[e] = true
			s := &entries[e.Channel]
			s.LastSeq, s.Count, s.Sum = max(s.LastSeq, e.Seq), s.Count+1, s.Sum+e.Seq
		}
		for _, e := range home {
			if e.Seq <= replica {
				keep(e)
			}
		}
		for _, e := range away {
			keep(e)
		}
		if err := l.InState("dc2", entries); err != nil {
			t.Fatal(err)
		}
		lost := int64(len(home) + len(away) - len(truth))
		a := l.Account()
		if lost < a.Loss.EarliestEvents || lost > a.Loss.LatestEvents {
			t.Fatalf("%d were lost, the account says %d..%d (%q)", lost, a.Loss.EarliestEvents, a.Loss.LatestEvents, a.Contradictions)
		}
		if len(a.Contradictions) > 0 {
			t.Fatalf("an ordinary failover was not explained: %q", a.Contradictions)
		}
	})
}

// BenchmarkCheckTenMillion observes and accounts for ten million events.
func BenchmarkCheckTenMillion(b *testing.B) {
	const events = 10_000_000
	for b.Loop() {
		b.StopTimer()
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		l := newTestLedger(b)
		batch := make([]Event, 1000)
		results := make([]Result, 1000)
		var spent time.Duration
		for i := uint64(0); i < events; i += 1000 {
			copy(batch, l.issue(0, i, 1000, dueAt))
			l.answer(0, 0, batch, accepted, epoch)
			copy(results, resultsOf(batch, "dc1", 0))
			b.StartTimer()
			start := time.Now()
			l.Observe("dc1", results, epoch)
			spent += time.Since(start)
			b.StopTimer()
		}
		var entries []Entry
		for channel := range Channels {
			const n = events / Channels
			entries = append(entries, Entry{DC: "dc1", Channel: channel, LastSeq: n, Count: n, Sum: n * (n + 1) / 2})
		}
		inState(b, l, "dc1", entries)
		b.StartTimer()
		start := time.Now()
		a := l.Account()
		account := time.Since(start)
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&after)
		if a.Ledger.Lost != 0 || len(a.Contradictions) > 0 || a.Ledger.Acknowledged != events {
			b.Fatalf("account %+v", a)
		}
		b.ReportMetric(spent.Seconds(), "s/observe-10M")
		b.ReportMetric(account.Seconds(), "s/account-10M")
		b.ReportMetric((spent+account).Seconds()/1.0, "of-1s-budget")
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(64<<20), "of-64MiB-budget")
		runtime.KeepAlive(l)
		b.StartTimer()
	}
}

// A data center that lost its memory and then skipped some of what it took: neither what it knew before nor the end of all it took is
// its state.
func TestAStateSinceARestartWithGapsIsExact(t *testing.T) {
	l := newTestLedger(t)
	l.take(t, 0, 0, l.issue(0, 0, 500, dueAt)) // 1..100 of each channel
	l.Forgets("dc1")
	l.Returns("dc1")
	events := l.issue(0, 500, 250, dueAt) // 101..150
	l.answer(0, 0, events, accepted, epoch)
	has := func(seq uint64) bool { return seq > 100 && (seq <= 120 || seq > 130) }
	var results []Result
	for _, r := range resultsOf(events, "dc1", 0) {
		if has(r.Seq) {
			r.Count = r.Seq - 100
			if r.Seq > 130 {
				r.Count -= 10
			}
			results = append(results, r)
		}
	}
	l.Observe("dc1", results, epoch)
	inState(t, l, "dc1", entriesOf("dc1", has, 150))
	inState(t, l, "dc2", nil)
	if a := l.Account(); len(a.Contradictions) > 0 || a.Ledger.Lost != (100+10)*Channels {
		t.Errorf("contradictions %v, lost %d; want 1..100 and 121..130 of each channel", a.Contradictions, a.Ledger.Lost)
	}
}
