package toolkit

import "testing"

// counted is a look at the three counters, all of one sample.
func counted(at int, heartbeats, ticks, status int64) reading {
	return look(at, at+5, value{HeartbeatsIn, heartbeats, at, 1}, value{Ticks, ticks, at, 1}, value{StatusTuples, status, at, 1})
}

func TestMissesAreTicksAfterTheLastHeartbeat(t *testing.T) {
	for name, tt := range map[string]struct {
		looks []reading
		want  *Misses
	}{
		"every sample shows one thing": {[]reading{
			counted(1, 10, 10, 1), counted(10, 11, 10, 1), counted(20, 11, 11, 1), counted(30, 11, 12, 1), counted(40, 11, 13, 1), counted(50, 11, 14, 1), counted(60, 11, 15, 2),
		}, &Misses{Least: 5, Most: 5}},
		"the last heartbeat shares a sample with a tick": {[]reading{
			counted(1, 10, 10, 1), counted(10, 11, 11, 1), counted(20, 11, 14, 1), counted(30, 11, 15, 2),
		}, &Misses{Least: 4, Most: 5}},
		"nobody looked for two ticks": {[]reading{
			counted(1, 10, 10, 1), counted(10, 11, 10, 1), counted(20, 11, 13, 1), counted(30, 11, 15, 2),
		}, &Misses{Least: 4, Most: 5}},
		"sampled in the midst of the tick": {[]reading{
			counted(1, 10, 10, 1), counted(10, 11, 10, 1), counted(20, 11, 14, 1), counted(30, 11, 14, 2),
		}, &Misses{Least: 4, Most: 5}},
		"no heartbeat was seen to arrive": {[]reading{counted(1, 10, 10, 1), counted(10, 10, 15, 2)}, nil},
		"the PE was started anew": {[]reading{
			counted(1, 10, 10, 1), counted(10, 11, 10, 1), counted(20, 0, 1, 0), counted(30, 0, 2, 0),
		}, nil},
		"two changes in one sample": {[]reading{counted(1, 10, 10, 0), counted(10, 11, 10, 0), counted(20, 12, 16, 2)}, nil},
		"UP again": {[]reading{
			counted(1, 10, 10, 1), counted(10, 11, 10, 1), counted(20, 11, 14, 1), counted(30, 11, 15, 2), counted(40, 12, 15, 3),
		}, &Misses{Least: 5, Most: 5}},
		"each value counts at its own sample": {[]reading{
			counted(1, 10, 10, 1), counted(10, 11, 10, 1), counted(20, 11, 14, 1),
			look(30, 35, value{HeartbeatsIn, 11, 20, 1}, value{Ticks, 14, 20, 1}, value{StatusTuples, 2, 30, 1}),
			counted(40, 11, 15, 2),
		}, &Misses{Least: 5, Most: 5}},
		"ticks are not known yet": {[]reading{
			counted(1, 10, 10, 1), counted(10, 11, 10, 1), counted(20, 11, 14, 1), look(30, 35, value{StatusTuples, 2, 30, 1}),
		}, nil},
		"the status alone is read more often": {[]reading{
			counted(1, 10, 10, 1), counted(10, 11, 10, 1), counted(20, 11, 14, 1),
			look(24, 25, value{StatusTuples, 1, 24, 1}), look(26, 27, value{StatusTuples, 2, 26, 1}),
			counted(40, 11, 15, 2),
		}, &Misses{Least: 5, Most: 5}},
		"an answer that was overtaken": {[]reading{
			counted(1, 10, 10, 1), counted(10, 11, 10, 1), counted(30, 11, 15, 2), counted(20, 11, 14, 1),
		}, &Misses{Least: 1, Most: 5}},
	} {
		t.Run(name, func(t *testing.T) {
			m := newTestMemory(t, nil)
			for _, r := range tt.looks {
				m.counters(r)
			}
			got := m.views[OperatorMetrics].missed.told
			if (got == nil) != (tt.want == nil) || got != nil && (got.Least != tt.want.Least || got.Most != tt.want.Most) {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
		})
	}
}
