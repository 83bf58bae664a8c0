package watch

import (
	"testing"

	"github.com/crossdc/failover/toolkit"
)

func counts(list map[toolkit.Count]toolkit.Track) toolkit.Evidence {
	return toolkit.Evidence{Metrics: []toolkit.Counters{{Indicator: toolkit.OperatorMetrics, Counts: list}}}
}

func TestReplicasOfAnEarlierLifeDoNotMakeSteady(t *testing.T) {
	track := func(value, sinceUp int64) toolkit.Track {
		return toolkit.Track{Known: true, Value: value, SinceUp: sinceUp, SinceUpKnown: true}
	}
	rounds := func(n int64) toolkit.Evidence {
		return counts(map[toolkit.Count]toolkit.Track{toolkit.SnapshotRounds: {Known: true, Value: n}})
	}
	for name, tt := range map[string]struct {
		here, peer toolkit.Evidence
		want       int64
	}{
		"all of one life":                              {counts(map[toolkit.Count]toolkit.Track{toolkit.SnapshotsIn: track(10, 10)}), rounds(2), 10},
		"cancelled, missed and submitted again":        {counts(map[toolkit.Count]toolkit.Track{toolkit.SnapshotsIn: track(10, 0)}), rounds(0), 0},
		"submitted again too quickly to be missed":     {counts(map[toolkit.Count]toolkit.Track{toolkit.SnapshotsIn: track(10, 10)}), rounds(0), 0},
		"the first round of the new life has arrived":  {counts(map[toolkit.Count]toolkit.Track{toolkit.SnapshotsIn: track(15, 5)}), rounds(1), 5},
		"when it came UP is not known":                 {counts(map[toolkit.Count]toolkit.Track{toolkit.SnapshotsIn: {Known: true, Value: 10}}), rounds(2), 0},
		"the peer's counters cannot be read, ours can": {counts(map[toolkit.Count]toolkit.Track{toolkit.SnapshotsIn: track(10, 5)}), toolkit.Evidence{}, 5},
	} {
		if got := replicasSinceUp(tt.here, tt.peer, 5); got != tt.want {
			t.Errorf("%s: %d replicas, want %d", name, got, tt.want)
		}
	}
}
