package fault

import (
	"errors"
	"testing"
	"time"
)

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
