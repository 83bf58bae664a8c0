package scenario

import (
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/toolkit"
)

func counts(list map[toolkit.Count]toolkit.Track) toolkit.Evidence {
	return toolkit.Evidence{Metrics: []toolkit.Counters{{Indicator: toolkit.OperatorMetrics, Counts: list}}}
}

func TestLinesOfTracesReachTheReport(t *testing.T) {
	got := tracesOf([]model.Observation{
		{Site: "dc2", Indicator: string(toolkit.TraceLines), Evidence: "pe 1 traced \"inactive\""}, {Site: "dc2", Indicator: string(toolkit.OperatorMetrics), Evidence: "2 (even)"},
	})
	if len(got) != 1 || got[0].Site != "dc2" || got[0].Line == "" {
		t.Errorf("%+v", got)
	}
}
