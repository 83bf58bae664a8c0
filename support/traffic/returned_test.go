package traffic

import (
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
)

// Both sides lost their memory, and dc1 was given back what its peer had of it: 1..70 of the 100 that it had taken.
func restoredLedger(t *testing.T, has func(seq uint64) bool) Account {
	t.Helper()
	l := newTestLedger(t)
	l.take(t, 0, 0, l.issue(0, 0, 500, dueAt))
	l.Forgets("dc1")
	l.Forgets("dc2")
	l.Returns("dc1")
	l.Returns("dc2")
	events := l.issue(0, 500, 250, dueAt)
	l.answer(0, 0, events, accepted, epoch)
	results := resultsOf(events, "dc1", 0)
	for i := range results {
		results[i].Count = results[i].Seq - 30 // 70 that were returned, and those from 101 on
	}
	l.Observe("dc1", results, epoch)
	if err := l.Returned("dc1", entriesOf("dc1", replicated, 100)); err != nil {
		t.Fatal(err)
	}
	inState(t, l, "dc1", entriesOf("dc1", has, 150))
	inState(t, l, "dc2", nil)
	return l.Account()
}

func TestWhatWasReturnedIsNoLoss(t *testing.T) {
	a := restoredLedger(t, func(seq uint64) bool { return seq <= 70 || seq > 100 })
	if kinds(a) != "" || len(a.Contradictions) > 0 || a.Ledger.Lost != 150 {
		t.Errorf("anomalies %+v, contradictions %v, lost %d; want 150 lost, and nothing else", a.Ledger.Anomalies, a.Contradictions, a.Ledger.Lost)
	}
}

func TestWhatWasReturnedMustBeInTheState(t *testing.T) {
	for name, has := range map[string]func(seq uint64) bool{
		"half of it":    func(seq uint64) bool { return seq <= 35 || seq > 100 },
		"nothing of it": func(seq uint64) bool { return seq > 100 },
		"more than it":  func(seq uint64) bool { return true },
	} {
		a := restoredLedger(t, has)
		if len(a.Contradictions) == 0 && !strings.Contains(kinds(a), model.MissingEvents) {
			t.Errorf("%s: anomalies %+v, contradictions %v", name, a.Ledger.Anomalies, a.Contradictions)
		}
	}
}

func TestReturnedEntriesNameAStreamOfOurs(t *testing.T) {
	l := newTestLedger(t)
	for site, entry := range map[string]Entry{"dc3": {DC: "dc1"}, "dc1": {DC: "dc3"}, "dc2": {DC: "dc1", Channel: Channels}} {
		if err := l.Returned(site, []Entry{entry}); err == nil {
			t.Errorf("%s took %+v", site, entry)
		}
	}
}

// What was returned and what was taken since without an answer are told apart: the part of a request that is in the state is not lost.
func TestPartOfAnUnansweredRequestIsFoundBesideWhatWasReturned(t *testing.T) {
	l := newTestLedger(t)
	l.take(t, 0, 0, l.issue(0, 0, 500, dueAt))
	l.Forgets("dc1")
	l.Forgets("dc2")
	l.Returns("dc1")
	l.Returns("dc2")
	l.answer(0, 0, l.issue(0, 500, 100, dueAt), unanswered, epoch) // 101..120 of each channel
	if err := l.Returned("dc1", entriesOf("dc1", replicated, 100)); err != nil {
		t.Fatal(err)
	}
	inState(t, l, "dc1", entriesOf("dc1", func(seq uint64) bool { return seq <= 70 || seq > 100 && seq <= 108 }, 120))
	inState(t, l, "dc2", nil)
	a := l.Account()
	if len(a.Contradictions) > 0 || a.Ledger.Lost != 30*Channels || a.Ledger.Unknown != 12*Channels {
		t.Errorf("contradictions %v, lost %d, unknown %d; want 71..100 lost and 109..120 unknown of each channel", a.Contradictions, a.Ledger.Lost, a.Ledger.Unknown)
	}
}
