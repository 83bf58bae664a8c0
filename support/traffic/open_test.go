package traffic

import (
	"testing"

	"pgregory.net/rapid"
)

// hung is a ledger of dc1's stream: dc1 took 1..100 of each channel, left 101..160 without an answer, dc2 took 161..200 in the
// meantime, and dc1 took 201..250 again.
func hung(t testing.TB) *Ledger {
	t.Helper()
	l := newTestLedger(t)
	l.take(t, 0, 0, l.issue(0, 0, 500, dueAt))
	for from := uint64(500); from < 800; from += 100 {
		l.answer(0, 0, l.issue(0, from, 100, dueAt), unanswered, epoch)
	}
	l.take(t, 0, 1, l.issue(0, 800, 200, dueAt))
	l.take(t, 0, 0, l.issue(0, 1000, 250, dueAt))
	inState(t, l, "dc2", entriesOf("dc1", func(seq uint64) bool { return seq > 160 && seq <= 200 }, 200))
	return l
}

// A site that hung takes, when it goes on, what waited in its kernel: nobody was told, and it is not lost.
func TestWhatASiteTookWithoutAnAnswerExplainsItsState(t *testing.T) {
	for name, c := range map[string]struct {
		took     func(seq uint64) bool // of 101..160
		unknown  int64
		explains bool
	}{
		"none":                           {func(uint64) bool { return false }, 60 * Channels, true},
		"all":                            {func(uint64) bool { return true }, 0, true},
		"the first":                      {func(seq uint64) bool { return seq <= 120 }, 40 * Channels, true},
		"the last":                       {func(seq uint64) bool { return seq > 150 }, 50 * Channels, true},
		"some in between":                {func(seq uint64) bool { return seq > 110 && seq <= 140 }, 30 * Channels, true},
		"the first and the last request": {func(seq uint64) bool { return seq <= 120 || seq > 140 }, 20 * Channels, true},
		"parts of requests":              {func(seq uint64) bool { return seq == 101 || seq == 103 }, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			l := hung(t)
			own := func(seq uint64) bool {
				return seq <= 100 || seq > 200 || seq > 100 && seq <= 160 && c.took(seq)
			}
			inState(t, l, "dc1", entriesOf("dc1", own, 250))
			a := l.Account()
			if explained := len(a.Contradictions) == 0; explained != c.explains {
				t.Fatalf("contradictions %v", a.Contradictions)
			}
			if c.explains && (a.Loss.LatestEvents != 0 || a.Ledger.Unknown != c.unknown) {
				t.Errorf("lost %d..%d, unknown %d; want nothing lost, unknown %d", a.Loss.EarliestEvents, a.Loss.LatestEvents, a.Ledger.Unknown, c.unknown)
			}
		})
	}
}

// What was acknowledged and is missing stays lost, whatever else was left without an answer.
func TestUnansweredEventsDoNotHideALoss(t *testing.T) {
	l := hung(t)
	inState(t, l, "dc1", entriesOf("dc1", func(seq uint64) bool { return seq <= 90 || seq > 200 }, 250)) // 91..100 are gone
	if a := l.Account(); a.Loss.LatestEvents < 10*Channels {
		t.Errorf("lost %d..%d events; 91..100 of each channel are gone; contradictions %v", a.Loss.EarliestEvents, a.Loss.LatestEvents, a.Contradictions)
	}
}

func TestRunFindsNeighboursBySum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var set bitmap
		members := rapid.SliceOfNDistinct(rapid.Uint64Range(1, 500), 1, 60, rapid.ID[uint64]).Draw(t, "members")
		for _, m := range members {
			set.add(m)
		}
		size := rapid.IntRange(1, len(members)).Draw(t, "size")
		skip, _ := take(set, rapid.Uint64Range(0, uint64(len(members)-size)).Draw(t, "skip"))
		want, _ := take(set.without(skip), uint64(size))
		count, sum := want.tally()
		found, ok := set.run(count, sum)
		if !ok {
			t.Fatal("not found")
		}
		if n, s := found.tally(); n != count || s != sum || len(found.without(set)) > 0 && found.without(set).count() > 0 {
			t.Fatalf("found %d members of sum %d, want %d of %d", n, s, count, sum)
		}
		if _, ok := set.run(uint64(len(members))+1, sum); ok {
			t.Fatal("found more than there are")
		}
	})
}

// Each request is taken as a whole or not at all, and any of them may have been.
func TestRequestsExplainAStateEachAsAWhole(t *testing.T) {
	of := func(members ...uint64) (b bitmap) {
		for _, m := range members {
			b.add(m)
		}
		return b
	}
	base, requests := of(1, 2), []bitmap{of(5, 6), of(9, 10, 11), of(20)}
	for chosen := range 1 << len(requests) {
		want := base
		for i, request := range requests {
			if chosen&(1<<i) != 0 {
				want = want.or(request)
			}
		}
		count, sum := want.tally()
		last, _ := want.last()
		got, ok := explainRequests(base, requests, &Entry{LastSeq: last, Count: count, Sum: sum})
		if ok != (chosen != 0) {
			t.Errorf("requests %03b: explained is %t", chosen, ok)
		}
		if ok && (got.without(want).count() > 0 || want.without(got).count() > 0) {
			t.Errorf("requests %03b: another set has their count and sum", chosen)
		}
		if _, ok := explainRequests(base, requests, &Entry{LastSeq: last + 1, Count: count, Sum: sum}); ok {
			t.Errorf("requests %03b: they end at %d, and not at %d", chosen, last, last+1)
		}
	}
	part := base.or(of(5))
	count, sum := part.tally()
	if _, ok := explainRequests(base, requests, &Entry{LastSeq: 5, Count: count, Sum: sum}); ok {
		t.Error("half a request explains a state")
	}
}
