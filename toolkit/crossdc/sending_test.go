package crossdc

import (
	"fmt"
	"slices"
	"testing"
)

// TestWalk is the algorithm of toolkit contract 4.5: which machines a message is offered to, by which of them answer.
func TestWalk(t *testing.T) {
	for _, x := range []struct {
		machines int
		all      bool
		sticky   int // counted from 1; 0: none
		answers  string
		want     []int
		after    int
	}{
		{1, false, 0, "y", []int{0}, 1},
		{1, false, 0, "n", []int{0}, 0},
		{1, false, 1, "n", []int{0}, 0},             // one machine: no second look at the list
		{3, false, 0, "nny", []int{0, 1, 2}, 3},     // the first that answers
		{3, false, 3, "y", []int{2}, 3},             // and then it alone
		{3, false, 3, "nny", []int{2, 0, 1}, 2},     // it failed: the whole list again
		{3, false, 2, "nnnn", []int{1, 0, 1, 2}, 0}, // with the machine that has just failed, M+1 attempts
		{3, true, 0, "yny", []int{0, 1, 2}, 0},      // everybody, whoever answers
		{0, false, 0, "", nil, 0},
	} {
		r := Route{sticky: x.sticky}
		var w Walk
		var tried []int
		for n := 0; ; n++ {
			machine, ok := w.Next(r, x.machines, x.all)
			if !ok {
				break
			}
			tried = append(tried, machine)
			if n >= len(x.answers) {
				t.Fatalf("%+v: tried %v and goes on", x, tried)
			}
			if w.Answered(&r, machine, x.machines, x.all, x.answers[n] == 'y') {
				break
			}
		}
		if !slices.Equal(tried, x.want) || r.sticky != x.after {
			t.Errorf("%s: tried %v, sticky %d; want %v, %d", fmt.Sprintf("%+v", x), tried, r.sticky, x.want, x.after)
		}
	}
	if !Resends(0) || Resends(1) {
		t.Error("the JDK resends once")
	}
}
