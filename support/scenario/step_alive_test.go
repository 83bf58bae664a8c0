package scenario

import (
	"slices"
	"testing"
	"time"

	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
)

func TestAnIndicatorThatStandsStillSinceDownIsNamed(t *testing.T) {
	at := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	b := board.New(func() time.Time { return at })
	say := func(indicator toolkit.Indicator, event string, after time.Duration) {
		b.Post(board.Sighting{Site: "dc2", Indicator: string(indicator), Event: event, Earliest: at.Add(after), Latest: at.Add(after)})
	}
	for _, indicator := range []toolkit.Indicator{toolkit.OperatorMetrics, toolkit.StatusStream, toolkit.TraceLines} {
		say(indicator, board.PeerDown, time.Second)
	}
	say(toolkit.OperatorMetrics, board.PeerUp, 2*time.Second)
	if got := saysDown(b.Remote("dc2", "dc1", at)); !slices.Equal(got, []toolkit.Indicator{toolkit.StatusStream}) {
		t.Errorf("%v, want the status stream alone", got)
	}
	say(toolkit.StatusStream, board.PeerUp, 3*time.Second)
	if got := saysDown(b.Remote("dc2", "dc1", at)); len(got) != 0 {
		t.Errorf("%v, want none", got)
	}
}
