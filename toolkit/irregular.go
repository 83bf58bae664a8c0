package toolkit

import (
	"fmt"
	"time"
)

// statusOrder is the newest tuple of the status stream that an indicator took in.
type statusOrder struct {
	known  bool
	number uint64
	active bool
}

func (m *memory) irregular(i Indicator, what string, when bounds, why string) Change {
	return Change{
		Site: m.site.Name, Indicator: i, Event: StreamIrregular, Subject: what, Count: 1,
		Earliest: when.earliest, Latest: when.latest, Evidence: why,
	}
}

// irregularStatus takes in the next tuple of a site's status stream, and says what is wrong about it after the one before;
// empty when nothing is. Numbers go up by one in one life of the PE, and UP and DOWN alternate (toolkit contract 5.3, WD1
// and WD2), so that after a gap, of tuples that an observer missed, the number tells which of the two is due.
func (m *memory) irregularStatus(i Indicator, number uint64, active bool) string {
	before := m.order[i]
	m.order[i] = statusOrder{true, number, active}
	switch {
	case !before.known, number == 1: // the PE was started anew, as far as the stream can tell
		return ""
	case number <= before.number:
		return fmt.Sprintf("number %d (%s) came after number %d (%s): numbers must go up", number, parity(active), before.number, parity(before.active))
	case active && before.active && number == before.number+1:
		return "" // a watchdog that was restarted alone says UP again at the next heartbeat (toolkit contract 5.8)
	case active == before.active == ((number-before.number)%2 == 1):
		return fmt.Sprintf("number %d says %s after number %d said %s: UP and DOWN must alternate", number, parity(active), before.number, parity(before.active))
	}
	return ""
}

const (
	// stuckHeartbeats is how many heartbeats in a row must not count up before that is irregular: a sender that got no answer
	// sends the same body once more (toolkit contract 4.5), and a restarted peer counts anew.
	stuckHeartbeats = 2
	// perInterval is how far the count may go up in one interval: a heartbeat and a round of snapshots each take one (5.2, HP4, HP5).
	perInterval = 2
	// countSlack is for what counts besides: the two ends of an interval, and an orderly shutdown (HP8).
	countSlack = 4
)

// irregularCount takes in a line of a PE's trace and says what is wrong about the peer's heartbeat count after the one
// before; empty when nothing is, and for all other lines. Counts go up; how far, beyond one, depends on the rounds of
// snapshots between two heartbeats and on heartbeats that were lost on their way, so that only more than time allows is wrong.
func (m *memory) irregularCount(pe string, line TraceLine) string {
	mem := &m.traced
	if line.Kind() != TraceHeartbeat {
		return ""
	}
	n, ok := line.Count()
	if !ok {
		return ""
	}
	before, known := mem.count[pe]
	last := mem.beat[pe]
	mem.beat[pe] = line.At
	if !known || n < before { // the peer's preparer was started anew; whether it should have been is not the stream's business
		mem.stuck[pe], mem.ahead[pe] = 0, carried{before, last}
		return ""
	}
	if n == before {
		mem.stuck[pe]++
		if mem.stuck[pe] == stuckHeartbeats { // once, not with every further heartbeat
			return fmt.Sprintf("%d heartbeats in a row carry the count %d: counts must go up", stuckHeartbeats+1, n)
		}
		return ""
	}
	mem.stuck[pe] = 0
	most := m.countable(line.At.Sub(last))
	// A heartbeat that somebody else posted carries a count of its own (toolkit contract 6.4); the peer goes on where it was.
	ahead := mem.ahead[pe]
	goesOn := ahead.count > 0 && n > ahead.count && n-ahead.count <= m.countable(line.At.Sub(ahead.at))
	if n-before > most && !goesOn {
		return fmt.Sprintf("heartbeat %d came after %d, %v later: in that time at most %d can have been counted", n, before, line.At.Sub(last), most)
	}
	return ""
}

// carried is a count that a heartbeat carried, and when.
type carried struct {
	count uint64
	at    time.Time
}

// countable is how far a peer's count can go up in a stretch of wall time.
func (m *memory) countable(stretch time.Duration) uint64 {
	intervals := int64(max(0, stretch) / max(m.cfg.Timing.Interval(), time.Microsecond))
	return uint64(perInterval*(intervals+1) + countSlack + int64(m.site.Fragments))
}
