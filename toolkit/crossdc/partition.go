package crossdc

import "time"

// PartitionOutcome is what a partition does to two sides of equal timing (toolkit contract 6.4).
type PartitionOutcome struct {
	Down    Likelihood // that at least one side declares the other DOWN
	Silence Likelihood // that afterwards nobody ever sends again: mutual silence (Q1)
}

// Partition is the outcome of a link loss of length l in both directions that refuses or rejects at once, so that the
// senders' queues are empty. Both sides have this timing.
func (t Timing) Partition(order TickOrder, l time.Duration) PartitionOutcome {
	n := float64(t.Misses)
	if t.NeverDetects() {
		return PartitionOutcome{}
	}
	from := t.silenceFrom(order)
	return PartitionOutcome{
		Down:    between(l, t.times(n-1), t.times(n)),
		Silence: between(l, t.times(from), t.times(from+1)),
	}
}

// silenceFrom is the length, in intervals, above which mutual silence is possible; one interval later it is certain.
// Where the watchdog sees a tick first its DOWN mutes the preparer in the same tick, so there is one heartbeat less to heal by.
func (t Timing) silenceFrom(order TickOrder) float64 {
	if order == WatchdogFirst {
		return float64(t.Misses) - 1
	}
	return float64(t.Misses)
}

// SilenceProbability is the probability, over random phases, that a link loss of length l in both directions ends in
// mutual silence: 1-(1-x)^2, where x is by how many intervals l exceeds the length from which it is possible. It holds for
// delivery delays far below I; a delay lowers it a little (0.75 without one at 4.5 I, N = 4, where the contract's
// simulation has 0.74).
func (t Timing) SilenceProbability(order TickOrder, l time.Duration) float64 {
	if t.NeverDetects() || t.Interval <= 0 {
		return 0
	}
	x := min(max(float64(l)/float64(t.Interval)-t.silenceFrom(order), 0), 1)
	return 1 - (1-x)*(1-x)
}

// OneWayPartition is the outcome of a block of length l in one direction at the level of the application: A cannot POST
// to B, B can POST to A. B declares A DOWN and stops; then A starves. A one-way drop of packets is a full partition,
// because it kills handshakes in both directions.
func (t Timing) OneWayPartition(order TickOrder, l time.Duration) PartitionOutcome {
	n := float64(t.Misses)
	if t.NeverDetects() {
		return PartitionOutcome{}
	}
	o := PartitionOutcome{Down: between(l, t.times(n-1), t.times(n))}
	if order == WatchdogFirst {
		o.Silence = between(l, t.times(2*n-2), t.times(2*n-1))
	} else {
		o.Silence = between(l, t.times(2*n), t.times(2*n+1))
	}
	return o
}

// between is impossible up to from, certain from to on.
func between(l, from, to time.Duration) Likelihood {
	switch {
	case l <= from:
		return Impossible
	case l < to:
		return Possible
	}
	return Certain
}

// HealWindow is W_heal: how long after the cut a link that swallows packets may come back and still be healed by a
// heartbeat that waits in the sender's queue: [R if I < 5 s else C] + (n-1)*C*M where C*M > I, else the last of n
// heartbeats' start + C (toolkit contract 6.4; an upper estimate of what its
// simulation shows). n is N, or N+1 where the preparer sees the DOWN tick first.
func (t Timing) HealWindow(order TickOrder) time.Duration {
	n := float64(t.Misses)
	if order == PreparerFirst {
		n++
	}
	perMessage := t.ConnectTimeout.Seconds() * float64(t.Machines)
	if perMessage <= t.Interval.Seconds() {
		return add(t.times(n), t.ConnectTimeout)
	}
	first := t.ConnectTimeout
	if t.ReusesConnection() {
		first = t.ReadTimeout
	}
	return add(first, seconds((n-1)*perMessage))
}
