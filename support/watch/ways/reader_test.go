package ways

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/support/traffic/adapter"
)

// reading is a reader of an application that is described so, with a ledger in which a second's events of both streams were acknowledged.
func reading(t *testing.T, results string) (*Ways, *reader) {
	t.Helper()
	described, err := application.Parse("orders.yaml", []byte("name: orders\ncomposite: com.example::Orders\n"+
		"traffic:\n  adapter: tcp\n  with: {address: 'h:1'}\n  event: '{{number}}'\n"+
		"results:\n  adapter: tcp\n  with: {address: 'h:2'}\n"+results))
	if err != nil {
		t.Fatal(err)
	}
	sites := [2]string{"dc1", "dc2"}
	w := &Ways{
		described: described, sites: sites, numbering: adapter.Numbering{Sites: sites, Base: 1000},
		heard: map[string]time.Time{}, arrived: map[string]time.Time{}, fresh: map[string]time.Time{}, probes: map[uint64]bool{}, failed: map[string]error{},
	}
	sending, halt := context.WithCancel(t.Context())
	var took atomic.Int64 // both streams are sent at the same time
	generator, err := traffic.NewGenerator(traffic.Options{Sites: sites, Rate: 1000}, traffic.SinkFunc(func(_ context.Context, _ string, events []traffic.Event) error {
		if took.Add(int64(len(events))) >= 100 {
			halt()
		}
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	_ = generator.Run(sending) // fails only when it is run twice
	r, err := w.reader("dc1", generator.Ledger(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return w, r
}

func resultOf(format string, values ...any) adapter.Result {
	now := time.Now()
	return adapter.Result{Bytes: fmt.Appendf(nil, format, values...), Site: "dc1", Earliest: now, Latest: now}
}

// Only what was issued in this session counts: results of an earlier one, of another's load and of probes are nobody's, and none of them
// makes an application look wrong.
func TestOnlyResultsOfTheSessionsOwnEventsCount(t *testing.T) {
	w, r := reading(t, "  number: csv:1\n  by: csv:2\n  names: {dc1: east, dc2: west}\n")
	w.probes[999999] = false
	for _, result := range []adapter.Result{
		resultOf("1001,east"), resultOf("1002,west"), resultOf("1003,east"), // of dc1, dc2, dc1
		resultOf("7,east"), resultOf("1999999,east"), resultOf("none,east"), resultOf(""), resultOf("999999,west"),
	} {
		r.Results([]adapter.Result{result})
	}
	a := r.ledger.AccountByResults()
	if got := a.Ledger; got.ProcessedBy["dc1"] != 2 || got.ProcessedBy["dc2"] != 1 || got.Corrupted+got.Duplicated+got.Reordered != 0 {
		t.Errorf("%+v", got)
	}
	if !w.probes[999999] {
		t.Error("the result of a probe was not noticed")
	}
	if _, served := w.fresh["dc2"]; !served {
		t.Errorf("dc2 served an event: %v", w.fresh)
	}
}

func TestResultsWithoutNumbersAreCountedWhereTheyWereProcessed(t *testing.T) {
	_, r := reading(t, "  by: csv:1\n")
	r.Results([]adapter.Result{resultOf("dc1"), resultOf("dc2"), resultOf("dc2"), resultOf("")})
	r.Results([]adapter.Result{resultOf("dc2")})
	if a := r.ledger.AccountByCounts(); a.Ledger.Counted != 5 || a.Ledger.ProcessedBy["dc2"] != 3 || a.Ledger.ProcessedBy["dc1"] != 2 {
		t.Errorf("%+v", a.Ledger)
	}
	select {
	case <-r.begun:
	default:
		t.Error("who gives results reads")
	}
}

// A result that names no data center shows neither of them serving, however many there are of such names.
func TestAResultThatNamesNoDataCenterSpeaksForNone(t *testing.T) {
	w, r := reading(t, "  by: csv:1\n")
	var told int
	r.heard = func(string, []traffic.Result) { told++ }
	began := time.Now().Add(-time.Second)
	for n := range 3 * mostTold {
		r.Results([]adapter.Result{resultOf("somebody %d", n)})
	}
	for _, site := range w.sites {
		if w.servedSince(site, began) || w.cameSince(site, began) {
			t.Errorf("%s is said to serve", site)
		}
	}
	if told != mostTold {
		t.Errorf("others were told of %d names, want %d", told, mostTold)
	}
	r.Results([]adapter.Result{resultOf("dc2")})
	if w.servedSince("dc1", began) || !w.servedSince("dc2", began) {
		t.Error("dc2 alone was named")
	}
}
