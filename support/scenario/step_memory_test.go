package scenario

import "testing"

// A PE that keeps something of every event is found; what a garbage collector takes, and a PE that was launched again, are not.
func TestGrownMemory(t *testing.T) {
	before := holding{map[string]int64{"1": 30 << 20, "2": 30 << 20, "3": 30 << 20}, map[string]int64{"1": 1, "2": 1, "3": 1}}
	for _, c := range []struct {
		name   string
		after  holding
		events int64
		leaks  int
		judged int
	}{
		{"steady", holding{map[string]int64{"1": 31 << 20, "2": 29 << 20, "3": 30 << 20}, before.launches}, 10_000, 0, 3},
		{"a collector's play", holding{map[string]int64{"1": 90 << 20}, before.launches}, 10_000, 0, 1},
		{"20 KB of every event", holding{map[string]int64{"1": 30<<20 + 10_000*20<<10, "2": 30 << 20}, before.launches}, 10_000, 1, 2},
		{"many events, little of each", holding{map[string]int64{"1": 30<<20 + 1_000_000*1<<10}, before.launches}, 1_000_000, 0, 1},
		{"launched again", holding{map[string]int64{"1": 1 << 30}, map[string]int64{"1": 2}}, 10_000, 0, 0},
		{"not known before", holding{map[string]int64{"9": 1 << 30}, map[string]int64{"9": 1}}, 10_000, 0, 0},
	} {
		found := grown(before, c.after, c.events)
		leaks := 0
		for _, pe := range found {
			if pe.leaks {
				leaks++
			}
		}
		if leaks != c.leaks || len(found) != c.judged {
			t.Errorf("%s: %d leaks of %d PEs: %+v", c.name, leaks, len(found), found)
		}
	}
}
