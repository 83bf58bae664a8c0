package traffic

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// TestEventsOfOneInjectionMayMeetDifferentFates: each is booked by itself, and what a sink says nothing of is unknown.
func TestEventsOfOneInjectionMayMeetDifferentFates(t *testing.T) {
	l, err := NewLedger(Options{Sites: [2]string{"dc1", "dc2"}, Rate: 100})
	if err != nil {
		t.Fatal(err)
	}
	events := l.issue(0, 0, 5, func(uint64) time.Time { return time.Now() })
	why := fmt.Errorf("%w by the service", ErrRefused)
	mixed := &MixedError{Fates: []Fate{FateAccepted, FateRefused, FateUnknown, FateAccepted}, Err: why}
	if errors.Is(mixed, ErrRefused) || classify(mixed) != unanswered {
		t.Error("a mixed injection must not count as refused")
	}
	l.answers(0, 0, events, mixed, time.Now())
	a := l.Account().Ledger
	if a.Due != 5 || a.Acknowledged != 2 || a.Refused != 1 || a.Unknown != 2+2 {
		// Without an inspected state the two acknowledged ones are undecided, and count among the unknown.
		t.Errorf("due %d, acknowledged %d, refused %d, unknown %d", a.Due, a.Acknowledged, a.Refused, a.Unknown)
	}
}
