package watch

import (
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/toolkit"
)

// Whatever the client concludes is kept once, for as long as it held; what passes at once between indicators of different age is
// no disagreement, and a restart that was noticed is not Q17.
func TestWhatIsConcludedIsKeptForAsLongAsItHeld(t *testing.T) {
	start := time.Unix(1000, 0)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	interval := func(earliest, latest time.Time) model.Interval {
		return model.Interval{Earliest: model.Instant(earliest.Sub(start)), Latest: model.Instant(latest.Sub(start))}
	}
	c := &concluded{lasting: 2 * time.Second}
	look := func(seconds int, dc1, dc2 toolkit.Conclusion, wentDown [2]bool) {
		dc1.Site, dc1.Peer, dc2.Site, dc2.Peer = "dc1", "dc2", "dc2", "dc1"
		c.add(at(seconds), [2]toolkit.Conclusion{dc1, dc2}, wentDown)
	}
	look(1, toolkit.Conclusion{}, toolkit.Conclusion{Disagreements: []string{"metrics say UP, stream says DOWN"}}, [2]bool{})
	look(2, toolkit.Conclusion{Disagreements: []string{"traces say DOWN, metrics say UP"}}, toolkit.Conclusion{}, [2]bool{})
	look(5, toolkit.Conclusion{Disagreements: []string{"traces say DOWN, metrics say UP"}, SnapshotsLost: true}, toolkit.Conclusion{}, [2]bool{})
	look(6, toolkit.Conclusion{PeerRestarted: true, Hazards: []string{"Q17"}}, toolkit.Conclusion{Hazards: []string{"Q17"}}, [2]bool{true, false})
	look(9, toolkit.Conclusion{Disagreements: []string{"traces say DOWN, metrics say UP"}}, toolkit.Conclusion{Hazards: []string{"Q17"}}, [2]bool{true, false})
	look(10, toolkit.Conclusion{}, toolkit.Conclusion{Hazards: []string{"Q17"}}, [2]bool{true, false})

	got := c.list(interval)
	want := []struct {
		site, kind, quirk string
		from, to          int
	}{
		{"dc1", model.ConcludedDisagreement, "", 2, 5}, {"dc1", model.ConcludedSnapshotsLost, "", 5, 5},
		{"dc1", model.ConcludedPeerRestarted, "", 6, 6}, {"dc2", model.ConcludedQuirk, "Q17", 6, 10},
	}
	if len(got) != len(want) {
		t.Fatalf("%d conclusions, want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		if g := got[i]; g.Site != w.site || g.Kind != w.kind || g.Quirk != w.quirk || g.Text == "" || g.While != interval(at(w.from), at(w.to)) {
			t.Errorf("conclusion %d: %+v, want %+v", i, g, w)
		}
	}
}
