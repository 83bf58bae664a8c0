package timeline

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/crossdc/failover/reports/model"
)

func intervals(low, high int) *rapid.Generator[model.Interval] {
	return rapid.Custom(func(t *rapid.T) model.Interval {
		a, b := rapid.IntRange(low, high).Draw(t, "a"), rapid.IntRange(low, high).Draw(t, "b")
		return model.Interval{Earliest: model.Instant(min(a, b)), Latest: model.Instant(max(a, b))}
	})
}

func fusions() *rapid.Generator[Fused] {
	return rapid.Custom(func(t *rapid.T) Fused {
		f := None()
		for range rapid.IntRange(0, 3).Draw(t, "n") {
			f = f.And(FromObservation(model.Observation{
				Indicator: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "indicator"), When: intervals(-50, 50).Draw(t, "when"),
			}))
		}
		return f
	})
}

func same(a, b Fused) bool {
	return a.common == b.common && a.hull == b.hull && reflect.DeepEqual(append([]string{}, a.by...), append([]string{}, b.by...))
}

func TestFusionIsCommutativeAssociativeAndIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := fusions().Draw(t, "a"), fusions().Draw(t, "b"), fusions().Draw(t, "c")
		if !same(a.And(b), b.And(a)) {
			t.Fatal("not commutative")
		}
		if !same(a.And(b).And(c), a.And(b.And(c))) {
			t.Fatal("not associative")
		}
		if !same(a.And(a), a) || !same(a.And(None()), a) {
			t.Fatal("not idempotent, or None is not neutral")
		}
	})
}

func TestFusionHoldsTheTruthOrSaysThatItContradictsItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		truth := model.Instant(rapid.IntRange(-50, 50).Draw(t, "truth"))
		f, honest := None(), true
		for range rapid.IntRange(1, 4).Draw(t, "n") {
			when := intervals(-60, 60).Draw(t, "when")
			honest = honest && when.Contains(truth)
			f = f.And(FromObservation(model.Observation{Indicator: "x", When: when}))
		}
		if honest && (f.Contradicted() || !f.When().Contains(truth)) {
			t.Fatalf("honest indicators, truth %d outside %+v", truth, f.When())
		}
		if f.When().Earliest > f.When().Latest {
			t.Fatalf("reversed result %+v", f.When())
		}
	})
}

func TestAContradictionIsTheHull(t *testing.T) {
	f := Fuse(
		model.Observation{Indicator: "status stream", When: model.Interval{Earliest: 10, Latest: 12}},
		model.Observation{Indicator: "operator metrics", When: model.Interval{Earliest: 20, Latest: 25}},
	)
	if !f.Contradicted() || f.When() != (model.Interval{Earliest: 10, Latest: 25}) || len(f.By()) != 2 {
		t.Errorf("fused %+v by %q", f.When(), f.By())
	}
}
