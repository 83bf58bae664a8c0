package mix_test

import (
	"slices"
	"testing"
	"time"

	"github.com/crossdc/failover/support/scenario/mix"
)

func TestTheSeedRepeatsTheSchedule(t *testing.T) {
	const pause = 15 * time.Minute
	one := mix.Schedule(7, 10*time.Hour, pause, mix.Kinds())
	if again := mix.Schedule(7, 10*time.Hour, pause, mix.Kinds()); !slices.Equal(one, again) {
		t.Errorf("the same seed gave\n%v and\n%v", one, again)
	}
	if other := mix.Schedule(8, 10*time.Hour, pause, mix.Kinds()); slices.Equal(one, other) {
		t.Error("another seed gave the same schedule")
	}
	if short := mix.Schedule(7, time.Hour, pause, mix.Kinds()); len(short) == 0 || !slices.Equal(short, one[:len(short)]) {
		t.Errorf("a shorter schedule is no beginning of the longer one: %v", short)
	}
}

func TestEveryKindComesBeforeOneComesAgain(t *testing.T) {
	const pause = 15 * time.Minute
	kinds := mix.Kinds()
	for seed := range int64(50) {
		schedule := mix.Schedule(seed, 24*time.Hour, pause, kinds)
		if n := len(schedule); n < 48 || n > 96 {
			t.Fatalf("seed %d: %d troubles in a day", seed, n)
		}
		seen, targets := map[mix.Kind]int{}, map[int]int{}
		for i, a := range schedule {
			if i < len(kinds) {
				seen[a.Kind]++
			}
			targets[a.Target]++
			if a.Part < 0 || a.Part >= 1 {
				t.Fatalf("seed %d: %v", seed, a)
			}
			if i == 0 {
				continue
			}
			if apart := a.At - schedule[i-1].At; apart < pause || apart > 2*pause {
				t.Fatalf("seed %d: %v comes %v after the one before", seed, a, apart)
			}
		}
		if len(seen) != len(kinds) || len(targets) != 2 {
			t.Fatalf("seed %d: kinds %v, targets %v", seed, seen, targets)
		}
	}
}

func TestNothingIsDrawnOfNothing(t *testing.T) {
	if got := mix.Schedule(1, time.Hour, time.Minute, nil); got != nil {
		t.Errorf("no kinds: %v", got)
	}
	if got := mix.Schedule(1, time.Hour, 0, mix.Kinds()); got != nil {
		t.Errorf("no pause: %v", got)
	}
	if got := mix.Schedule(1, time.Minute, time.Hour, mix.Kinds()); got != nil {
		t.Errorf("too short: %v", got)
	}
}
