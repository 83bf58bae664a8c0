package toolkit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Infer concludes what the site of the evidence holds of its peer, by the inference table (toolkit contract 8.4). It is
// a pure function. When sources disagree, metrics prevail over the application's status stream, and that over traces;
// a stream tuple that may be younger than the newest metric sample is not contradicted by it and prevails.
// Neither failures of an indicator nor an unreachable management API are ever evidence of DOWN.
func Infer(e Evidence) Conclusion {
	c := conclude(e)
	c.mutual(e)
	c.side(e)
	return c
}

func conclude(e Evidence) Conclusion {
	c := Conclusion{Site: e.Site, Peer: e.Peer, State: Unknown}
	views := slices.DeleteFunc(slices.Clone(e.Metrics), func(m Counters) bool { return !m.Counts[StatusTuples].Known })
	slices.SortStableFunc(views, func(a, b Counters) int {
		if gap := b.Asked.Sub(a.Asked); gap.Abs() > e.Refresh { // clearly younger; else the order of trust decides
			return cmp.Compare(gap, 0)
		}
		return trust(a.Indicator) - trust(b.Indicator)
	})
	var said []statement
	for _, m := range views {
		said = append(said, m.statement(e))
	}
	if s := e.Stream; s != nil {
		st := statement{indicator: s.Indicator, state: parity(s.Active), text: fmt.Sprintf("activeOrInactive=%t, %s", s.Active, ago(e.Now, s.Received))}
		// A metric is up to Refresh old when it is read: only one asked for that much later than the tuple knows of it.
		if len(views) > 0 && !s.Aged && !views[0].Asked.Add(-e.Refresh).After(s.Received) && st.state.differs(said[0].state) {
			said = slices.Insert(said, 0, st)
		} else {
			said = append(said, st)
		}
	}
	if t := e.Trace; t != nil && t.StatusKnown {
		said = append(said, statement{indicator: TraceLines, state: parity(t.StatusUp), text: fmt.Sprintf("application traced remote up=%t", t.StatusUp)})
	}
	if t := e.Trace; t != nil && t.ShutdownSent && len(views) == 0 {
		said = slices.Insert(said, 0, statement{indicator: TraceLines, state: Shutdown, text: "orderly shutdown message sent"})
	}
	if len(said) == 0 || e.JobGone {
		c.withoutToolkit(e, said)
		return c
	}
	c.State = said[0].state
	for i, s := range said {
		c.Used = append(c.Used, s.indicator)
		c.Why = append(c.Why, s.String())
		if i > 0 && s.state.differs(c.State) {
			c.Disagreements = append(c.Disagreements, fmt.Sprintf("%s says %s, %s says %s", said[0].indicator, c.State, s.indicator, s.state))
		}
	}
	return c
}

type statement struct {
	indicator Indicator
	state     State
	text      string
}

func (s statement) String() string { return string(s.indicator) + ": " + s.text }

func parity(up bool) State {
	if up {
		return Up
	}
	return Down
}

// differs reports whether two states cannot both be true: finer states agree with the status that they imply.
func (s State) differs(o State) bool {
	coarse := func(s State) State {
		switch {
		case s.IsDown():
			return Down
		case s == Shutdown, s == Blind, s == Contradiction: // parity odd underneath, or not to be trusted
			return Unknown
		}
		return s
	}
	a, b := coarse(s), coarse(o)
	return a != b && a != Unknown && b != Unknown
}

func trust(i Indicator) int {
	return slices.IndexFunc(Ways(), func(way Way) bool { return way.Name == i })
}

// ticksToProve is how many ticks a counter must stand still to be called flat: the operators' counters are not sampled
// in one instant, so one tick may show in one and not yet in the other.
const ticksToProve = 2

func (t Track) flat() bool { return t.Known && t.TicksKnown && t.TicksSince >= ticksToProve }

// statement reads one source of counters by the rows of the inference table.
func (m Counters) statement(e Evidence) statement {
	status, ticks, produced := m.Counts[StatusTuples], m.Counts[Ticks], m.Counts[HeartbeatsOut]
	received, others := m.Counts[HeartbeatsIn], m.Counts[OtherOut]
	stall := 2*e.Timing.Interval() + e.Refresh
	stalled := ticks.Known && ticks.Still > stall
	mute := produced.flat() && !stalled
	silent := received.Known && received.TicksKnown && received.TicksSince > int64(e.Timing.MissesAllowed)+ticksToProve
	traced := e.Trace != nil && e.Trace.ShutdownSent
	closing := mute && (traced || e.Trace == nil && others.Known && others.Value > 0)

	s := statement{indicator: m.Indicator}
	detail := ""
	switch {
	case status.Value > 0 && status.Value%2 == 0:
		s.state = Down
		switch {
		case mute:
			s.state, detail = DownMute, ", heartbeats stopped while ticks advance"
		case stalled:
			detail = ", ticks stand still"
		case produced.Moved && produced.TicksKnown:
			detail = ", heartbeats still produced"
		}
	case closing:
		s.state, detail = Shutdown, ", mute, shutdown traced"
		if !traced {
			detail = ", mute, shutdown message produced (no trace to confirm)"
		}
	case mute:
		s.state, detail = Contradiction, ", mute although nothing silenced it"
	case status.Value == 0:
		s.state = NeverContacted
		if received.Known && received.Value > 1 && received.Still > 2*e.Refresh {
			s.state, detail = Contradiction, fmt.Sprintf(", but %d heartbeats received", received.Value)
		} else if produced.Moved {
			detail = ", heartbeats advance"
		}
	case stalled && (!received.Known || received.Still > stall):
		s.state, detail = Blind, ", neither heartbeats nor ticks: status stale (Q4)"
	case silent:
		s.state, detail = Contradiction, fmt.Sprintf(", no heartbeat for %d ticks", received.TicksSince)
	default:
		s.state = Up
		if received.Moved {
			detail = ", heartbeats arrive"
		}
	}
	s.text = fmt.Sprintf("%s %d (%s)%s, %s", StatusTuples, status.Value, oddness(status.Value), detail, ago(e.Now, m.Answered))
	return s
}

func oddness(n int64) string {
	switch {
	case n == 0:
		return "none"
	case n%2 == 0:
		return "even"
	}
	return "odd"
}

// withoutToolkit says what can be said when no source speaks about the toolkit itself.
func (c *Conclusion) withoutToolkit(e Evidence, stale []statement) {
	switch {
	case e.JobGone:
		c.Used = append(c.Used, JobHealth)
		c.Why = append(c.Why, "job health: the application's job is not running here, nobody watches the peer")
		for _, s := range stale {
			c.Why = append(c.Why, "last known "+s.String())
		}
	case e.Job != nil:
		c.Used = append(c.Used, JobHealth)
		c.Why = append(c.Why, fmt.Sprintf("job health: job %s is %s, %s, which says nothing about the peer", e.Job.ID, e.Job.Status, e.Job.Health))
	}
	if e.Instance != nil {
		c.Used = append(c.Used, InstanceHealth)
		c.Why = append(c.Why, fmt.Sprintf("instance health: %s, %s", e.Instance.Status, e.Instance.Health))
	}
	if !e.LastResult.IsZero() {
		c.Used = append(c.Used, Traffic)
		c.Why = append(c.Why, "traffic: last result "+ago(e.Now, e.LastResult))
	}
	if len(c.Why) == 0 {
		c.Why = append(c.Why, "no indicator speaks")
	}
}

// mutual recognises mutual silence: both sides DOWN and mute although the link works (Q1).
func (c *Conclusion) mutual(e Evidence) {
	if c.State != DownMute || e.PeerSite == nil || conclude(*e.PeerSite).State != DownMute {
		return
	}
	switch {
	case e.LinkWorks == nil:
		c.Why = append(c.Why, "both sides are mute; the link was not probed")
		c.Hazards = append(c.Hazards, "Q1")
	case *e.LinkWorks:
		c.State = MutualSilence
		c.Why = append(c.Why, "both sides are mute while the link works: nothing will restart contact")
		c.Used = append(c.Used, LinkProbe)
		c.Hazards = append(c.Hazards, "Q1")
	default:
		c.Why = append(c.Why, "both sides are mute and the link is down")
		c.Used = append(c.Used, LinkProbe)
	}
}

// side adds what the evidence says beside the status.
func (c *Conclusion) side(e Evidence) {
	if e.Trace != nil && e.Trace.PeerCountDecrease {
		c.PeerRestarted = true
		c.Why = append(c.Why, "pe traces: the peer's heartbeat count decreased, its preparer restarted")
	}
	if e.PeerSite != nil && e.PeerSite.Restarts > 0 {
		c.PeerRestarted = true
	}
	if c.PeerRestarted && c.State == Up {
		c.Hazards = append(c.Hazards, "Q17")
	}
	if e.PeerRounds != nil && *e.PeerRounds >= ticksToProve {
		c.SnapshotsLost = true
		c.Why = append(c.Why, fmt.Sprintf("%d snapshot rounds of %s without one arriving: snapshot channel broken, no DOWN expected", *e.PeerRounds, e.Peer))
	}
	if c.State == Blind {
		c.Hazards = append(c.Hazards, "Q4")
	}
	if !c.State.IsDown() || e.Delivered == nil || e.Replicas == nil {
		return
	}
	switch got, want := *e.Delivered, *e.Replicas; {
	case got > want:
		c.Takeover, c.Hazards = TakeoverExcess, append(c.Hazards, "Q31")
	case got == want:
		c.Takeover = TakeoverComplete
	case got == 0:
		c.Takeover = TakeoverNone
	default:
		c.Takeover = TakeoverPartial
	}
	c.Why = append(c.Why, fmt.Sprintf("takeover %s: %d of %d fragments delivered", c.Takeover, *e.Delivered, *e.Replicas))
	if *e.Delivered < *e.Replicas && e.Trace != nil && e.Trace.ReadErrors > 0 {
		c.Why = append(c.Why, fmt.Sprintf("pe traces: %d replicas could not be read", e.Trace.ReadErrors))
		c.Hazards = append(c.Hazards, "Q18", "Q24", "Q26")
	}
}

// String reads like a sentence: "dc2 sees dc1 DOWN (operator metrics: ...; status stream: ...)".
func (c Conclusion) String() string {
	var b strings.Builder
	switch c.State {
	case NeverContacted:
		fmt.Fprintf(&b, "%s never contacted %s", c.Site, c.Peer)
	case Blind:
		fmt.Fprintf(&b, "%s is blind to %s", c.Site, c.Peer)
	case Shutdown:
		fmt.Fprintf(&b, "%s is in orderly shutdown", c.Site)
	case MutualSilence:
		fmt.Fprintf(&b, "%s and %s are in mutual silence", c.Site, c.Peer)
	case Contradiction:
		fmt.Fprintf(&b, "%s contradicts itself about %s", c.Site, c.Peer)
	case Unknown:
		fmt.Fprintf(&b, "what %s holds of %s is unknown", c.Site, c.Peer)
	default:
		fmt.Fprintf(&b, "%s sees %s %s", c.Site, c.Peer, c.State)
	}
	fmt.Fprintf(&b, " (%s)", strings.Join(c.Why, "; "))
	if len(c.Disagreements) > 0 {
		fmt.Fprintf(&b, "; sources disagree: %s", strings.Join(c.Disagreements, "; "))
	}
	return b.String()
}
