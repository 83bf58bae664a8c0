package timeline_test

import (
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/timeline"
)

func TestAStreamThatBreaksItsOrderIsAFailureOfItsOwn(t *testing.T) {
	twice := model.Observation{
		Site: "dc2", Indicator: "status stream", Event: timeline.Irregular, Subject: "status stream",
		Evidence: "number 3 says DOWN after number 2 said DOWN: UP and DOWN must alternate",
	}
	judged := timeline.Judge(model.Scenario{Speedup: 60, Observations: []model.Observation{twice, twice}})
	if judged.Outcome != model.Failed || len(judged.Reasons) != 1 || !strings.Contains(judged.Reasons[0], "at dc2 the order of the status stream is broken") {
		t.Errorf("outcome %s, reasons %q", judged.Outcome, judged.Reasons)
	}
	if sound := timeline.Judge(model.Scenario{Speedup: 60}); sound.Outcome != model.Passed {
		t.Errorf("without it: %s %q", sound.Outcome, sound.Reasons)
	}
}
