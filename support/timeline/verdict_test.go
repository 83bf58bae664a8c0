package timeline

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/crossdc/failover/reports/model"
)

func TestVerdictTable(t *testing.T) {
	for _, c := range []struct {
		earliest, latest, objective float64
		want                        model.Verdict
	}{
		{90, 150, 150, model.Met},
		{90, 150.001, 150, model.Inconclusive},
		{150, 151, 150, model.Inconclusive}, // 150 itself is within the objective
		{150.001, 151, 150, model.Missed},
		{-1, 1, 5, model.Met},
		{1, 2, 0, model.NotApplicable},
		{1, 2, math.NaN(), model.NotApplicable},
		{math.NaN(), 2, 5, model.Inconclusive},
		{3, 2, 5, model.Inconclusive},
	} {
		if got := VerdictOf(c.earliest, c.latest, c.objective); got != c.want {
			t.Errorf("%g..%g against %g: %s, want %s", c.earliest, c.latest, c.objective, got, c.want)
		}
	}
}

// rank orders verdicts from good to bad.
func rank(v model.Verdict) int {
	return map[model.Verdict]int{model.Met: 0, model.Inconclusive: 1, model.Missed: 2}[v]
}

func TestVerdictIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := intervals(0, 100).Draw(t, "interval")
		objective := rapid.Float64Range(0.1, 100).Draw(t, "objective")
		by := rapid.Float64Range(0, 50).Draw(t, "by")
		earliest, latest := float64(i.Earliest), float64(i.Latest)
		verdict := VerdictOf(earliest, latest, objective)
		if rank(VerdictOf(earliest+by, latest+by, objective)) < rank(verdict) {
			t.Fatal("later became better")
		}
		if rank(VerdictOf(earliest, latest, objective+by)) > rank(verdict) {
			t.Fatal("a looser objective became worse")
		}
		// Widening may only lead to doubt, never from one certainty to the other.
		if wide := VerdictOf(earliest-by, latest+by, objective); wide != verdict && wide != model.Inconclusive {
			t.Fatalf("widening turned %s into %s", verdict, wide)
		}
	})
}

func TestO1NamesTheBounds(t *testing.T) {
	measure := func(earliest, latest float64) model.Measure {
		return model.Measure{EarliestSeconds: earliest, LatestSeconds: latest}
	}
	for _, c := range []struct {
		m    model.Measure
		want model.Verdict
		word string
	}{
		{measure(87, 153), model.Met, "[87.0, 153.0]"},
		{measure(80, 86.9), model.Missed, "too early"},
		{measure(153.1, 160), model.Missed, "too late"},
		{measure(86, 88), model.Inconclusive, "N=4"},
		{measure(2, 1), model.Inconclusive, ""},
	} {
		got, why := O1(c.m, 30*time.Second, 4, 3*time.Second)
		if got != c.want || !strings.Contains(why, c.word) {
			t.Errorf("%+v: %s (%s), want %s with %q", c.m, got, why, c.want, c.word)
		}
	}
}

func TestMeasureCarriesBothTimes(t *testing.T) {
	m := MeasureOf(model.Interval{Earliest: 2e9, Latest: 3e9}, model.Interval{Earliest: 0, Latest: 5e8}, 60)
	if m.WallEarliest != 1.5 || m.WallLatest != 3 || m.EarliestSeconds != 90 || m.LatestSeconds != 180 {
		t.Errorf("%+v", m)
	}
	if Toolkit(time.Second, 60) != time.Minute {
		t.Error("toolkit time")
	}
}
