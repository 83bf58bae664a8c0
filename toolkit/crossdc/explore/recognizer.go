package explore

import (
	"slices"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc/model"
)

// Recognizer says of a violation whether a quirk of the toolkit explains it.
type Recognizer struct {
	Quirk    string // "Q1"
	explains func(h *history, v Violation) bool
}

var cuts = []model.What{model.Refuse, model.Drop, model.Swallow}

// Recognizers is the table, one row for each quirk that the model can show.
func Recognizers() []Recognizer {
	return []Recognizer{
		{"Q1", func(h *history, v Violation) bool { // both declared each other DOWN and nobody sends
			return v.Invariant == Contact && h.count(0, model.Down, h.began(0, v.At), v.At) > 0 && h.count(1, model.Down, h.began(1, v.At), v.At) > 0 && !h.announced(v.At)
		}},
		{"Q2", func(h *history, v Violation) bool { // a partition taken for a crash
			if v.Invariant != LivingIsUp {
				return false
			}
			// a peer that declared this side DOWN is mute: the second DOWN of a cut in one direction
			mute := h.acted(-1, 0, v.At, cuts...) && h.count(1-v.Side, model.Down, h.began(1-v.Side, v.At), v.At) > 0 &&
				(!h.holdsAt(1-v.Side, v.At-1) || h.count(1-v.Side, model.Down, v.At-h.certain(v.Side), v.At) > 0)
			return mute || h.cutFor(v.At, v.Side) > h.timing[v.Side].SafeGap()-h.timing[v.Side].Interval
		}},
		{"Q4", func(h *history, v Violation) bool { // a tick source that stands still makes mute and blind
			return v.Invariant == LivingIsUp && (h.restarted(1-v.Side, v.At, model.TickOperator) || h.acted(v.Side, v.At-h.certain(v.Side), v.At, model.Hang))
		}},
		{"Q5", func(h *history, v Violation) bool { // any body is a heartbeat
			return (v.Invariant == DeadIsDown && h.acted(v.Side, v.At-settle-warmUp, v.At, model.Stranger)) ||
				(v.Invariant == Replicates || v.Invariant == Contact || v.Invariant == LivingIsUp) && h.acted(-1, 0, v.At, model.Stranger) ||
				v.Invariant == NotForgot && h.acted(-1, 0, v.At+settle, model.Stranger)
		}},
		{"Q6", func(h *history, v Violation) bool { // self-contact
			others := []Invariant{Survives, OnTime, StaysUsable}
			return !slices.Contains(others, v.Invariant) && h.trait(-1, "the remote machine is the local one")
		}},
		{"Q7", func(h *history, v Violation) bool { // never heard, never DOWN
			never := func(side int) bool { return h.count(side, model.Up, h.began(side, v.At), v.At) == 0 }
			return !h.announced(v.At) && (v.Invariant == Contact && (never(0) || never(1)) || v.Invariant == DeadIsDown && never(v.Side) ||
				v.Invariant == NotForgot && (!h.metBefore(v.Side, v.At) || h.count(1-v.Side, model.Up, h.began(1-v.Side, v.At), v.At) == 0))
		}},
		{"Q8", func(h *history, v Violation) bool { // intervals below a second
			switch v.Invariant {
			case Survives:
				return h.timing[v.Side].SnapshotInterval < time.Second
			case OnTime:
				return h.timing[v.Side].Interval < time.Second
			case Once, Planned:
				return false
			}
			for side := range 2 { // a process that dies at every first tick after contact
				if h.timing[side].SnapshotInterval < time.Second && h.count(side, model.Ended, 0, h.until) > 0 {
					return true
				}
			}
			return false
		}},
		{"Q9", func(h *history, v Violation) bool { // the period is not S
			period, err := h.timing[v.Side].SnapshotPeriod()
			return v.Invariant == OnTime && err == nil && h.timing[v.Side].Interval >= time.Second && period != h.timing[v.Side].SnapshotInterval
		}},
		{"Q10", func(h *history, v Violation) bool { // one hung exchange is enough
			return v.Invariant == LivingIsUp && h.cutFor(v.At, v.Side) > 0 && h.cutFor(v.At, v.Side) <= h.timing[v.Side].SafeGap()-h.timing[v.Side].Interval
		}},
		{"Q12", func(h *history, v Violation) bool { // DOWN after a planned shutdown
			if v.Invariant == LivingIsUp {
				return h.announcedBy(1-v.Side, v.At)
			}
			return v.Invariant == Planned && h.count(v.Side, model.TakenOver, v.At, h.until) == 0
		}},
		{"Q13", func(h *history, v Violation) bool { // a snapshot behind the announcement
			announced, ok := h.last(1-v.Side, model.Announced, v.At+1)
			if !ok || v.Invariant != Planned && v.Invariant != Empty {
				return false
			}
			return h.count(v.Side, model.Stored, announced.At, h.until) > 0 && !h.trait(-1, "the remote machine is the local one") &&
				h.timing[v.Side].Misses > 0
		}},
		{"Q14", func(h *history, v Violation) bool { // the announcement never arrived
			announced, ok := h.last(1-v.Side, model.Announced, v.At+1)
			if !ok || v.Invariant != Planned && v.Invariant != Empty {
				return false
			}
			lost := h.acted(-1, announced.At-time.Minute, announced.At+4*time.Minute, cuts...) || h.acted(1-v.Side, announced.At, announced.At+time.Minute, model.Crash, model.PowerOff) ||
				!h.lived(v.Side, announced.At, announced.At+time.Minute)
			until := h.until
			if down, ok := h.first(v.Side, model.Down, announced.At, h.until); ok {
				until = down.At // what a takeover removes is no answer to the announcement
			}
			return lost && h.count(v.Side, model.Removed, announced.At, until) == 0
		}},
		{"Q15", func(h *history, v Violation) bool { // only names in memory are deleted
			announced, ok := h.last(1-v.Side, model.Announced, h.until)
			return ok && v.Invariant == Empty && (h.acted(v.Side, 0, announced.At, model.Restart) || h.began(v.Side, announced.At) > warmUp)
		}},
		{"Q16", func(h *history, v Violation) bool { // deaf and mute until it is cancelled
			return v.Invariant == StaysUsable || v.Invariant == Contact && h.announced(v.At) || v.Invariant == Replicates && h.announced(v.At) ||
				v.Invariant == DeadIsDown && h.announcedBy(v.Side, v.At) || v.Invariant == NotForgot && h.announced(v.At) || v.Invariant == Empty && h.count(v.Side, model.Announced, 0, v.At) > 0 ||
				v.Invariant == DeadIsDown && h.count(1-v.Side, model.Announced, 0, v.At) > 0 || v.Invariant == LivingIsUp && h.announcedBy(v.Side, v.At)
		}},
		{"Q17", func(h *history, v Violation) bool { // a restart faster than detection
			ended, ok := h.last(v.Side, model.Ended, v.At)
			until := min(v.At+settle, ended.At+h.certain(1-v.Side))
			if announced, also := h.first(v.Side, model.Announced, ended.At, until); also {
				until = announced.At // what comes of it is no detection of the death before
			}
			return ok && v.Invariant == NotForgot && h.count(1-v.Side, model.Down, ended.At, until) == 0 &&
				h.count(1-v.Side, model.Ended, ended.At, v.At) == 0
		}},
		{"Q18", func(h *history, v Violation) bool { // what came before the first tick is purged, or returned and deleted
			began := h.began(v.Side, v.At)
			purged, ok := h.first(v.Side, model.Purged, began, v.At+1)
			first := ok && purged.Count > 0 && !h.restarted(v.Side, v.At, model.PreparerOperator)
			return first && (v.Invariant == Kept || v.Invariant == Complete)
		}},
		{"Q19", func(h *history, v Violation) bool { // the preparer alone restarted
			if !h.restarted(v.Side, v.At, model.PreparerOperator) && !h.restarted(1-v.Side, v.At, model.PreparerOperator) {
				return false
			}
			return v.Invariant == Kept || v.Invariant == Replicates || v.Invariant == Complete || v.Invariant == NotForgot || v.Invariant == Contact || v.Invariant == OnTime
		}},
		{"Q20", func(h *history, v Violation) bool { // the heartbeat watchdog alone restarted
			return (v.Invariant == DeadIsDown || v.Invariant == Contact || v.Invariant == NotForgot) &&
				(h.restarted(v.Side, v.At, model.WatchdogOperator) || h.restarted(1-v.Side, v.At, model.WatchdogOperator))
		}},
		{"Q21", func(h *history, v Violation) bool { // the remote watchdog alone restarted
			return (v.Invariant == Complete && h.restarted(v.Side, v.At, model.RemoteWatchdogOperator)) ||
				v.Invariant == NotForgot && h.restarted(1-v.Side, v.At+settle, model.RemoteWatchdogOperator)
		}},
		{"Q22", func(h *history, v Violation) bool { // both died: default flags throw the replicas away
			if v.Invariant != NotForgot {
				return false
			}
			ended, _ := h.last(v.Side, model.Ended, v.At)
			peer, ok := h.first(1-v.Side, model.Ended, ended.At-settle, v.At+settle)
			return ok && peer.At <= v.At+settle && !h.setup.Centers[1-v.Side].Config.SendSnapshotsToOriginDC
		}},
		{"Q23", func(h *history, v Violation) bool { // returned to a side that did not restart
			return (v.Invariant == NoRollback || v.Invariant == Kept) && h.trait(-1, "sendDataSnapshotsToOriginDCAtStartup=true")
		}},
		{"Q25", func(h *history, v Violation) bool { // a failed write destroys the replica that was there
			return (v.Invariant == Complete && h.count(v.Side, model.NotStored, 0, v.At) > 0) ||
				v.Invariant == NotForgot && h.count(1-v.Side, model.NotStored, 0, v.At+settle) > 0
		}},
		{"Q26", func(h *history, v Violation) bool { // a full disk is reported as success
			return (v.Invariant == Complete && h.acted(v.Side, h.began(v.Side, v.At), v.At, model.FullDisk)) ||
				v.Invariant == NotForgot && h.acted(1-v.Side, 0, v.At+settle, model.FullDisk)
		}},
		{"Q27", func(h *history, v Violation) bool { // a corrupt replica kills the process
			corrupt := h.acted(-1, 0, v.At+time.Minute, model.Corrupt)
			return corrupt && (v.Invariant == Survives || v.Invariant == Complete || v.Invariant == NotForgot)
		}},
		{"Q31", func(h *history, v Violation) bool { // DOWN, UP, DOWN
			return v.Invariant == Once && h.count(v.Side, model.Down, h.began(v.Side, v.At), v.At+1) > 1
		}},
		{"Q32", func(h *history, v Violation) bool { // a passive side restores nothing by itself
			return v.Invariant == Complete && h.setup.Centers[v.Side].Config.OperationMode == 0 ||
				v.Invariant == NotForgot && h.setup.Centers[1-v.Side].Config.OperationMode == 0
		}},
		{"Q34", func(h *history, v Violation) bool { // a database that was away
			database := h.setup.Centers[v.Side].Config.JDBCURL != "" && h.acted(-1, 0, v.At+settle, model.NoStorage)
			return database && slices.Contains([]Invariant{Complete, Empty, Planned, Replicates, NotForgot, Once}, v.Invariant)
		}},
		{"Q44", func(h *history, v Violation) bool { // 255 never detects, 0 always
			switch h.timing[v.Side].Misses {
			case 255:
				if v.Invariant == DeadIsDown {
					return true
				}
			case 0:
				return slices.Contains([]Invariant{LivingIsUp, Once, Contact, Planned, NotForgot}, v.Invariant)
			}
			if h.timing[1-v.Side].Misses == 255 {
				return v.Invariant == NotForgot
			}
			return h.timing[1-v.Side].Misses == 0 && slices.Contains([]Invariant{Contact, LivingIsUp, Once, Planned, Replicates, NotForgot}, v.Invariant)
		}},
		{"Q45", func(h *history, v Violation) bool { // a clock that steps moves the tick
			return (v.Invariant == LivingIsUp || v.Invariant == Contact) && h.acted(-1, v.At-settle-warmUp, v.At, model.Step) ||
				v.Invariant == Punctual && h.acted(v.Side, v.At-settle-warmUp, v.At, model.Step)
		}},
	}
}

// announced says whether a side that lives at an instant announced its shutdown in this life.
func (h *history) announced(at time.Duration) bool {
	return h.announcedBy(0, at) || h.announcedBy(1, at)
}

func (h *history) announcedBy(side int, at time.Duration) bool {
	return h.count(side, model.Announced, h.began(side, at), at) > 0
}

// metBefore says whether a side that came back at an instant had contact in its life before.
func (h *history) metBefore(side int, at time.Duration) bool {
	ended, ok := h.last(side, model.Ended, at)
	return ok && h.count(side, model.Up, h.began(side, ended.At-1), ended.At) > 0
}

// restarted says whether an operator of a side was restarted alone before an instant.
func (h *history) restarted(side int, at time.Duration, operator model.Operator) bool {
	return slices.ContainsFunc(h.c.Schedule, func(a model.Action) bool {
		return a.What == model.Restart && a.Target == side && a.Operator == operator && a.At <= at
	})
}

// cutFor is how long the way to a side's heartbeat port was cut around an instant; the parts of cuts that touch each other count
// together.
func (h *history) cutFor(at time.Duration, side int) time.Duration {
	reach := h.certain(side)
	var from, to time.Duration
	found := false
	for _, a := range h.c.Schedule {
		concerns := a.What == model.Drop || a.Target == 1-side
		if !slices.Contains(cuts, a.What) || !concerns || a.Ports == model.SnapshotPorts || a.At > at || a.At+a.For < at-reach {
			continue
		}
		if !found {
			from, to, found = a.At, a.At+a.For, true
			continue
		}
		from, to = min(from, a.At), max(to, a.At+a.For)
	}
	return to - from
}
