package scenario

import (
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/toolkit"
)

// Two rates that are known within bounds: one reaches the other in any case, cannot, or may.
func TestARateReachesALevelInAnyCaseOrPerhaps(t *testing.T) {
	level := tuples{40, 44}
	for rate, want := range map[tuples]model.Verdict{
		{44, 60}: model.Met, {43.9, 60}: model.Inconclusive, {0, 40}: model.Inconclusive, {0, 39.9}: model.Missed, {0, 0}: model.Missed,
	} {
		if got := rate.against(level); got != want {
			t.Errorf("%s against %s: %s, want %s", rate, level, got, want)
		}
	}
}

// The judge, who may import nothing of ours but the stored model, knows the indicators that see service by the names of the client.
func TestIndicatorsOfServiceHaveOneName(t *testing.T) {
	for judge, client := range map[string]toolkit.Indicator{timeline.TrafficIndicator: toolkit.Traffic, timeline.CountersIndicator: toolkit.ServingCounters} {
		if judge != string(client) {
			t.Errorf("%q for the judge, %q for the client", judge, client)
		}
	}
}
