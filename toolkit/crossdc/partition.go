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
	longest := t.times(n + 1) // silence is certain from here on
	possible := t.times(n)    // silence is possible above
	if order == WatchdogFirst {
		// The watchdog's DOWN mutes the preparer in the same tick, so there is one heartbeat less to heal by.
		longest, possible = t.times(n), t.times(n-1)
	}
	o := PartitionOutcome{Down: between(l, t.times(n-1), t.times(n))}
	o.Silence = between(l, possible, longest)
	return o
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
// heartbeats' start + C (toolkit contract 6.4, an approximation). n is N, or N+1 where the preparer sees the DOWN tick first.
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
