package toolkit

import "time"

// LookedUntil returns until when each indicator of a site has shown everything of an event's kind: a change of status
// (PeerDown), a takeover (FragmentTakenOver), an announced
// shutdown (ShutdownReceived), or what became of the job (JobGone). That nothing was seen proves
// something up to this instant only; an indicator that failed, or was not asked, since then says nothing. Counters cover
// also what happened while nobody looked. Indicators that cannot show the event are left out.
func (m *Monitor) LookedUntil(site string, event Event) map[Indicator]time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	until := map[Indicator]time.Time{}
	for _, side := range m.sides {
		if side.site.Name == site {
			side.lookedUntil(event, until)
		}
	}
	return until
}

func (m *memory) lookedUntil(event Event, until map[Indicator]time.Time) {
	counted := func(name Count) {
		for indicator, v := range m.views {
			if t := v.tracks[name]; t != nil {
				until[indicator] = t.holdAfter
			}
		}
	}
	pushed := func(indicator Indicator) {
		if at, ok := m.silent[indicator]; ok {
			until[indicator] = at
		}
	}
	switch event {
	case PeerDown, PeerUp:
		counted(StatusTuples)
		pushed(StatusStream)
		if !m.buffer.asked.IsZero() {
			until[StatusRead] = m.buffer.asked.Add(-m.cfg.delay(m.buffer.answered))
		}
	case FragmentTakenOver:
		counted(Delivered)
		pushed(TakeoverStream)
	case ShutdownReceived, ShutdownSent:
		for _, asked := range m.traced.asked { // the trace that was read least recently
			if at, known := until[TraceLines]; !known || asked.earliest.Before(at) {
				until[TraceLines] = asked.earliest
			}
		}
	case JobGone:
		if m.job != nil {
			until[JobHealth] = m.job.asked
		}
	default:
	}
}

// pushedUntil remembers that everything which was written to a push stream before an instant has arrived.
func (m *memory) pushedUntil(indicator Indicator, at time.Time) {
	m.silent[indicator] = later(m.silent[indicator], at)
}
