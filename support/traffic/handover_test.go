package traffic

import (
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
)

// struckLedger is a ledger after dc1 took 1..100 of each channel and lost its memory, its replica ended at 70, and dc2 took
// 101..150 after the takeover.
func struckLedger(t *testing.T) *Ledger {
	t.Helper()
	l := newTestLedger(t)
	l.take(t, 0, 0, l.issue(0, 0, 500, dueAt))
	l.Forgets("dc1")
	if err := l.Given("dc2", entriesOf("dc1", replicated, 100)); err != nil {
		t.Fatal(err)
	}
	if err := l.Remember("dc1"); err != nil {
		t.Fatal(err)
	}
	l.take(t, 0, 1, l.issue(0, 500, 250, dueAt))
	return l
}

func replicated(seq uint64) bool { return seq <= 70 }

// back lets dc1 return and take 151..200.
func back(t *testing.T, l *Ledger) {
	t.Helper()
	l.Returns("dc1")
	events := l.issue(0, 750, 250, dueAt)
	l.answer(0, 0, events, accepted, epoch)
	results := resultsOf(events, "dc1", 0)
	for i := range results {
		results[i].Count = results[i].Seq - 150 // its memory began anew
	}
	l.Observe("dc1", results, epoch)
}

func kinds(a Account) string {
	var list []string
	for _, anomaly := range a.Ledger.Anomalies {
		if len(list) == 0 || list[len(list)-1] != anomaly.Kind {
			list = append(list, anomaly.Kind)
		}
	}
	return strings.Join(list, ", ")
}

func TestOneRunFromTheLastReplicaToTheFaultIsReplicationLoss(t *testing.T) {
	l := struckLedger(t)
	inState(t, l, "dc2", entriesOf("dc1", func(seq uint64) bool { return seq <= 70 || seq > 100 }, 150))
	a := l.Account()
	if kinds(a) != "" || a.Ledger.Lost != 150 || a.Loss.Of != 500 || a.Loss.Side != "dc1" {
		t.Errorf("anomalies %+v, lost %d, of %d of %q; want 150 of 500 of dc1", a.Ledger.Anomalies, a.Ledger.Lost, a.Loss.Of, a.Loss.Side)
	}
	if earliest, latest, ok := a.Loss.Percent(); !ok || earliest != 30 || latest != 30 {
		t.Errorf("%g..%g %% %v; want 30", earliest, latest, ok)
	}
	if a.Ledger.Acknowledged != a.Ledger.Present+a.Ledger.Lost+a.Ledger.Undecided || a.Ledger.Present != 600 {
		t.Errorf("the ledger does not add up: %+v", a.Ledger)
	}
}

// Whoever took over and then lost its memory too took the replica with it.
func TestASecondFailureTakesTheReplicaWithIt(t *testing.T) {
	l := struckLedger(t)
	l.Forgets("dc2")
	l.Returns("dc1")
	l.Returns("dc2")
	inState(t, l, "dc1", nil)
	inState(t, l, "dc2", nil)
	a := l.Account()
	if kinds(a) != "" || a.Ledger.Lost != 750 || a.Ledger.Present != 0 {
		t.Errorf("anomalies %+v, lost %d, present %d; want all 750 lost, and no anomaly", a.Ledger.Anomalies, a.Ledger.Lost, a.Ledger.Present)
	}
	l = struckLedger(t) // the first to fail is back, and the survivor lives: the replica must be there
	inState(t, l, "dc2", entriesOf("dc1", func(seq uint64) bool { return seq > 100 }, 150))
	if !strings.Contains(kinds(l.Account()), model.MissingEvents) {
		t.Errorf("a survivor without its replica: %+v", l.Account().Ledger.Anomalies)
	}
}

func TestWhatReplicationDoesNotExplainIsAFailureOfItsOwn(t *testing.T) {
	for name, c := range map[string]struct {
		has  func(seq uint64) bool
		want string
	}{
		"nothing merged":                   {func(seq uint64) bool { return seq > 100 }, model.MergedOtherwise + ", " + model.MissingEvents},
		"half a fragment merged":           {func(seq uint64) bool { return seq <= 35 || seq > 100 }, model.MergedOtherwise + ", " + model.MissingEvents},
		"the newest of the replica lost":   {func(seq uint64) bool { return seq <= 69 || seq > 100 }, model.MergedOtherwise + ", " + model.MissingEvents},
		"an older replica merged":          {func(seq uint64) bool { return seq <= 40 || seq > 100 }, model.MergedOtherwise + ", " + model.MissingEvents},
		"more merged than was handed over": {func(seq uint64) bool { return seq <= 80 || seq > 100 }, model.MergedOtherwise},
	} {
		l := struckLedger(t)
		inState(t, l, "dc2", entriesOf("dc1", c.has, 150))
		var got []string
		for kind := range strings.SplitSeq(model.MergedOtherwise+","+model.MissingEvents+","+model.KeptEvents, ",") {
			if strings.Contains(kinds(l.Account()), kind) {
				got = append(got, kind)
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, want %q: %+v", name, strings.Join(got, ", "), c.want, l.Account().Ledger.Anomalies)
		}
	}
}

func TestEventsAcknowledgedAfterTheTakeoverMustSurvive(t *testing.T) {
	l := newTestLedger(t)
	l.take(t, 0, 0, l.issue(0, 0, 500, dueAt))
	l.Forgets("dc1")
	if err := l.Given("dc2", entriesOf("dc1", replicated, 100)); err != nil {
		t.Fatal(err)
	}
	events := l.issue(0, 500, 250, dueAt)
	l.answer(0, 1, events, accepted, epoch)
	l.Observe("dc2", resultsOf(events[50:], "dc2", 0), epoch) // the first ten of each channel were forgotten
	inState(t, l, "dc2", entriesOf("dc1", func(seq uint64) bool { return seq <= 70 || seq > 110 }, 150))
	a := l.Account()
	if kinds(a) != model.MissingEvents || a.Ledger.Anomalies[0].First != 101 || a.Ledger.Anomalies[0].Last != 110 || a.Ledger.Anomalies[0].Site != "dc2" {
		t.Errorf("anomalies %+v; want 101 to 110 missing of dc2", a.Ledger.Anomalies)
	}
}

func TestEventsAcknowledgedAfterTheReturnMustSurvive(t *testing.T) {
	survivor := entriesOf("dc1", func(seq uint64) bool { return seq <= 70 || seq > 100 }, 150)
	l := struckLedger(t)
	back(t, l)
	inState(t, l, "dc2", survivor)
	inState(t, l, "dc1", entriesOf("dc1", func(seq uint64) bool { return seq > 150 }, 200))
	if a := l.Account(); kinds(a) != "" || a.Ledger.Lost != 150 || a.Ledger.Resurrected != 0 {
		t.Errorf("sound: anomalies %+v, lost %d, resurrected %d", a.Ledger.Anomalies, a.Ledger.Lost, a.Ledger.Resurrected)
	}

	l = struckLedger(t)
	l.Returns("dc1")
	events := l.issue(0, 750, 250, dueAt)
	l.answer(0, 0, events, accepted, epoch)
	results := resultsOf(events[15:], "dc1", 0) // the first three of each channel were forgotten
	for i := range results {
		results[i].Count = results[i].Seq - 153
	}
	l.Observe("dc1", results, epoch)
	inState(t, l, "dc2", survivor)
	inState(t, l, "dc1", entriesOf("dc1", func(seq uint64) bool { return seq > 153 }, 200))
	if a := l.Account(); kinds(a) != model.MissingEvents || a.Ledger.Anomalies[0].First != 151 || a.Ledger.Anomalies[0].Last != 153 {
		t.Errorf("forgotten after the return: %+v", a.Ledger.Anomalies)
	}
}

func TestASideThatLostItsMemoryHoldsNothingFromBefore(t *testing.T) {
	l := struckLedger(t)
	l.Returns("dc1")
	l.take(t, 0, 0, l.issue(0, 750, 250, dueAt))
	inState(t, l, "dc2", entriesOf("dc1", func(seq uint64) bool { return seq <= 70 || seq > 100 }, 150))
	inState(t, l, "dc1", entriesOf("dc1", func(seq uint64) bool { return seq <= 100 || seq > 150 }, 200))
	a := l.Account()
	if kinds(a) != model.KeptEvents || a.Ledger.Resurrected != 150 {
		t.Errorf("anomalies %+v, resurrected %d; want 150 events kept and resurrected", a.Ledger.Anomalies, a.Ledger.Resurrected)
	}
}

func TestWhatIsNotKnownIsNotRemembered(t *testing.T) {
	l := newTestLedger(t)
	l.take(t, 0, 0, l.issue(0, 0, 500, dueAt))
	l.Forgets("dc1")
	if err := l.Remember("dc1"); err == nil {
		t.Error("nothing says what dc2 holds")
	}
	if err := l.Remember("dc9"); err == nil {
		t.Error("unknown site accepted")
	}
	if err := l.Given("dc2", []Entry{{DC: "dc9"}}); err == nil {
		t.Error("unknown stream accepted")
	}
}

// What was handed over is refused when it belongs to no stream of ours: an index out of bounds would be somebody else's state.
func TestEntriesOfNoStreamAreRefused(t *testing.T) {
	for _, c := range []struct {
		site  string
		entry Entry
		ok    bool
	}{
		{"dc2", Entry{DC: "dc1"}, true},
		{"dc2", Entry{DC: "dc1", Channel: Channels - 1}, true},
		{"dc2", Entry{DC: "dc1", Channel: Channels}, false},
		{"dc2", Entry{DC: "dc1", Channel: -1}, false},
		{"dc2", Entry{DC: "dc9"}, false},
		{"dc9", Entry{DC: "dc1"}, false},
	} {
		if err := newTestLedger(t).Given(c.site, []Entry{c.entry}); (err == nil) != c.ok {
			t.Errorf("%s was handed %s/%d: %v", c.site, c.entry.DC, c.entry.Channel, err)
		}
	}
}
