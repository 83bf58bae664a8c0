package timeline

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/crossdc/failover/reports/model"
)

// TestKruskalWallisOfATextbook: 12 values in 3 groups without ties; H by hand is 12/(12*13)*(10^2+26^2+42^2)/4 - 39 = 9.846.
func TestKruskalWallisOfATextbook(t *testing.T) {
	h, p, ok := Differ([][]float64{{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}}, 1)
	if !ok || math.Abs(h-9.8462) > 1e-3 || p > 0.005 {
		t.Errorf("H %v, p %v, %v", h, p, ok)
	}
	// With ties: ranks 1.5 1.5 3.5 3.5, H = (12/20*(3^2+7^2)/2-15)/(1-12/60) = 3.
	if h, _, _ := Differ([][]float64{{1, 1}, {2, 2}}, 1); math.Abs(h-3) > 1e-9 {
		t.Errorf("H with ties is %v", h)
	}
	if h, p, ok := Differ([][]float64{{5, 5, 5}, {5, 5, 5}}, 1); !ok || h != 0 || p != 1 {
		t.Errorf("equal values: H %v, p %v, %v", h, p, ok)
	}
	if _, _, ok := Differ([][]float64{{5, 6, 7}, {5}}, 1); ok {
		t.Error("one value is compared with others")
	}
}

// TestChanceIsRarelyTakenForADifference draws 200 campaigns of 3 equal nodes: about 5 of 100 may have p below 0.05.
func TestChanceIsRarelyTakenForADifference(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	wrong := 0
	for i := range 200 {
		groups := make([][]float64, 3)
		for g := range groups {
			for range 8 {
				groups[g] = append(groups[g], random.ExpFloat64())
			}
		}
		if _, p, _ := Differ(groups, uint64(i)); p < 0.05 {
			wrong++
		}
	}
	if wrong < 1 || wrong > 22 {
		t.Errorf("%d of 200 differ by chance, want about 10", wrong)
	}
}

func TestHolm(t *testing.T) {
	got := Holm([]float64{0.04, 0.01, 0.03})
	for i, want := range []float64{0.06, 0.03, 0.06} {
		if math.Abs(got[i]-want) > 1e-12 {
			t.Errorf("adjusted %v, want 0.06 0.03 0.06", got)
		}
	}
}

func TestASlowNodeIsFoundAndAnEqualOneIsNot(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var scenarios []model.Scenario
	for i := range 60 {
		node, slow := "a", 0.0
		if i%2 == 1 {
			node, slow = "b", 40
		}
		m := func(at float64) *model.Measure {
			return &model.Measure{EarliestSeconds: at, LatestSeconds: at + 1, Verdict: model.Met}
		}
		scenarios = append(scenarios, model.Scenario{ID: "S03", Name: "A crash", Node: node, Outcome: model.Passed,
			Measures: model.Measures{Detection: m(90 + 60*random.Float64()), Recovery: m(90 + slow + 60*random.Float64())}})
	}
	found := map[string]model.NodeDifference{}
	for _, d := range NodeDifferences(scenarios, 1) {
		found[d.Measure] = d
	}
	if d := found["recovery"]; !d.Differs || d.Nodes != 2 || d.Trials != 60 || d.Adjusted < d.P {
		t.Errorf("recovery: %+v", d)
	}
	if d, asked := found["detection"]; !asked || d.Differs {
		t.Errorf("detection: %+v", d)
	}
	if d, asked := found["share that passed"]; !asked || d.Differs || d.P != 1 {
		t.Errorf("share: %+v", d)
	}
	if _, asked := found["loss"]; asked {
		t.Error("a loss that nothing measured is compared")
	}
}
