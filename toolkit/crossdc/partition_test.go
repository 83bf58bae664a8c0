package crossdc

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// outcome counts what partitions of one length did.
type outcome struct{ down, silent, trials int }

func (o outcome) likelihoods() PartitionOutcome {
	of := func(n int) Likelihood {
		switch n {
		case 0:
			return Impossible
		case o.trials:
			return Certain
		}
		return Possible
	}
	return PartitionOutcome{Down: of(o.down), Silence: of(o.silent)}
}

// partitions cuts two connected data centers apart for length, at random phases, and looks whether anybody still sends
// 2N+4 intervals after the link came back.
func partitions(cfg Config, order TickOrder, length time.Duration, oneWay bool, trials int) outcome {
	interval := cfg.Timing().Interval
	r := rand.New(rand.NewPCG(5, uint64(length)))
	var cut time.Duration
	w := world{cfg: cfg, refused: func(from int, at time.Duration) bool {
		return at >= cut && at < cut+length && (!oneWay || from == 0)
	}}
	o := outcome{trials: trials}
	for range trials {
		w.reset(order, phases(r, interval))
		cut = interval + draw(r, interval)
		end := cut + length + time.Duration(2*int(cfg.MissesAllowed)+4)*interval
		w.run(end)
		if w.down[0] >= 0 || w.down[1] >= 0 {
			o.down++
		}
		if w.last < end-2*interval {
			o.silent++
		}
	}
	return o
}

// TestPartitionTable is the table of 6.4 for 30/4: the outcome in virtual time must be that of the closed form, between the
// limits and just beside them.
func TestPartitionTable(t *testing.T) {
	const trials = 1500
	cfg := Shipped()
	timing := cfg.Timing()
	at := func(n float64) time.Duration { return timing.times(n) }
	for _, order := range []TickOrder{PreparerFirst, WatchdogFirst} {
		for _, x := range []struct {
			intervals     float64 // length in units of I
			down          Likelihood
			preparerFirst Likelihood // of silence
			watchdogFirst Likelihood
		}{
			{1, Impossible, Impossible, Impossible},
			{3, Impossible, Impossible, Impossible}, // (N-1)I
			{3.5, Possible, Impossible, Possible},
			{3.95, Possible, Impossible, Possible},
			{4, Certain, Impossible, Certain}, // N*I
			{4.05, Certain, Possible, Certain},
			{4.5, Certain, Possible, Certain},
			{4.95, Certain, Possible, Certain},
			{5, Certain, Certain, Certain}, // (N+1)I
			{7.5, Certain, Certain, Certain},
			{20, Certain, Certain, Certain},
		} {
			want := PartitionOutcome{Down: x.down, Silence: x.preparerFirst}
			if order == WatchdogFirst {
				want.Silence = x.watchdogFirst
			}
			seen := partitions(cfg, order, at(x.intervals), false, trials)
			if got := timing.Partition(order, at(x.intervals)); got != want {
				t.Errorf("%v, %.2f I: closed form %v, want %v", order, x.intervals, got, want)
			}
			if got := seen.likelihoods(); got != want {
				t.Errorf("%v, %.2f I: virtual time gave %v (%+v), want %v", order, x.intervals, got, seen, want)
			}
		}
	}
}

func TestOneWayPartitionTable(t *testing.T) {
	const trials = 1500
	cfg := Shipped()
	timing := cfg.Timing()
	for _, x := range []struct {
		order     TickOrder
		intervals float64
		silence   Likelihood
	}{
		{PreparerFirst, 5, Impossible},
		{PreparerFirst, 8, Impossible}, // 2N
		{PreparerFirst, 8.5, Possible},
		{PreparerFirst, 9, Certain}, // 2N+1
		{PreparerFirst, 12, Certain},
		{WatchdogFirst, 5, Impossible},
		{WatchdogFirst, 6, Impossible}, // 2N-2
		{WatchdogFirst, 6.5, Possible},
		{WatchdogFirst, 7, Certain}, // 2N-1
		{WatchdogFirst, 12, Certain},
	} {
		length := timing.times(x.intervals)
		want := PartitionOutcome{Down: Certain, Silence: x.silence}
		if got := timing.OneWayPartition(x.order, length); got != want {
			t.Errorf("%v, %.2f I: closed form %v, want %v", x.order, x.intervals, got, want)
		}
		if seen := partitions(cfg, x.order, length, true, trials); seen.likelihoods() != want {
			t.Errorf("%v, %.2f I: virtual time gave %+v, want %v", x.order, x.intervals, seen, want)
		}
	}
}

// TestSilenceProbability includes the 0.74 of 6.4 (4.5 I, preparer first), which is 0.75 if heartbeats take no time.
func TestSilenceProbability(t *testing.T) {
	const trials = 20_000 // three standard errors are 0.01 at most
	cfg := Shipped()
	timing := cfg.Timing()
	for _, x := range []struct {
		order     TickOrder
		intervals float64
	}{{PreparerFirst, 4.5}, {PreparerFirst, 4.2}, {PreparerFirst, 4.9}, {WatchdogFirst, 3.3}, {WatchdogFirst, 3.5}} {
		length := timing.times(x.intervals)
		o := partitions(cfg, x.order, length, false, trials)
		got, want := float64(o.silent)/trials, timing.SilenceProbability(x.order, length)
		t.Logf("%v, %.1f I: P(mutual silence) = %.4f, closed form %.4f", x.order, x.intervals, got, want)
		if math.Abs(got-want) > 0.012 {
			t.Errorf("%v, %.1f I: P(mutual silence) = %.4f in virtual time, closed form %.4f", x.order, x.intervals, got, want)
		}
	}
	if p := timing.SilenceProbability(PreparerFirst, timing.times(4.5)); math.Abs(p-0.74) > 0.015 {
		t.Errorf("P(mutual silence at 4.5 I) = %.3f, the contract has 0.74", p)
	}
}

func TestPartitionsThatHealEndUPOnBothSides(t *testing.T) {
	cfg := Shipped()
	interval := cfg.Timing().Interval
	r := rand.New(rand.NewPCG(7, 8))
	for i := range 500 {
		var cut time.Duration
		w := world{cfg: cfg, refused: func(_ int, at time.Duration) bool { return at >= cut && at < cut+interval*15/4 }}
		w.reset(PreparerFirst, phases(r, interval))
		cut = interval + draw(r, interval)
		w.run(cut + 30*interval)
		if !w.sides[0].Watchdog.Active || !w.sides[1].Watchdog.Active {
			t.Fatalf("partition %d of 3.75 I did not heal by itself: %s", i, fmt.Sprint(w.down))
		}
	}
}
