package toolkit

import "time"

// Silence is how long a data center heard no heartbeat before it declared its peer DOWN, as its traces tell, in wall time.
// Stamped is the difference of two stamps of its own clock; Least and Most bound it by when we read the two lines, on our
// clock. A stamped silence outside of these bounds means that the data center's clock stepped in between.
type Silence struct {
	Stamped     time.Duration
	Least, Most time.Duration
	Seen        time.Time // end of the reading that showed DOWN
}

// Stepped reports whether the clock that stamped the silence stepped during it by more than slack, as far as our own readings
// tell. Slack is for how long a PE's trace may take until it can be read.
func (s Silence) Stepped(slack time.Duration) bool {
	return s.Stamped < s.Least-slack || s.Stamped > s.Most+slack
}

// silenceMemory follows heartbeats and the DOWN after them through a site's traces.
type silenceMemory struct {
	heartbeat time.Time // stamp of the newest; zero: none since the last DOWN
	shown     bounds    // around when it was written, on our clock
	told      *Silence  // of the newest DOWN
}

// line takes in a line that was written within the given bounds.
func (s *silenceMemory) line(l TraceLine, written bounds) {
	switch l.Kind() {
	case TraceHeartbeat:
		s.heartbeat, s.shown = l.At, written
	case TraceRemoteDown:
		if s.heartbeat.IsZero() { // every fragment traces it: the first counts
			return
		}
		s.told = &Silence{
			Stamped: l.At.Sub(s.heartbeat), Seen: written.latest,
			Least: max(0, written.earliest.Sub(s.shown.latest)), Most: written.latest.Sub(s.shown.earliest),
		}
		s.heartbeat = time.Time{}
	}
}

// Silence returns what the traces of a site tell of the silence before its newest DOWN; ok is false where they were not read
// closely enough to tell.
func (m *Monitor) Silence(site string) (told Silence, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, side := range m.sides {
		if side.site.Name == site && side.silence.told != nil {
			return *side.silence.told, true
		}
	}
	return Silence{}, false
}
