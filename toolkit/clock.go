package toolkit

import (
	"errors"
	"fmt"
	"time"
)

// ErrClock says that a host's clock cannot be compared with ours, although Site.Clock says how: it stepped, or what stamps
// there is ahead of it. What is stamped by it then counts as if it carried no stamp.
var ErrClock = errors.New("the host's clock cannot be compared with ours")

// clock is how the site's clock relates to ours; nil where it cannot be compared, or no longer.
func (m *memory) clock() *ClockBound {
	if m.clockBroken != nil {
		return nil
	}
	return m.site.Clock
}

// stamped bounds on our clock when something was stamped that a reading showed; ok is false where that cannot be told. The
// reading bounds it too: what it shows had been stamped before it was answered. A stamp that is later proves that the clocks
// cannot be compared, from then on and for everything that this host stamps. Zero since means that nothing bounds the stamp
// from below; else it was not there yet at that instant, up to the longest that a call may take, and one that is much older
// proves the same.
func (m *memory) stamped(at, since, answered time.Time) (when bounds, ok bool) {
	clock := m.clock()
	if clock == nil {
		return bounds{}, false
	}
	when = clock.ours(answered, at)
	switch {
	case when.earliest.After(answered):
		m.clockBroken = fmt.Errorf("%w: something stamped %s was read %v before that time", ErrClock,
			at.UTC().Format(time.TimeOnly+".000"), when.earliest.Sub(answered).Round(time.Microsecond))
	case !since.IsZero() && when.latest.Before(since.Add(-m.cfg.CallTimeout)):
		m.clockBroken = fmt.Errorf("%w: something stamped %s was not there yet %v after that time", ErrClock,
			at.UTC().Format(time.TimeOnly+".000"), since.Sub(when.latest).Round(time.Microsecond))
	default:
		return when, true
	}
	return bounds{}, false
}

// clockTrouble tells once, for each indicator, that its stamps count no more; it speaks nevertheless.
func (m *memory) clockTrouble(i Indicator) error {
	if m.clockBroken == nil || m.clockTold[i] {
		return nil
	}
	if m.clockTold == nil {
		m.clockTold = map[Indicator]bool{}
	}
	m.clockTold[i] = true
	return partly{WithCause(CauseClock, m.clockBroken)}
}

// sound takes out changes whose bounds are reversed: an instant cannot lie after a later one and before an earlier one, so
// whatever made them proves nothing. Each is returned as a problem of its indicator.
func sound(changes []Change) (kept []Change, problems []error) {
	for _, c := range changes {
		if c.Latest.Before(c.Earliest) {
			problems = append(problems, Problem{Site: c.Site, Indicator: c.Indicator, Cause: CauseClock, Err: fmt.Errorf(
				"%s (%s) is dropped: it would have ended %v before it began", c.Event, c.Evidence, c.Earliest.Sub(c.Latest).Round(time.Microsecond))})
			continue
		}
		kept = append(kept, c)
	}
	return kept, problems
}
