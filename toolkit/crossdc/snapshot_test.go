package crossdc

import (
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// enumerate steps a preparer that is UP from its first tick on and returns the ticks, from 1, with a snapshot round.
func enumerate(cfg Config, ticks int) []int {
	p := NewPreparer(Options{})
	p, _ = p.Step(&cfg, Event{Kind: StatusChanged, Up: true}, 0, nil)
	var rounds []int
	var out []Action
	for tick := 1; tick <= ticks; tick++ {
		p, out = p.Step(&cfg, Event{Kind: Tick}, 0, out[:0])
		for i := range out {
			if out[i].Kind == SignalSnapshot {
				rounds = append(rounds, tick)
			}
		}
	}
	return rounds
}

// TestSnapshotPeriodEnumeration is the enumeration of 6.6, by stepping the state machine and by the closed form.
func TestSnapshotPeriodEnumeration(t *testing.T) {
	for _, x := range []struct{ i, s, period float64 }{
		{30, 180, 150}, {30, 60, 30}, {30, 30, 30}, {15, 60, 45}, {10, 60, 50}, {7, 60, 413}, {30, 45, 60}, {30, 100, 270},
		{1.5, 15, 21}, {2.9, 10, 11.6}, {1, 5, 4}, {1, 3, 2}, {0.2, 1, 0.2}, {0.2, 2, 0.2},
	} {
		cfg := Shipped()
		cfg.HeartbeatInterval, cfg.SnapshotInterval = x.i, x.s
		got, err := cfg.Timing().SnapshotPeriod()
		if err != nil || got != seconds(x.period) {
			t.Errorf("I = %v, S = %v: closed form %v, %v, want %v s", x.i, x.s, got, err, x.period)
		}
		rounds := enumerate(cfg, 500)
		if len(rounds) < 3 {
			t.Errorf("I = %v, S = %v: rounds at ticks %v", x.i, x.s, rounds)
			continue
		}
		for n := 1; n < len(rounds); n++ {
			if gap := float64(rounds[n]-rounds[n-1]) * x.i; math.Abs(gap-x.period) > 1e-9 {
				t.Errorf("I = %v, S = %v: round %d after %v s, want %v s", x.i, x.s, n+1, gap, x.period)
			}
		}
		first, err := cfg.Timing().FirstSnapshot()
		if want := seconds(40 + float64(rounds[0]-1)*x.i); err != nil || first != want {
			t.Errorf("I = %v, S = %v: first snapshot after %v, %v, by enumeration %v", x.i, x.s, first, err, want)
		}
	}
}

func TestSnapshotPeriodIsTheEnumerationForAllIntervals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := Shipped()
		cfg.HeartbeatInterval = rapid.Float64Range(0.05, 60).Draw(t, "I")
		cfg.SnapshotInterval = rapid.Float64Range(1, 200).Draw(t, "S")
		timing := cfg.Timing()
		period, err := timing.SnapshotPeriod()
		if err != nil {
			t.Fatal(err)
		}
		rounds := enumerate(cfg, 700)
		for n := 1; n < len(rounds); n++ {
			if gap := timing.times(float64(rounds[n] - rounds[n-1])); gap != period {
				t.Fatalf("round %d after %v, closed form %v", n+1, gap, period)
			}
		}
		if len(rounds) < 3 {
			t.Fatalf("rounds at ticks %v", rounds)
		}
	})
}

func TestSnapshotIntervalBelowOneSecond(t *testing.T) {
	timing := Timing{Interval: 30 * time.Second, Misses: 4, SnapshotInterval: 900 * time.Millisecond}
	_, period := timing.SnapshotPeriod()
	_, first := timing.FirstSnapshot()
	_, rpo := timing.RPO(0, 0)
	_, mean := timing.MeanRPO(0)
	_, age := timing.AgeAtTakeover(0, 0, 0)
	for _, err := range []error{period, first, rpo, mean, age, timing.Feasible(0, time.Minute)} {
		if !errors.Is(err, ErrDivisionByZero) {
			t.Errorf("%v, want ErrDivisionByZero", err)
		}
	}
}
