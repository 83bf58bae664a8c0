package html

import (
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
)

func TestTheTimelineEndsWithWhatIsDrawn(t *testing.T) {
	at := func(seconds float64) model.Interval {
		i := model.Instant(seconds * float64(time.Second))
		return model.Interval{Earliest: i, Latest: i}
	}
	s := model.Scenario{
		ID: "endurance", Speedup: 1, Finished: at(44000).Latest,
		Phases: []model.Phase{{Name: "steady before", From: at(0), To: at(230)}},
		Observations: []model.Observation{
			{Site: "dc1", Indicator: "status stream", Event: "peer up", When: at(12)},
			{Indicator: "suite process", Event: "resources held", When: model.Interval{Latest: at(44000).Latest}},
		},
	}
	drawn := string(timeline(s))
	if !strings.Contains(drawn, "peer up") || strings.Contains(drawn, "resources held") || strings.Contains(drawn, ">40000<") {
		t.Errorf("want the data centers' events only, on an axis that ends with them:\n%s", drawn)
	}
	if len(s.Observations) != 2 {
		t.Error("the scenario itself was changed")
	}
}
