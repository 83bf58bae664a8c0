package decision

import (
	"testing"

	"github.com/crossdc/failover/reports/gate/evidence"
)

// Of several trials the margin is that of the worst value against the tightest limit.
func TestTheMarginIsThatOfTheWorstTrial(t *testing.T) {
	trial := func(latest, objective string) evidence.Case {
		return evidence.Case{Result: "passed", Properties: map[string]string{
			"verdict": "passed", "detection.earliest_s": "90", "detection.latest_s": latest, "detection.objective_s": objective,
		}}
	}
	j := &judge{}
	got := j.margins(&drill{id: "S03", cases: []evidence.Case{trial("100", "180"), trial("130", "180"), trial("120", "150")}})
	if len(got) != 1 || got[0].Latest != 130 || got[0].Limit != 150 {
		t.Errorf("%+v", got)
	}
}
