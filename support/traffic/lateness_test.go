package traffic

import (
	"testing"
	"time"
)

func TestLatenessCountsWhileWatched(t *testing.T) {
	l := newLateness()
	l.record(time.Millisecond)
	l.watch(false)
	l.record(time.Second)
	if s := l.summary(); s.Ticks != 1 || s.Max != time.Millisecond {
		t.Errorf("unwatched, and yet %+v", s)
	}
	l.watch(true)
	l.record(2 * time.Millisecond)
	if s := l.summary(); s.Ticks != 2 || s.Max != 2*time.Millisecond {
		t.Errorf("watched again: %+v", s)
	}
}
