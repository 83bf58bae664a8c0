package decision

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/gate/evidence"
	"github.com/crossdc/failover/reports/gate/policy"
)

func TestCliffIsTheShareOfPairs(t *testing.T) {
	for _, c := range []struct {
		before, now []float64
		want        float64
	}{
		{[]float64{3, 1, 2}, []float64{4, 5, 6}, 1},
		{[]float64{3, 1, 2}, []float64{0, 0.5}, -1},
		{[]float64{1, 2}, []float64{1, 2}, 0},
		{[]float64{1, 2, 3, 4}, []float64{2.5, 4}, 0.375}, // of 8 pairs 2 and 3 are greater, 2 smaller, 1 equal
		{[]float64{5}, []float64{5}, 0},
	} {
		if got := cliff(c.before, c.now); got != c.want {
			t.Errorf("%v against %v: %v, want %v", c.now, c.before, got, c.want)
		}
	}
}

func TestASaidReasonIsNotSaidAgain(t *testing.T) {
	var r reasons
	for range 5 {
		r.add("late", "S03", "detection of 200 s")
	}
	if list := r.list(nil); r.total != 1 || len(list) != 1 {
		t.Errorf("%d reasons: %+v", r.total, list)
	}
	r.add("late", "S04", "detection of 200 s") // another scenario's
	if r.total != 2 {
		t.Errorf("%d reasons", r.total)
	}
}

func TestEveryResultIsCountedAsWhatItIs(t *testing.T) {
	d := drill{id: "S03", cases: []evidence.Case{
		{Result: "passed"}, {Result: "failure"}, {Result: "failure"}, {Result: "error"}, {Result: "error"}, {Result: "error"},
		{Result: "skipped"}, {Result: "skipped"}, {Result: "skipped"}, {Result: "skipped"},
	}}
	if s := d.summary(true, true); s.Passed != 1 || s.Failed != 2 || s.Errors != 3 || s.Skipped != 4 || s.Verdict != "no-go" || !s.Required {
		t.Errorf("%+v", s)
	}
	if s := d.summary(false, false); s.Verdict != "go" || s.Required {
		t.Errorf("%+v", s)
	}
}

func TestManyProblemsWithHistoriesLeaveRoomForOtherNotes(t *testing.T) {
	demands, err := policy.Parse("policy.yaml", []byte("version: 1\nrequired: [S03]\n"))
	if err != nil {
		t.Fatal(err)
	}
	in := Input{Now: time.Now(), Policy: demands}
	for range 10 * maxNotes {
		in.Problems = append(in.Problems, "line 1: not JSON")
	}
	d := Decide(in)
	if left := fmt.Sprintf("%d more problems", len(in.Problems)-maxNotes/2); !slices.ContainsFunc(d.Notes, func(note string) bool { return strings.Contains(note, left) }) {
		t.Errorf("want %q in %q", left, d.Notes)
	}
	if len(d.Notes) > maxNotes/2+1+1 {
		t.Errorf("%d notes of at most %d", len(d.Notes), maxNotes)
	}
}
