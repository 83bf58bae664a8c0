package toolkit

import "testing"

// accepted is a look at the status and at what was accepted.
func accepted(at int, status, snapshots int64) reading {
	return look(at, at+5, value{StatusTuples, status, at, 1}, value{SnapshotsIn, snapshots, at, 1})
}

func TestReplicasOfAnEarlierLifeOfThePeerDoNotCount(t *testing.T) {
	for name, tt := range map[string]struct {
		looks []reading
		want  int64
		known bool
	}{
		"all of the first life":                             {[]reading{accepted(1, 1, 10)}, 10, true},
		"the peer was away before anybody looked":           {[]reading{accepted(1, 3, 10), accepted(10, 3, 15)}, 5, true},
		"it went and came":                                  {[]reading{accepted(1, 1, 10), accepted(10, 2, 10), accepted(20, 3, 10), accepted(30, 3, 15)}, 5, true},
		"it went and came between two looks":                {[]reading{accepted(1, 1, 10), accepted(10, 3, 12)}, 0, true},
		"what is not read together with the status":         {[]reading{accepted(1, 1, 10), look(10, 15, value{StatusTuples, 3, 10, 1}), accepted(20, 3, 10), accepted(30, 3, 14)}, 4, true},
		"not read since":                                    {[]reading{accepted(1, 1, 10), look(10, 15, value{StatusTuples, 3, 10, 1})}, 0, false},
		"the receiver was started anew, with the watchdog":  {[]reading{accepted(1, 3, 10), look(10, 15, value{StatusTuples, 1, 10, 2}, value{SnapshotsIn, 3, 10, 2})}, 3, true},
		"it is down, and what it had replicated is counted": {[]reading{accepted(1, 1, 10), accepted(10, 2, 10)}, 10, true},
	} {
		t.Run(name, func(t *testing.T) {
			m := newTestMemory(t, nil)
			for _, r := range tt.looks {
				m.counters(r)
			}
			got := m.views[OperatorMetrics].counters(OperatorMetrics).Counts[SnapshotsIn]
			if got.SinceUpKnown != tt.known || tt.known && got.SinceUp != tt.want {
				t.Errorf("%d since UP (known %t), want %d (%t)", got.SinceUp, got.SinceUpKnown, tt.want, tt.known)
			}
		})
	}
}
