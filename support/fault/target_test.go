package fault

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// What a fault strikes is named as people and the journal read it, by whatever the data centers are called: one direction is not
// the whole link. Who must notice, and whether service is lost, is data.
func TestAFaultSaysWhatItStrikesAndWhoMustNotice(t *testing.T) {
	const one, two = `Köln "Süd" <1>->`, "west/coast"
	for _, c := range []struct {
		fault     Fault
		target    string
		struck    string
		observers []string
		takes     bool
	}{
		{Partition(Refuse), "link " + one + "<->" + two, "", []string{one, two}, false},
		{Block(HeartbeatPort, Refuse), "link " + one + "<->" + two + " (heartbeat)", "", []string{one, two}, false},
		{OneWay(one, Refuse), "link " + one + "->" + two, "", []string{two}, false},
		{OneWay(two, Refuse), "link " + two + "->" + one, "", []string{one}, false},
		{Drop(two), "link " + one + "<->" + two, "", []string{one, two}, false},
		{Crash(one), one, one, []string{two}, true},
		{Hang(two, time.Minute), two, two, []string{one}, true},
		{CancelJob(two), two, two, []string{one}, true},
		{KillPE(one, 0), one + "/pe at place 0", one, []string{two}, false},
		{NoOp(), "", "", []string{one, two}, false},
	} {
		t.Run(c.fault.Name+" "+c.target, func(t *testing.T) {
			w := newWorld()
			w.one.name, w.two.name = one, two
			journal, err := OpenJournal(filepath.Join(t.TempDir(), "faults.journal"), "test")
			if err != nil {
				t.Fatal(err)
			}
			defer journal.Close() //nolint:errcheck // of a test
			in, err := c.fault.Inject(t.Context(), w, journal)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := in.Heal(t.Context()); err != nil {
					t.Error(err)
				}
			}()
			m := in.Model(func(time.Time) model.Instant { return 0 })
			if m.Target != c.target || m.Struck != c.struck || !slices.Equal(m.Observers, c.observers) || m.TakesService != c.takes {
				t.Errorf("%+v; want target %q, struck %q, observers %q, service taken %t", m, c.target, c.struck, c.observers, c.takes)
			}
		})
	}
	if _, reason := OneWay("elsewhere", Refuse).Available(newWorld()); reason == "" {
		t.Error("a direction that begins at no data center was available")
	}
}
