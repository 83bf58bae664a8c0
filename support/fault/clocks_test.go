package fault

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// clockedWorld compares the clock of one host with ours, which is set ahead while the fault lasts.
type clockedWorld struct {
	*world
	asked int
}

func (w *clockedWorld) Clocks(context.Context) []Clock {
	w.asked++
	return []Clock{{Host: "a", Offset: time.Duration(w.asked) * time.Minute, Bound: time.Millisecond}}
}

func TestClocksAreComparedBeforeAndAfterAFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &clockedWorld{world: newWorld()}
		in, err := Crash(dc1).Inject(t.Context(), w, newJournal(t))
		if err != nil {
			t.Fatal(err)
		}
		if err := in.Heal(t.Context()); err != nil {
			t.Fatal(err)
		}
		clocks := in.Model(func(time.Time) (none model.Instant) { return none }).Clocks
		if len(clocks) != 1 || clocks[0].Before == nil || clocks[0].After == nil ||
			clocks[0].Before.Offset != time.Minute || clocks[0].After.Offset != 2*time.Minute {
			t.Fatalf("%+v", clocks)
		}
		if c := Cleanup(in); c.Outcome != model.OutcomeInconclusive || len(c.Healed) != 1 || !strings.Contains(c.Reason, "the clock of host a moved by 1m0s") {
			t.Errorf("a clock that was set makes what it stamped doubtful: %+v", c)
		}
	})
}

func TestAClockThatMovedIsNamed(t *testing.T) {
	ms := time.Millisecond
	before := []Clock{{Host: "a", Offset: ms, Bound: ms}, {Host: "b", Offset: ms, Bound: ms}, {Host: "c", Err: errors.New("not reached")}, {Host: "d", Bound: ms}}
	after := []Clock{{Host: "d", Err: errors.New("not reached")}, {Host: "a", Offset: 2900 * time.Microsecond, Bound: ms}, {Host: "b", Offset: 30 * ms, Bound: ms}, {Host: "c", Bound: ms}}
	list := pairs(before, after)
	if len(list) != 4 || list[0].After == nil || list[2].Before != nil || list[3].After != nil || list[0].Before.Offset != ms {
		t.Fatalf("%+v", list)
	}
	if moved := movedClocks(list, time.Second); len(moved) != 1 {
		t.Errorf("only b moved by more than the bounds allow: %q", moved)
	}
	if moved := movedClocks(list, time.Minute); len(moved) != 0 { // a minute apart, two clocks may have come apart by as much
		t.Errorf("%q", moved)
	}
}
