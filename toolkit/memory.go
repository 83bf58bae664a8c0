package toolkit

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/toolkit/metrics"
)

// memory is what was seen of one site so far. Feeding it a reading yields the changes that the reading proves; asking
// it for evidence yields what Infer needs. It holds no history beyond the last value of everything, and no lock.
type memory struct {
	cfg   *Config
	site  *Site
	peer  string
	views map[Indicator]*view

	stream   *StreamStatus
	trace    *TraceFacts
	traced   traceMemory
	buffer   bufferMemory
	job      *jobMemory
	instance *instanceMemory
	restarts int
	result   time.Time
	stopped  bool // results
	roundsAt roundsMemory
	problems map[Indicator]Problem
	silent   map[Indicator]time.Time // push streams: nothing written before is still to come
	order    map[Indicator]statusOrder
	upAgain  map[Indicator]upTwice
	silence  silenceMemory
	served   servedMemory

	clockBroken error              // why the host's clock cannot be compared with ours
	clockTold   map[Indicator]bool // of whom that was said
}

func newMemory(cfg *Config, side int) *memory {
	return &memory{
		cfg: cfg, site: &cfg.Sites[side], peer: cfg.Sites[1-side].Name,
		views: map[Indicator]*view{}, problems: map[Indicator]Problem{}, silent: map[Indicator]time.Time{},
		order: map[Indicator]statusOrder{}, upAgain: map[Indicator]upTwice{},
	}
}

// view is one source of counters.
type view struct {
	asked, answered time.Time // of the newest reading
	tracks          map[Count]*track
	muted           bool
	deliveredBase   int64
	deliveredKnown  bool
	accepted        acceptedMemory
	missed          missCounter
	page            pageMemory
}

// track follows one counter through one life of its PE.
type track struct {
	sample    metrics.Sample
	previous  int64
	moved     bool
	first     bounds // when the value came to be
	asked     time.Time
	firstEnd  time.Time // end of the first request that showed the value
	holdAfter time.Time // the value was still there after this instant
	ticks     int64     // value of the tick counter when this value was first seen together with ticks
	ticksOK   bool
}

type bounds struct{ earliest, latest time.Time }

// reading is one answer of a source of counters.
type reading struct {
	indicator       Indicator
	asked, answered time.Time
	set             metrics.Set
	repeats         bool // it shows what the one before it did, and no time stamp says that it is younger
}

// counters takes in one reading. Readings may overlap and overtake each other: one that was asked before the newest one
// is dropped, counter by counter, and so is one that shows another value but was asked before the present value was
// known, because what it shows may be older.
func (m *memory) counters(r reading) []Change {
	v := m.views[r.indicator]
	if v == nil {
		v = &view{tracks: map[Count]*track{}}
		m.views[r.indicator] = v
	}
	if r.indicator == PrometheusMetrics { // operators' counters are asked for in parts, and carry stamps
		r.repeats = v.page.repeats(r.set, r.asked)
	}
	var changes []Change
	seen := false
	for _, src := range countSources {
		sample, ok, err := m.find(r.set, src)
		if err != nil || !ok { // what is ambiguous was said by takeCounters
			continue
		}
		seen = true
		changes = append(changes, m.count(v, r, src.count, sample)...)
	}
	if seen && r.asked.After(v.asked) {
		v.asked, v.answered = r.asked, r.answered
	}
	if seen {
		delete(m.problems, r.indicator)
	}
	v.missed.take(m, r)
	changes = append(changes, m.irregularUp(r)...)
	return append(changes, m.muting(v, r)...)
}

// find returns the sample of a counter; the receivers' channels are summed. An error says that it cannot be told which of several
// series is the counter.
func (m *memory) find(set metrics.Set, src countSource) (metrics.Sample, bool, error) {
	operator := m.site.Composite + "." + src.operator
	if src.count != SnapshotsIn {
		return set.Pick(operator, src.port, src.metric)
	}
	channels := map[string]bool{}
	for _, s := range set.Samples {
		if s.Operator == operator || strings.HasPrefix(s.Operator, operator+"[") {
			channels[s.Operator] = true
		}
	}
	var sum metrics.Sample
	found := false
	for _, channel := range slices.Sorted(maps.Keys(channels)) {
		s, ok, err := set.Pick(channel, src.port, src.metric)
		if err != nil {
			return metrics.Sample{}, false, err
		}
		if ok {
			value := sum.Value
			sum, found = s, true
			sum.Value += value
		}
	}
	return sum, found, nil
}

func (m *memory) count(v *view, r reading, name Count, sample metrics.Sample) []Change {
	t := v.tracks[name]
	if t == nil {
		t = &track{sample: sample, firstEnd: r.answered, holdAfter: m.holdsAfter(nil, r, sample), asked: r.asked}
		v.tracks[name] = t
		v.noteTicks(t, r)
		v.accepted.first(name, sample.Value)
		return nil
	}
	if !r.asked.After(t.asked) {
		return nil
	}
	hold := m.holdsAfter(t, r, sample)
	if sample.Value >= t.sample.Value { // a life of the PE that is not known now may still be the old one
		if sample.Launch == 0 {
			sample.Launch = t.sample.Launch
		}
		if sample.Process == "" {
			sample.Process = t.sample.Process
		}
	}
	growth, reset := metrics.Growth(t.sample, sample)
	gaugelike := name == Backlog || name == PersistBacklog
	if sample.Value == t.sample.Value && metrics.SameEpoch(t.sample, sample) {
		t.sample, t.asked = sample, r.asked
		t.holdAfter = later(t.holdAfter, hold)
		v.accepted.moved(name, sample.Value, false)
		if !t.ticksOK {
			v.noteTicks(t, r)
		}
		return nil
	}
	if r.asked.Before(t.firstEnd) { // asked before the present value was known: nobody can say which of the two came first
		return nil
	}
	old := *t
	// A stamp is from before the values were read, so that a new value may be younger than its stamp: the answer bounds it.
	when := bounds{old.holdAfter, r.answered}
	*t = track{
		sample: sample, previous: old.sample.Value, moved: !reset, first: when, asked: r.asked, firstEnd: r.answered,
		holdAfter: later(hold, old.holdAfter),
	}
	v.noteTicks(t, r)
	v.accepted.moved(name, sample.Value, reset)
	if gaugelike {
		return nil
	}
	return m.counted(v, r, name, old, *t, growth, reset)
}

// noteTicks remembers the tick counter beside a new value. Only ticks of the same reading count: older ones would make
// the value look flat for longer than it was.
func (v *view) noteTicks(t *track, r reading) {
	if ticks := v.tracks[Ticks]; ticks != nil && ticks.asked.Equal(r.asked) {
		t.ticks, t.ticksOK = ticks.sample.Value, true
	}
}

// holdsAfter returns an instant after which the sample's value was still in force.
//
// A sample may be old when it is read. With its time stamp and a comparable clock, it held at that time. With the stamp
// alone, the first request that shows a new stamp proves that it was taken after the start of the last request that
// showed another one; a request that shows the same stamp again proves nothing new, which matters when a stopped PE
// leaves its last values behind. Without a stamp, it may be Refresh old, and as much more as the platform's
// sampler is late; a page that shows in everything what the one before it did proves nothing new either.
func (m *memory) holdsAfter(t *track, r reading, s metrics.Sample) time.Time {
	if s.Stored { // what was scraped then may be Refresh old
		return onOurClock(r.answered, s.At).Add(-m.cfg.Refresh - m.cfg.delay(r.asked))
	}
	if !s.At.IsZero() {
		if when, ok := m.stamped(s.At, time.Time{}, r.answered); ok {
			return when.earliest
		}
	}
	switch {
	case !s.At.IsZero() && t != nil && t.sample.At.Equal(s.At):
		return t.holdAfter
	case !s.At.IsZero() && t != nil && !t.sample.At.IsZero():
		return t.asked
	case r.repeats && t != nil:
		return t.holdAfter
	}
	return r.asked.Add(-m.cfg.Refresh - m.cfg.delay(r.asked))
}

// onOurClock moves a wall-clock instant to the monotonic clock of reference.
func onOurClock(reference, wall time.Time) time.Time {
	return reference.Add(wall.Sub(reference.Round(0)))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// counted turns a change of a counter into events.
func (m *memory) counted(v *view, r reading, name Count, old, now track, growth int64, reset bool) []Change {
	change := Change{
		Site: m.site.Name, Indicator: r.indicator, Subject: m.peer, Count: 1, Earliest: now.first.earliest, Latest: now.first.latest,
		Evidence: fmt.Sprintf("%s %d -> %d", name, old.sample.Value, now.sample.Value),
	}
	if reset {
		change.Evidence += ", counted anew by a restarted PE"
	}
	switch name {
	case StatusTuples:
		return m.statusCounted(v, change, old, now, reset)
	case Delivered:
		if growth > 0 {
			// Counted when it is handed over; the application merges it after that.
			change.Event, change.Count, change.Latest = FragmentTakenOver, growth, change.Latest.Add(m.cfg.delay(r.answered))
			return []Change{change}
		}
	}
	return nil
}

// maxFlips bounds the events made of one jump of the status counter.
const maxFlips = 8

func (m *memory) statusCounted(v *view, change Change, old, now track, reset bool) (changes []Change) {
	from, to := old.sample.Value, now.sample.Value
	if reset {
		from = 0
		if to == 0 {
			change.Event = PeerUnknown
			return []Change{change}
		}
	}
	if to-from > maxFlips {
		from = to - 2
	}
	for n := from + 1; n <= to; n++ {
		change.Event = PeerDown
		if n%2 == 1 {
			change.Event = PeerUp
		}
		changes = append(changes, change)
	}
	if to%2 == 0 {
		// The fragments that the takeover delivers may already be counted in this reading's, or the last one's, sample.
		if d := v.tracks[Delivered]; d != nil {
			v.deliveredBase, v.deliveredKnown = d.sample.Value, true
			if d.moved && !d.firstEnd.Before(old.holdAfter) && d.asked.After(old.holdAfter) {
				v.deliveredBase = d.previous
			}
		}
	}
	return changes
}

// muting reports when heartbeats stop while ticks advance, and when they come back.
func (m *memory) muting(v *view, r reading) []Change {
	out, ticks := v.tracks[HeartbeatsOut], v.tracks[Ticks]
	if out == nil || ticks == nil || !out.asked.Equal(r.asked) || !ticks.asked.Equal(r.asked) {
		return nil
	}
	flat := out.ticksOK && ticks.sample.Value-out.ticks >= ticksToProve
	if flat == v.muted {
		return nil
	}
	v.muted = flat
	if !out.moved && flat { // it was like this when we came
		return nil
	}
	change := Change{
		Site: m.site.Name, Indicator: r.indicator, Event: HeartbeatsMuted, Subject: m.site.Name, Count: 1,
		Earliest: out.first.earliest, Latest: r.answered,
		Evidence: fmt.Sprintf("%s stays %d while ticks reach %d", HeartbeatsOut, out.sample.Value, ticks.sample.Value),
	}
	if !flat {
		change.Event, change.Latest = HeartbeatsResumed, later(out.first.latest, out.first.earliest)
		change.Evidence = fmt.Sprintf("%s %d -> %d", HeartbeatsOut, out.previous, out.sample.Value)
	}
	return []Change{change}
}

// roundsMemory is the peer's snapshot rounds when this side's count of accepted snapshots last changed.
type roundsMemory struct {
	known    bool
	accepted int64
	rounds   int64
}
