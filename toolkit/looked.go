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
		if side.site.Name != site {
			continue
		}
		for _, way := range Ways() {
			if way.until == nil {
				continue
			}
			if at, shows := way.until(side, event); shows {
				until[way.Name] = at
			}
		}
	}
	return until
}

// pushedUntil remembers that everything which was written to a push stream before an instant has arrived.
func (m *memory) pushedUntil(indicator Indicator, at time.Time) {
	m.silent[indicator] = later(m.silent[indicator], at)
}
