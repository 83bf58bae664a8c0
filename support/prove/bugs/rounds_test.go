package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// What a busy machine kept from a verdict is run again with fewer beside it, until it is alone; what is final is not.
func TestEachRoundHasFewerAtOnce(t *testing.T) {
	const attempts = 4
	todo := []proof{{bug: "a"}, {bug: "b"}, {bug: "c"}, {bug: "caught"}}
	var mu sync.Mutex
	tries := map[string][]int{}
	var now atomic.Int64
	var shown []string
	results := rounds(context.Background(), todo, 2, attempts, func(_ context.Context, p proof, attempt int) result {
		n := now.Add(1)
		defer now.Add(-1)
		if n > int64(max(1, 3-attempt)) {
			t.Errorf("%d at once in round %d", n, attempt)
		}
		mu.Lock()
		defer mu.Unlock()
		tries[p.bug] = append(tries[p.bug], attempt)
		r := result{Switch: p.bug, Attempts: attempt}
		if p.bug == "caught" || p.bug == "b" && attempt == 2 {
			r.CaughtBy = "a step"
		}
		return r
	}, func(r result) { shown = append(shown, r.Switch) })
	if got := tries["caught"]; !slices.Equal(got, []int{1}) {
		t.Errorf("what was caught at once is run in rounds %v", got)
	}
	if got := tries["b"]; !slices.Equal(got, []int{1, 2}) || results[1].Attempts != 2 {
		t.Errorf("what was caught in the second round is run in rounds %v: %+v", got, results[1])
	}
	if len(tries["a"]) != attempts || results[0].Attempts != attempts || results[2].CaughtBy != "" {
		t.Errorf("what nothing catches is tried %v: %+v", tries["a"], results)
	}
	slices.Sort(shown)
	if !slices.Equal(shown, []string{"a", "b", "c", "caught"}) {
		t.Errorf("shown: %v", shown)
	}
}
