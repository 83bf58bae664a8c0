package explore

import (
	"fmt"
	"slices"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc/model"
)

// Invariant names what a user would expect of a pair of data centers.
type Invariant string

const (
	Contact     Invariant = "two living data centers with a working link are in contact"
	DeadIsDown  Invariant = "a dead data center is declared DOWN"
	LivingIsUp  Invariant = "a living data center is not declared DOWN"
	Complete    Invariant = "a takeover hands over every replica that was stored"
	Once        Invariant = "a replica is taken over once"
	Survives    Invariant = "a process of the toolkit does not die by itself"
	Planned     Invariant = "a planned shutdown ends in neither DOWN nor takeover"
	Empty       Invariant = "a planned shutdown leaves no replica behind"
	NotForgot   Invariant = "what a data center had acknowledged is not lost when it restarts"
	NoRollback  Invariant = "no data center is given back state that it never lost"
	Replicates  Invariant = "two data centers in contact replicate"
	OnTime      Invariant = "snapshot rounds come as often as configured"
	Kept        Invariant = "the replicas of a living data center are kept"
	Punctual    Invariant = "DOWN comes after at least N and at most N+1 heartbeat intervals of silence"
	StaysUsable Invariant = "a data center takes part until its processes end"
)

// Violation is one instance of an invariant that did not hold.
type Violation struct {
	Invariant Invariant
	Side      int           // where it shows
	At        time.Duration // when it shows
	Evidence  string
}

// String is the violation in one line.
func (v Violation) String() string {
	return fmt.Sprintf("dc%d at %s: not so: %s: %s", v.Side+1, v.At, v.Invariant, v.Evidence)
}

// invariants is the table of checks.
func invariants() []func(h *history) []Violation {
	return []func(h *history) []Violation{
		contact, deadIsDown, livingIsUp, complete, once, survives, planned, empty, notForgot, noRollback, replicates, onTime, kept, staysUsable, punctual,
	}
}

// contact holds at the end, when everything that was done has been over for long.
func contact(h *history) []Violation {
	if !h.serves[0] || !h.serves[1] || h.holds[0] && h.holds[1] {
		return nil
	}
	for side := range 2 {
		if h.began(side, h.until) > h.quiet()+time.Minute || h.count(side, model.Ended, h.quiet(), h.until) > 0 {
			return nil // it may not have had the time
		}
	}
	side := 0
	if h.holds[0] {
		side = 1
	}
	return []Violation{{Contact, side, h.until, fmt.Sprintf("dc1 holds its peer UP: %t, dc2: %t, nothing was done for %s", h.holds[0], h.holds[1], settle)}}
}

func deadIsDown(h *history) (found []Violation) {
	for side := range 2 {
		ended, ok := h.last(1-side, model.Ended, h.until)
		if !ok || h.serves[1-side] || h.until-ended.At < h.certain(side)+time.Minute || !h.lived(side, ended.At, h.until) {
			continue
		}
		if !h.wasHeard(side, ended.At) {
			continue // a takeover is the claim of others
		}
		if up, ok := h.last(side, model.Up, h.until); h.holds[side] || ok && up.At > ended.At+h.certain(side) {
			found = append(found, Violation{DeadIsDown, side, h.until, fmt.Sprintf("its peer died at %s and is held UP", ended.At)})
		} else if h.count(side, model.Down, 0, h.until) == 0 {
			found = append(found, Violation{DeadIsDown, side, h.until, fmt.Sprintf("its peer died at %s and was never declared DOWN", ended.At)})
		} else if down, ok := h.last(side, model.Down, h.until); ok && down.At < ended.At {
			if _, heard := h.last(side, model.Up, ended.At); heard && h.holdsAt(side, ended.At) {
				found = append(found, Violation{DeadIsDown, side, h.until, fmt.Sprintf("its peer died at %s while it was UP and was not declared DOWN", ended.At)})
			}
		}
	}
	return found
}

// wasHeard says whether anybody would expect this side to know that its peer lives.
func (h *history) wasHeard(side int, at time.Duration) bool {
	return at-h.began(1-side, at-1) > 3*time.Minute // a peer that lived for so long should have been heard
}

// holdsAt is what a side holds of its peer at an instant, by the statuses it emitted in its present life.
func (h *history) holdsAt(side int, at time.Duration) bool {
	up, ok := h.last(side, model.Up, at+1)
	if !ok || up.At < h.began(side, at) {
		return false
	}
	down, ok := h.last(side, model.Down, at+1)
	return !ok || down.At < up.At
}

func livingIsUp(h *history) (found []Violation) {
	for side := range 2 {
		h.each(side, model.Down, 0, func(o model.Observation) bool {
			from := o.At - h.timing[side].CertainGap() - h.timing[side].Interval
			if h.lived(1-side, from, o.At) {
				found = append(found, Violation{LivingIsUp, side, o.At, fmt.Sprintf("DOWN, although the processes of its peer lived since %s", h.began(1-side, o.At))})
			}
			return true
		})
	}
	return found
}

// complete looks at takeovers from a peer that died.
func complete(h *history) (found []Violation) {
	for side := range 2 {
		h.each(side, model.Down, 0, func(o model.Observation) bool {
			if h.lived(1-side, o.At-h.timing[side].CertainGap(), o.At) {
				return true
			}
			if h.acted(1-side, 0, o.At, model.Special) {
				return true // planned
			}
			want := h.stored(side, o.At)
			if have := h.count(side, model.TakenOver, o.At, o.At+time.Second); have < want {
				found = append(found, Violation{Complete, side, o.At, fmt.Sprintf("%d of %d stored replicas were taken over", have, want)})
			}
			return true
		})
	}
	return found
}

// stored is how many replicas a side was given in this life and has not handed over or deleted on request since.
func (h *history) stored(side int, at time.Duration) int {
	names := map[string]bool{}
	since := h.began(side, at)
	for _, o := range h.seen {
		if o.Side != side || o.At < since || o.At >= at {
			continue
		}
		switch o.What {
		case model.Stored:
			names[o.Name] = true
		case model.Removed:
			delete(names, o.Name)
		case model.Down:
			clear(names)
		}
	}
	return len(names)
}

// once is about state that is merged again although the side never lost it.
func once(h *history) (found []Violation) {
	for side := range 2 {
		taken := map[string]time.Duration{}
		for _, o := range h.seen {
			switch {
			case o.Side != side:
			case o.What == model.Began:
				clear(taken)
			case o.What == model.TakenOver:
				if before, again := taken[o.Name]; again {
					found = append(found, Violation{Once, side, o.At, fmt.Sprintf("fragment %s of dc%d was taken over at %s already", o.Name, 2-side, before)})
					return found
				}
				taken[o.Name] = o.At
			}
		}
	}
	return found
}

func survives(h *history) (found []Violation) {
	for side := range 2 {
		h.each(side, model.Ended, 0, func(o model.Observation) bool {
			if o.Name != "killed" {
				found = append(found, Violation{Survives, side, o.At, o.Name})
			}
			return len(found) == 0
		})
	}
	return found
}

// planned looks at what the peer of an announced shutdown does until the side comes back.
func planned(h *history) (found []Violation) {
	for side := range 2 {
		h.each(side, model.Announced, 0, func(o model.Observation) bool {
			peer, until := 1-side, h.until
			if back, ok := h.first(side, model.Began, o.At, h.until); ok {
				until = back.At
			}
			if !h.lived(peer, o.At, until) {
				return true
			}
			if taken := h.count(peer, model.TakenOver, o.At, until); taken > 0 {
				found = append(found, Violation{Planned, peer, o.At, fmt.Sprintf("%d fragments were taken over after the announcement", taken)})
			} else if down, ok := h.first(peer, model.Down, o.At, until); ok {
				found = append(found, Violation{Planned, peer, down.At, "DOWN, although the shutdown had been announced"})
			}
			return true
		})
	}
	return found
}

func empty(h *history) (found []Violation) {
	for side := range 2 {
		h.each(side, model.Announced, 0, func(o model.Observation) bool {
			peer := 1 - side
			_, back := h.first(side, model.Began, o.At, h.until)
			if !back && h.left[peer] > 0 && h.until-o.At > settle && h.serves[peer] {
				found = append(found, Violation{Empty, peer, h.until, fmt.Sprintf("%d replicas are left", h.left[peer])})
			}
			return true
		})
	}
	return found
}

// notForgot looks at restarts: the state of a side that died must be handed to its peer, or given back.
func notForgot(h *history) (found []Violation) {
	for side := range 2 {
		h.each(side, model.Ended, 0, func(o model.Observation) bool {
			back, ok := h.first(side, model.Began, o.At, h.until)
			if !ok || h.setup.Centers[side].Config.OperationMode != 1 || o.At-h.began(side, o.At-1) < 6*time.Minute || h.until-back.At < settle {
				return true // it had nothing to lose yet, or the way home is not over
			}
			if h.announcedBy(side, o.At) {
				return true // it gave its state up on purpose
			}
			if gone, ok := h.last(1-side, model.Ended, h.until); ok && !h.serves[1-side] && gone.At <= back.At {
				return true // the other data center is gone for good as well
			}
			if met, ok := h.last(1-side, model.Up, o.At); ok && o.At-met.At < 6*time.Minute {
				return true // no round was due since they met: the RPO allows it
			}
			handed := h.count(1-side, model.TakenOver, o.At, back.At+settle) > 0
			given := h.count(side, model.Returned, back.At, back.At+settle) > 0
			if !handed && !given {
				found = append(found, Violation{NotForgot, side, back.At, fmt.Sprintf("it died at %s; its peer took nothing over and gave nothing back", o.At)})
			}
			return true
		})
	}
	return found
}

func noRollback(h *history) (found []Violation) {
	for side := range 2 {
		h.each(side, model.Returned, 0, func(o model.Observation) bool {
			if o.At-h.began(side, o.At) > warmUp-time.Minute {
				found = append(found, Violation{NoRollback, side, o.At, fmt.Sprintf("fragment %s was returned to a side that lives since %s", o.Name, h.began(side, o.At))})
			}
			return len(found) == 0
		})
	}
	return found
}

// replicates holds at the end.
func replicates(h *history) (found []Violation) {
	if !h.serves[0] || !h.serves[1] || !h.holds[0] || !h.holds[1] {
		return nil
	}
	for side := range 2 {
		if h.setup.Centers[1-side].Config.OperationMode != 1 || h.began(0, h.until) > h.quiet() || h.began(1, h.until) > h.quiet() {
			continue
		}
		period, err := h.timing[1-side].SnapshotPeriod()
		if err != nil {
			continue
		}
		from := h.until - 3*period - time.Minute
		if from > h.quiet() && h.count(side, model.Stored, from, h.until) == 0 {
			found = append(found, Violation{Replicates, side, h.until, fmt.Sprintf("no replica was stored for %s", h.until-from)})
		}
	}
	return found
}

func onTime(h *history) (found []Violation) {
	for side := range 2 {
		s := h.timing[side].SnapshotInterval
		var before time.Duration
		h.each(side, model.Round, 0, func(o model.Observation) bool {
			if before != 0 && h.lived(side, before, o.At) && h.lived(1-side, before, o.At) && !h.acted(-1, before-s, o.At, everything...) {
				if gap := o.At - before; gap > s+s/20 || gap < s-s/20 {
					found = append(found, Violation{OnTime, side, o.At, fmt.Sprintf("a round %s after the one before, configured are %s", gap, s)})
				}
			}
			before = o.At
			return len(found) == 0
		})
	}
	return found
}

// everything is all kinds of actions that may disturb a round.
var everything = []model.What{model.Crash, model.PowerOff, model.Hang, model.Refuse, model.Drop, model.Swallow, model.Slow, model.Lossy, model.Step,
	model.Restart, model.Special}

// kept looks at purges while the peer lives.
func kept(h *history) (found []Violation) {
	for side := range 2 {
		h.each(side, model.Purged, 0, func(o model.Observation) bool {
			if o.Count > 0 && h.lived(1-side, o.At-time.Minute, o.At) {
				found = append(found, Violation{Kept, side, o.At, fmt.Sprintf("%d replicas of a living peer were deleted", o.Count)})
			}
			return len(found) == 0
		})
	}
	return found
}

// staysUsable is about a side that lives and has cut itself off.
func staysUsable(h *history) (found []Violation) {
	for side := range 2 {
		o, ok := h.last(side, model.Announced, h.until)
		if ok && h.lived(side, o.At, h.until) && h.until-o.At > settle/2 {
			found = append(found, Violation{StaysUsable, side, h.until, fmt.Sprintf("it announced a shutdown at %s, was not ended, and is deaf and mute since", o.At)})
		}
	}
	return found
}

// punctual looks at each DOWN of a side whose operators nobody touched.
func punctual(h *history) (found []Violation) {
	for side := range 2 {
		t := h.timing[side]
		for _, g := range h.gaps[side] {
			from := g.at - g.silent - 2*t.Interval
			if !h.lived(side, from, g.at) || g.at-g.silent < h.began(side, g.at)+t.InitDelay || h.acted(side, from, g.at, model.Restart, model.Special) || h.blocked(side, from, g.at) {
				continue
			}
			least, most := time.Duration(t.Misses)*t.Interval, time.Duration(t.Misses+1)*t.Interval
			if g.silent < least-time.Millisecond || g.silent > most+time.Millisecond {
				found = append(found, Violation{Punctual, side, g.at, fmt.Sprintf("DOWN after %s of silence, by the configuration %s to %s", g.silent, least, most)})
				break
			}
		}
	}
	return found
}

// blocked says whether the tick source of a side stood still because its heartbeat queue was full.
func (h *history) blocked(side int, from, to time.Duration) bool {
	return slices.ContainsFunc(h.full[side], func(at time.Duration) bool { return at >= from && at <= to })
}
