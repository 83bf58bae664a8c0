package application

import (
	"strings"
	"testing"
)

// Each claim has one row, says in words what it is, and every level carries all that the ones below it do.
func TestEveryClaimHasItsLowestLevel(t *testing.T) {
	for c := Tuples; c <= State; c++ {
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
		Indicated: {Tuples},
		Counted:   {Tuples, Service, Through, Loss},
		Numbered:  {Tuples, Service, Through, Loss, OwnEvents, Once, Served},
		Stated:    {Tuples, Service, Through, Loss, OwnEvents, Once, Served, State},
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

// Of one place that both data centers write to, only a result that says who processed its event shows through whom it went.
func TestResultsOfOnePlaceMustNameTheirDataCenter(t *testing.T) {
	for by, want := range map[string]bool{"": false, "  by: csv:2\n": true} {
		d, err := Parse("orders.yaml", []byte("name: orders\ncomposite: com.example::Orders\n"+
			"traffic:\n  adapter: tcp\n  with: {address: 'h:1'}\n  dc2: {address: 'h:2'}\n  event: '{{number}}'\n"+
			"results:\n  adapter: tcp\n  shared: true\n  with: {address: 'h:3'}\n"+by))
		if err != nil {
			t.Fatal(err)
		}
		if d.Carries(Through) != want || !d.Carries(Loss) {
			t.Errorf("by %q: carries %v", by, d.Carries(Through))
		}
		if said := strings.Contains(d.NotSaid(Through), "results do not say who processed"); said == want {
			t.Errorf("by %q: %s", by, d.NotSaid(Through))
		}
	}
}
