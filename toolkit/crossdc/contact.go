package crossdc

import "time"

// FirstContact is when this side's peer reports its first UP, counted from the same origin as the arguments: sender is when
// this side's toolkit started, listener when the peer's heartbeat port opened, d the delivery delay. It is the first
// tick of this side after the listener is open (toolkit contract 6.5). Both directions are up at the later of the two.
func (t Timing) FirstContact(sender, listener, d time.Duration) Interval {
	from := max(add(sender, t.InitDelay), listener)
	return Interval{Min: add(from, d), Max: add(from, t.Interval, d)}
}

// Recontact says how contact comes back when one side restarts beside a survivor that has gone silent: the survivor is
// UP D0 + d after the start of the fresh side, which is UP at most I + d later (toolkit contract 6.5). Both sides have this
// timing.
func (t Timing) Recontact(d time.Duration) (survivor time.Duration, fresh Interval) {
	survivor = add(t.InitDelay, d)
	return survivor, Interval{Min: add(survivor, d), Max: add(survivor, t.Interval, d)}
}

// DetectionDuringInit is the longest detection of a peer that was heard and died while this side still waited for its first
// tick: D0 + (N+1)*I (toolkit contract 6.5).
func (t Timing) DetectionDuringInit() time.Duration {
	return add(t.InitDelay, t.CertainGap())
}

// RestartVisibility says how a restart looks to the peer.
type RestartVisibility struct {
	AlwaysInvisible time.Duration // a boot of at most this is never noticed, and the state silently lost (Q17); negative: no boot is that short
	AlwaysVisible   time.Duration // a boot of at least this always ends in DOWN
}

// InvisibleRestart gives the boot times, without D0, between which it depends on the phase whether the peer notices a
// restart: (N-1)*I - D0 and (N+1)*I - D0 (toolkit contract 6.5). Both sides have this timing.
func (t Timing) InvisibleRestart() RestartVisibility {
	n := float64(t.Misses)
	return RestartVisibility{
		AlwaysInvisible: add(t.times(n-1), -t.InitDelay),
		AlwaysVisible:   add(t.times(n+1), -t.InitDelay),
	}
}

// Likelihood is what can be said of an event for all phases.
type Likelihood int

const (
	Impossible Likelihood = iota
	Possible
	Certain
)

// String is the word for it.
func (l Likelihood) String() string {
	return [...]string{"impossible", "possible", "certain"}[l]
}

// Flaps says whether this side, as the receiver, flaps between UP and DOWN when the peer sends only every interval:
// possible above N*I, certain in each cycle from (N+1)*I on (toolkit contract 6.5, C4).
func (t Timing) Flaps(peer time.Duration) Likelihood {
	switch {
	case t.NeverDetects() || peer <= t.SafeGap():
		return Impossible
	case peer < t.CertainGap():
		return Possible
	}
	return Certain
}
