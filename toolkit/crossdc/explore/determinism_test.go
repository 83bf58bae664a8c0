package explore

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc/model"
)

func TestTheSameCaseIsDrawnAndJudgedTheSameWay(t *testing.T) {
	for n := range uint64(50) {
		a, b := Draw(9, n), Draw(9, n)
		if a.String() != b.String() {
			t.Fatalf("case %d differs:\n%s\n%s", n, &a, &b)
		}
		first, err := Judge(&a)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Judge(&b)
		if err != nil || !reflect.DeepEqual(first, again) {
			t.Fatalf("case %d is judged differently: %v %v %v", n, first, again, err)
		}
	}
}

// A quirk whose recognizer is off is found again from nothing, in a case of few actions. suites/exploration looks for more of them.
func TestAQuirkIsFoundFromNothing(t *testing.T) {
	for _, quirk := range []string{"Q17", "Q31"} {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		found, err := Find(ctx, quirk, 1)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if n := len(found.Case.Schedule); n == 0 || n > 4 {
			t.Errorf("%s: %d actions\n%s", quirk, n, &found.Case)
		}
	}
}

func TestFindEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Find(ctx, "Q1", 1); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if _, err := Find(t.Context(), "Q99", 1); err == nil {
		t.Error("Q99 is recognized by nothing, and was looked for")
	}
}

// Shrinking keeps what is asked for, and nothing else.
func TestShrinkKeepsOnlyWhatIsNeeded(t *testing.T) {
	c := Draw(1, 3)
	c.Schedule = append(c.Schedule, model.Action{At: 20 * time.Minute, What: model.Crash, Target: 1, For: 77 * time.Second})
	small := Shrink(c, func(c *Case) bool {
		for _, a := range c.Schedule {
			if a.What == model.Crash && a.Target == 1 && a.For > 0 {
				return true
			}
		}
		return false
	})
	if len(small.Schedule) != 1 || len(small.Traits) != 0 || small.Phase != [2]time.Duration{} {
		t.Errorf("not the smallest:\n%s", &small)
	}
}
