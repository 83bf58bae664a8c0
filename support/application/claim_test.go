package application

import (
	"strings"
	"testing"
)

// Each claim has one row, says in words what it is, and every level carries all that the ones below it do.
func TestEveryClaimHasItsLowestLevel(t *testing.T) {
	for c := Service; c <= State; c++ {
		rows := 0
		for _, row := range Claims() {
			if row.Claim == c {
				rows++
			}
		}
		if rows != 1 {
			t.Errorf("claim %d has %d rows in the table, want 1", c, rows)
		}
		carried := false
		for l := Indicated; l <= Stated; l++ {
			if carried && !l.Carries(c) {
				t.Errorf("claim %d is carried below %v, and not by it", c, l)
			}
			carried = l.Carries(c)
		}
		if !carried {
			t.Errorf("claim %d is carried by no level", c)
		}
		if text := c.LeftOut(); !strings.Contains(text, "(") || strings.Contains(text, "()") {
			t.Errorf("claim %d: %q does not say why it is left out", c, text)
		}
	}
	if Claim(99).LeftOut() == Service.LeftOut() || Stated.Carries(Claim(99)) {
		t.Error("a claim that is in no row is carried")
	}
}

// What each level carries, as README says it.
func TestWhatEachLevelCarries(t *testing.T) {
	for level, want := range map[Level][]Claim{
		Indicated: nil,
		Counted:   {Service, Through, Loss},
		Numbered:  {Service, Through, Loss, OwnEvents, Once, Served},
		Stated:    {Service, Through, Loss, OwnEvents, Once, Served, State},
	} {
		var got []Claim
		for _, row := range Claims() {
			if level.Carries(row.Claim) {
				got = append(got, row.Claim)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%v carries %v, want %v", level, got, want)
		}
		for _, c := range want {
			if !level.Carries(c) {
				t.Errorf("%v does not carry claim %d", level, c)
			}
		}
	}
}
