package toolkit

import (
	"maps"
	"slices"
	"time"
)

// evidence is what the memory holds now, ready for Infer, without the peer's side.
func (m *memory) evidence(now time.Time) Evidence {
	e := Evidence{
		Site: m.site.Name, Peer: m.peer, Now: now, Timing: m.cfg.Timing, Refresh: m.cfg.Refresh,
		LastResult: m.result, Restarts: m.restarts,
	}
	// An indicator that fails now keeps its memory for the next change, but says nothing today.
	if m.stream != nil && m.speaks(m.stream.Indicator) {
		s := *m.stream
		e.Stream = &s
	}
	if m.trace != nil && m.speaks(TraceLines) {
		t := *m.trace
		e.Trace = &t
	}
	for _, i := range counting() {
		if v := m.views[i]; v != nil && m.speaks(i) {
			e.Metrics = append(e.Metrics, v.counters(i))
		}
	}
	if m.job != nil && m.speaks(JobHealth) {
		e.JobGone = m.job.gone
		if !m.job.gone {
			state := m.job.state
			e.Job = &state
		}
	}
	if m.instance != nil && m.speaks(InstanceHealth) && m.instance.known && !m.instance.unreachable {
		state := m.instance.state
		e.Instance = &state
	}
	for _, i := range slices.Sorted(maps.Keys(m.problems)) {
		e.Problems = append(e.Problems, m.problems[i])
	}
	if m.site.Fragments > 0 {
		n := int64(m.site.Fragments)
		e.Replicas = &n
	}
	for _, v := range m.views {
		if d := v.tracks[Delivered]; d != nil && v.deliveredKnown {
			n := d.sample.Value - v.deliveredBase
			if e.Delivered == nil || n > *e.Delivered {
				e.Delivered = &n
			}
		}
	}
	return e
}

func (m *memory) speaks(i Indicator) bool {
	_, failing := m.problems[i]
	return !failing
}

func (v *view) counters(i Indicator) Counters {
	c := Counters{Indicator: i, Asked: v.asked, Answered: v.answered, Counts: make(map[Count]Track, len(v.tracks))}
	ticks := v.tracks[Ticks]
	for name, t := range v.tracks {
		out := Track{Known: true, Value: t.sample.Value, Moved: t.moved, Still: max(0, t.asked.Sub(t.firstEnd))}
		if t.ticksOK && ticks != nil && ticks.sample.Value >= t.ticks {
			out.TicksKnown, out.TicksSince = true, ticks.sample.Value-t.ticks
		}
		if name == SnapshotsIn {
			out.SinceUp, out.SinceUpKnown = v.accepted.since(t.sample.Value)
		}
		c.Counts[name] = out
	}
	return c
}

// pair completes the evidence of both sides with what each tells about the other.
func pair(a, b *memory, now time.Time, link *bool) (Evidence, Evidence) {
	ea, eb := a.evidence(now), b.evidence(now)
	ea.PeerRounds, eb.PeerRounds = roundsMissed(a, b), roundsMissed(b, a)
	peerOfA, peerOfB := eb, ea
	ea.PeerSite, eb.PeerSite = &peerOfA, &peerOfB
	ea.LinkWorks, eb.LinkWorks = link, link
	return ea, eb
}

// roundsMissed is by how much the peer's snapshot rounds advanced after this side's last accepted snapshot.
func roundsMissed(here, there *memory) *int64 {
	for _, i := range counting() {
		h, t := here.views[i], there.views[i]
		if h == nil || t == nil {
			continue
		}
		in, rounds := h.tracks[SnapshotsIn], t.tracks[SnapshotRounds]
		if in == nil || rounds == nil {
			continue
		}
		at := &here.roundsAt
		if !at.known || in.sample.Value != at.accepted || rounds.sample.Value < at.rounds {
			*at = roundsMemory{known: true, accepted: in.sample.Value, rounds: rounds.sample.Value}
		}
		n := rounds.sample.Value - at.rounds
		return &n
	}
	return nil
}
