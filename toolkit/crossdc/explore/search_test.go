package explore

import (
	"context"
	"reflect"
	"testing"
	"time"
)

func TestBudgets(t *testing.T) {
	for text, want := range map[string]Budget{"30s": {Time: 30 * time.Second}, "10000": {Cases: 10000}, " 2m ": {Time: 2 * time.Minute}} {
		if got, err := ParseBudget(text); err != nil || got != want {
			t.Errorf("%q: %+v %v", text, got, err)
		}
	}
	for _, text := range []string{"", "0", "-5", "0s", "-1s", "soon", "99999999999999999999"} {
		if got, err := ParseBudget(text); err == nil {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
}

// A search that goes on where another ended finds what one search of both finds, with any number of cores.
func TestASearchGoesOn(t *testing.T) {
	whole, err := Search(t.Context(), 3, 0, 150)
	if err != nil {
		t.Fatal(err)
	}
	first, err := Search(t.Context(), 3, 0, 70)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Search(t.Context(), 3, first.Next, 80)
	if err != nil || second.Next != whole.Next {
		t.Fatalf("%+v %v", second, err)
	}
	for quirk, n := range second.Explained {
		first.Explained[quirk] += n
	}
	if !reflect.DeepEqual(first.Explained, whole.Explained) || len(whole.Explained) < 5 {
		t.Errorf("in two parts %v, at once %v", first.Explained, whole.Explained)
	}
	if len(whole.Unknown) > 0 {
		t.Errorf("unknown: %+v", whole.Unknown)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := Search(ctx, 3, 5, 0); err != nil || r.Next != 5 {
		t.Errorf("%+v %v", r, err)
	}
}

// Every bug is found by what it does, in a case of few actions that shows nothing without it.
func TestEveryBugIsFound(t *testing.T) {
	for _, bug := range Bugs() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		found, err := FindBug(ctx, bug, 1)
		cancel()
		if err != nil {
			t.Errorf("%s: %v", bug.Name, err)
			continue
		}
		t.Logf("%s: %d cases: %s\n%s", bug.Name, found.Cases, found.Finding, &found.Case)
		if len(found.Case.Schedule) > 4 {
			t.Errorf("%s: %d actions", bug.Name, len(found.Case.Schedule))
		}
	}
}

// Every point of the grid is explained, and the grid reaches the quirks that hang on lengths.
func TestTheGridShowsNothingUnknown(t *testing.T) {
	r, err := SearchGrid(t.Context())
	if err != nil || r.Next != uint64(len(Grid())) || r.Next < 900 {
		t.Fatalf("%d points: %v", r.Next, err)
	}
	for _, u := range r.Unknown {
		t.Errorf("point %d: %s\n%s", u.Cases, u.Finding, &u.Case)
	}
	for _, quirk := range []string{"Q1", "Q2", "Q10", "Q17"} {
		if r.Explained[quirk] == 0 {
			t.Errorf("%s is not seen", quirk)
		}
	}
	t.Log(r.Next, r.Explained)
}

// A replica that came before the first tick is deleted when everything stored is returned to its origin, and its name stays known:
// that is Q18 with a database as well as by a purge.
func TestWhatIsReturnedAndDeletedIsKnown(t *testing.T) {
	c := Draw(5, 17916)
	findings, err := Judge(&c)
	if err != nil {
		t.Fatal(err)
	}
	known := false
	for _, f := range findings {
		if len(f.Quirks) == 0 {
			t.Errorf("nothing explains %s", f)
		}
		known = known || f.Invariant == Complete && len(f.Quirks) > 0
	}
	if !known {
		t.Errorf("the takeover that lacks replicas is not found: %v", findings)
	}
}
