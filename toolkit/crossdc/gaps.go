package crossdc

import (
	"math"
	"time"
)

// SafeGap is N*I: the longest gap between two arrivals at the heartbeat port at which a false DOWN is impossible
// (toolkit contract 6.1).
func (t Timing) SafeGap() time.Duration { return t.times(float64(t.Misses)) }

// CertainGap is (N+1)*I: the shortest gap at which a false DOWN is certain.
func (t Timing) CertainGap() time.Duration { return t.times(float64(t.Misses) + 1) }

// FalseDown is the probability that a gap between two arrivals, at a random phase of the watchdog, ends in a DOWN: G/I - N,
// within [0, 1].
func (t Timing) FalseDown(gap time.Duration) float64 {
	switch {
	case t.NeverDetects():
		return 0
	case gap <= t.SafeGap():
		return 0
	case gap >= t.CertainGap():
		return 1
	}
	return min(max(float64(gap)/float64(t.Interval)-float64(t.Misses), 0), 1)
}

// ToleratedLosses is N-1, the number of consecutive heartbeats whose loss is harmless; N losses always mean DOWN.
func (t Timing) ToleratedLosses() int { return max(int(t.Misses)-1, 0) }

// ToleratedJitter is (N-1)*I, the peak-to-peak jitter of arrivals up to which nothing happens (toolkit contract 6.2).
func (t Timing) ToleratedJitter() time.Duration { return t.times(float64(t.Misses) - 1) }

// TicksBetweenFalseDowns is the mean number of heartbeat intervals between false DOWNs when each heartbeat is lost
// independently with probability p, after TCP has done its best: (1-p^N)/((1-p)*p^N). Infinite for p <= 0 (toolkit contract 6.2).
func (t Timing) TicksBetweenFalseDowns(p float64) float64 {
	if p <= 0 || t.NeverDetects() {
		return math.Inf(1)
	}
	if p >= 1 {
		return float64(t.Misses)
	}
	all := math.Pow(p, float64(t.Misses))
	return (1 - all) / ((1 - p) * all)
}

// TimeBetweenFalseDowns is TicksBetweenFalseDowns in toolkit time.
func (t Timing) TimeBetweenFalseDowns(p float64) time.Duration {
	return t.times(t.TicksBetweenFalseDowns(p))
}

// keepAlive is the idle lifetime of the sender's connections: below it heartbeats share one connection, from it on each
// opens a new one (toolkit contract 4.5).
const keepAlive = 5 * time.Second

// ReusesConnection says whether heartbeats share one TCP connection.
func (t Timing) ReusesConnection() bool { return t.Interval < keepAlive }

// ServiceTime is X, the time one heartbeat keeps the sender busy: rtt + server on a reused connection, twice the rtt on a
// new one; server is the peer's time until it answers 204 (toolkit contract 6.3).
func (t Timing) ServiceTime(rtt, server time.Duration) time.Duration {
	if t.ReusesConnection() {
		return add(rtt, server)
	}
	return add(rtt, rtt, server)
}

// senderQueue is the capacity of Sender1's queue (toolkit contract 3.2).
const senderQueue = 1000

// Backlog says what a sender that needs x for each heartbeat does to the queue in front of it.
type Backlog struct {
	Growth float64       // heartbeats per second of toolkit time; 0 if the queue is stable
	Full   time.Duration // until the queue's 1000 places are taken and the tick thread blocks too; 0 if never
	Tick   time.Duration // local tick period from then on: X. Detection slows down by Tick/I
}

// Backlog applies 6.3 to a service time x.
func (t Timing) Backlog(x time.Duration) Backlog {
	if x <= t.Interval {
		return Backlog{Tick: t.Interval}
	}
	growth := 1/t.Interval.Seconds() - 1/x.Seconds()
	return Backlog{Growth: growth, Full: seconds(senderQueue / growth), Tick: x}
}

// HungGap is the gap that one exchange hung for h leaves at the peer: h if the hung request itself was delivered,
// else I + h (toolkit contract 6.3).
func (t Timing) HungGap(h time.Duration, delivered bool) time.Duration {
	if delivered {
		return h
	}
	return add(t.Interval, h)
}

// HungVerdict is one cell of the table in 6.3.
type HungVerdict struct {
	Hang      time.Duration // how long the exchange hung
	Delivered bool          // whether the hung request reached the peer
	Gap       time.Duration // between two arrivals at the peer
	FalseDown float64       // probability of DOWN
}

// HungExchanges judges one hung exchange of each kind: C, R undelivered, R delivered, and C+R (toolkit contract 6.3, Q10).
func (t Timing) HungExchanges() []HungVerdict {
	verdict := func(h time.Duration, delivered bool) HungVerdict {
		gap := t.HungGap(h, delivered)
		return HungVerdict{Hang: h, Delivered: delivered, Gap: gap, FalseDown: t.FalseDown(gap)}
	}
	return []HungVerdict{
		verdict(t.ConnectTimeout, false),
		verdict(t.ReadTimeout, false),
		verdict(t.ReadTimeout, true),
		verdict(add(t.ConnectTimeout, t.ReadTimeout), false),
	}
}

// DeadMachines is the service time X that dead machines in the list, each swallowing packets, cost per heartbeat when
// sendToAllRemoteMachines is set: C each (toolkit contract 6.3).
func (t Timing) DeadMachines(dead int) time.Duration {
	return seconds(float64(dead) * t.ConnectTimeout.Seconds())
}

// RescanCost is the longest that one heartbeat takes when sendToAllRemoteMachines is not set and the sticky machine fails:
// (M+1)*(C+R).
func (t Timing) RescanCost() time.Duration {
	return seconds(float64(t.Machines+1) * (t.ConnectTimeout + t.ReadTimeout).Seconds())
}
