package timeline

import (
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
)

func seenBy(indicator, event string, earliest, latest model.Instant) model.Observation {
	return model.Observation{Site: "dc2", Indicator: indicator, Event: event, When: model.Interval{Earliest: earliest, Latest: latest}}
}

func TestAnIndicatorThatGoesBackInTimeContradictsItself(t *testing.T) {
	for _, c := range []struct {
		name         string
		observations []model.Observation
		want         int
	}{
		{"in order", []model.Observation{seenBy("a", PeerDown, 1, 2), seenBy("a", PeerUp, 5, 6)}, 0},
		{"overlapping bounds prove nothing", []model.Observation{seenBy("a", PeerDown, 3, 7), seenBy("a", PeerUp, 2, 4)}, 0},
		{"two indicators arrive as they like", []model.Observation{seenBy("a", PeerDown, 5, 6), seenBy("b", PeerDown, 1, 2)}, 0},
		{"newer first", []model.Observation{seenBy("a", PeerUp, 5, 6), seenBy("a", PeerDown, 1, 2)}, 1},
		{"other events do not count", []model.Observation{seenBy("a", TakenOver, 5, 6), seenBy("a", TakenOver, 1, 2)}, 0},
	} {
		if got := Disorder(c.observations); len(got) != c.want {
			t.Errorf("%s: %v, want %d", c.name, got, c.want)
		}
	}
}

func TestDisorderMakesTheDetectionInconclusive(t *testing.T) {
	s := model.Scenario{
		Speedup: 1, Fault: &model.Fault{Target: "dc1", Struck: "dc1", Observers: []string{"dc2"}, TakesService: true}, Objectives: model.Objectives{RTOSeconds: 180},
		Observations: []model.Observation{seenBy("a", PeerUp, 5e9, 6e9), seenBy("a", PeerDown, 1e9, 2e9)},
	}
	if sound := Judge(s); sound.Measures.Detection.Verdict != model.Met {
		t.Fatalf("without the finding: %+v", sound.Measures.Detection)
	}
	s.Observations = append(s.Observations, Disorder(s.Observations)...)
	judged := Judge(s)
	if m := judged.Measures.Detection; m.Verdict != model.Inconclusive || !strings.Contains(m.Why, OutOfOrder) {
		t.Errorf("%+v", m)
	}
}
