package crossdc

import (
	"errors"
	"time"
)

// ErrDivisionByZero says that S is below 1 s, so that the toolkit's processing element dies at its first tick after
// UP (toolkit contract 2.3 C6, Q8).
var ErrDivisionByZero = errors.New("dataSnapshotExchangeInterval is below 1 s: the toolkit divides by zero at the first tick after UP")

// snapshotTicks is k = ds/gcd(hb, ds): without snapshots in between, every k-th count is one of a snapshot. 1 if every
// count is.
func (t Timing) snapshotTicks() (uint64, error) {
	hb, ds := truncate(t.Interval.Seconds()), truncate(t.SnapshotInterval.Seconds())
	if ds == 0 {
		return 0, ErrDivisionByZero
	}
	return ds / gcd(hb, ds), nil // gcd(0, ds) = ds: I < 1 s gives k = 1
}

// SnapshotPeriod is P_s, the time between two snapshot rounds of an active side that is UP: max(1, k-1)*I, and not S,
// because every round consumes a count of its own (toolkit contract 6.6, Q9).
func (t Timing) SnapshotPeriod() (time.Duration, error) {
	k, err := t.snapshotTicks()
	if err != nil {
		return 0, err
	}
	return t.times(max(1, float64(k)-1)), nil
}

// FirstSnapshot is when the first snapshot round starts, counted from the start of the toolkit: at its k-th tick,
// D0 + (k-1)*I, if it is UP by then (toolkit contract 6.6).
func (t Timing) FirstSnapshot() (time.Duration, error) {
	k, err := t.snapshotTicks()
	if err != nil {
		return 0, err
	}
	return add(t.InitDelay, t.times(float64(k)-1)), nil
}

// RPO is how much time's worth of state a crash loses: [Ls, (1+missed)*P_s + Ls], where Ls is the time to serialize,
// queue, transfer and persist one fragment and missed the number of consecutive snapshot rounds lost. Before the first
// persisted snapshot everything since the start is lost (toolkit contract 6.6).
func (t Timing) RPO(ls time.Duration, missed int) (Interval, error) {
	period, err := t.SnapshotPeriod()
	if err != nil {
		return Interval{}, err
	}
	return Interval{Min: ls, Max: add(seconds(float64(1+missed)*period.Seconds()), ls)}, nil
}

// MeanRPO is P_s/2 + Ls, with no round lost.
func (t Timing) MeanRPO(ls time.Duration) (time.Duration, error) {
	period, err := t.SnapshotPeriod()
	return add(period/2, ls), err
}

// AgeAtTakeover is how old the state is when the survivor gets it: the state loss plus the detection time with delivery
// delay d (toolkit contract 6.6).
func (t Timing) AgeAtTakeover(ls, d time.Duration, missed int) (Interval, error) {
	loss, err := t.RPO(ls, missed)
	detection := t.DetectionBounds(d)
	return Interval{Min: add(loss.Min, detection.Min), Max: add(loss.Max, detection.Max)}, err
}

// RecoveryTime is the RTO of an active/active pair: detection with delivery delay d, then the takeover of all
// fragments, which takes at most takeover (toolkit contract 6.7).
func (t Timing) RecoveryTime(d, takeover time.Duration) Interval {
	b := t.DetectionBounds(d)
	return Interval{Min: b.Min, Max: add(b.Max, takeover)}
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
