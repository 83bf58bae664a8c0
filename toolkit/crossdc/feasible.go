package crossdc

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// Infeasible is an objective that the configuration cannot keep, however well everything goes.
type Infeasible struct {
	Objective string        // "RTO" or "RPO"
	Wanted    time.Duration // the objective
	Bound     time.Duration // what the configuration may take
	Reason    string        // where the bound comes from, and what would meet the objective
}

func (e *Infeasible) Error() string {
	return fmt.Sprintf("an %s of %s cannot be kept: %s", e.Objective, inSeconds(e.Wanted), e.Reason)
}

// Feasible checks objectives against the timing before anything is broken. It returns nil, or an error that joins one
// *Infeasible per objective (or ErrDivisionByZero for the RPO) and says which values of I, N or S would meet it. An
// objective of 0 is not checked. Delivery, takeover and replication times come on top and are taken as 0.
func (t Timing) Feasible(rto, rpo time.Duration) error {
	return errors.Join(t.feasibleRTO(rto), t.feasibleRPO(rpo))
}

func (t Timing) feasibleRTO(rto time.Duration) error {
	if rto <= 0 {
		return nil
	}
	if t.NeverDetects() {
		return &Infeasible{Objective: "RTO", Wanted: rto, Bound: math.MaxInt64,
			Reason: "with N = 255 the miss counter wraps and DOWN is never declared; set consecutiveHeartbeatMissesAllowed to at most 254"}
	}
	bound := t.CertainGap()
	if bound <= rto {
		return nil
	}
	reason := fmt.Sprintf("detection alone takes up to (N+1)*I = %s (I = %s, N = %d); it needs (N+1)*I <= %s, that is I <= %s with N = %d",
		inSeconds(bound), inSeconds(t.Interval), t.Misses, inSeconds(rto), inSeconds(rto/time.Duration(int(t.Misses)+1)), t.Misses)
	switch n := int64(rto/t.Interval) - 1; {
	case n >= 1:
		reason += fmt.Sprintf(", or N <= %d with I = %s", n, inSeconds(t.Interval))
	default:
		reason += fmt.Sprintf("; with I = %s no N >= 1 meets it", inSeconds(t.Interval))
	}
	return &Infeasible{Objective: "RTO", Wanted: rto, Bound: bound, Reason: reason}
}

func (t Timing) feasibleRPO(rpo time.Duration) error {
	if rpo <= 0 {
		return nil
	}
	period, err := t.SnapshotPeriod()
	if err != nil {
		return fmt.Errorf("an RPO of %s cannot be kept: %w; set it to at least 1", inSeconds(rpo), err)
	}
	if period <= rpo {
		return nil
	}
	reason := fmt.Sprintf("snapshots are taken every P_s = %s (I = %s, S = %s), and a crash loses up to that much; ",
		inSeconds(period), inSeconds(t.Interval), inSeconds(t.SnapshotInterval))
	if s, ok := t.longestSnapshotInterval(rpo); ok {
		shorter := t
		shorter.SnapshotInterval = s
		p, _ := shorter.SnapshotPeriod() // s is at least 1 s
		reason += fmt.Sprintf("with I = %s an S of %s gives P_s = %s", inSeconds(t.Interval), inSeconds(s), inSeconds(p))
	} else {
		reason += fmt.Sprintf("no S meets it with I = %s: it needs I <= %s", inSeconds(t.Interval), inSeconds(rpo))
	}
	return &Infeasible{Objective: "RPO", Wanted: rpo, Bound: period, Reason: reason}
}

// longestSnapshotInterval is the longest S, a multiple of trunc(I), whose period is at most rpo.
func (t Timing) longestSnapshotInterval(rpo time.Duration) (time.Duration, bool) {
	if t.Interval <= 0 || rpo < t.Interval {
		return 0, false
	}
	hb := truncate(t.Interval.Seconds())
	if hb == 0 {
		return time.Second, true
	}
	k := uint64(rpo/t.Interval) + 1 // (k-1)*I <= rpo
	return seconds(float64(k * hb)), true
}

// inSeconds writes a duration as configurations do: "150 s", "0.2 s".
func inSeconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + " s"
}
