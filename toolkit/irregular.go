package toolkit

import (
	"fmt"
	"slices"
	"time"

	"github.com/crossdc/failover/toolkit/metrics"
)

// statusOrder is the newest tuple of the status stream that an indicator took in.
type statusOrder struct {
	known  bool
	number uint64
	active bool
	life   metrics.Sample // of the watchdog's process, as it was known when the tuple came; it may be older, never newer
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
func (m *memory) irregularStatus(i Indicator, number uint64, active bool, when bounds) string {
	before := m.order[i]
	m.order[i] = statusOrder{true, number, active, m.watchdogLife()}
	switch {
	case !before.known, number == 1: // the PE was started anew, as far as the stream can tell
		return ""
	case number <= before.number:
		return fmt.Sprintf("number %d (%s) came after number %d (%s): numbers must go up", number, parity(active), before.number, parity(before.active))
	case active && before.active && number == before.number+1:
		// A watchdog that was restarted alone says UP again at the next heartbeat (toolkit contract 5.8): only who sees that its
		// process is the same one still knows better.
		m.upAgain[i] = upTwice{when.latest, before.life, fmt.Sprintf("number %d says UP after number %d said UP", number, before.number), when}
		return ""
	case active == before.active == ((number-before.number)%2 == 1):
		return fmt.Sprintf("number %d says %s after number %d said %s: UP and DOWN must alternate", number, parity(active), before.number, parity(before.active))
	}
	return ""
}

// upTwice is an UP that followed an UP, until somebody knows whether the watchdog was restarted between the two.
type upTwice struct {
	seen time.Time
	life metrics.Sample // of the watchdog's process before the first of them
	why  string
	when bounds
}

// watchdogLife is a sample of the watchdog's counters that shows whose process they are of, or the zero sample.
func (m *memory) watchdogLife() metrics.Sample {
	for _, i := range counting() {
		if v := m.views[i]; v != nil && v.tracks[StatusTuples] != nil && tellsLife(v.tracks[StatusTuples].sample) {
			return v.tracks[StatusTuples].sample
		}
	}
	return metrics.Sample{}
}

func tellsLife(s metrics.Sample) bool { return s.Launch > 0 || s.Process != "" }

// irregularUp says of each UP that followed an UP whether a reading that was asked for after it shows the watchdog's process to
// be the one of before: then nothing in the contract explains the second.
func (m *memory) irregularUp(r reading) (changes []Change) {
	for i, up := range m.upAgain {
		at := slices.IndexFunc(countSources, func(s countSource) bool { return s.count == StatusTuples })
		now, ok, err := m.find(r.set, countSources[at])
		if err != nil || !ok || !sharesLife(now, up.life) || !m.holdsAfter(nil, r, now).After(up.seen) {
			continue
		}
		delete(m.upAgain, i)
		if metrics.SameEpoch(up.life, now) {
			changes = append(changes, m.irregular(i, "status stream", up.when,
				up.why+fmt.Sprintf(", and the watchdog was not restarted (pe %s, launch %d): UP and DOWN must alternate", now.PE, now.Launch)))
		}
	}
	return changes
}

// sharesLife says whether two samples can be compared as to whose process they are of.
func sharesLife(a, b metrics.Sample) bool {
	return a.Launch > 0 && b.Launch > 0 || a.Process != "" && b.Process != ""
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
