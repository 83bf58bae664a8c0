package scenario

import (
	"testing"
	"time"
)

func TestTheLongestPauseIsBoundedBySamples(t *testing.T) {
	epoch := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	at := func(ms int) time.Time { return epoch.Add(time.Duration(ms) * time.Millisecond) }
	var beats []beat
	for _, c := range []struct {
		stamp, asked, answered int
		heartbeats             int64
	}{
		{0, 5, 10, 1}, {450, 455, 460, 1}, {500, 505, 510, 2}, // the second one between 450 and 501
		{950, 955, 2000, 2}, {1100, 2001, 2005, 3}, // a reading that was slow to come: the third between 950 and 1150
	} {
		b := beat{heartbeats: c.heartbeats, at: at(c.answered)}
		b.since, b.until = sampled(at(c.stamp), at(c.asked), at(c.answered), 50*time.Millisecond)
		beats = append(beats, b)
	}
	least, most := longestGap(beats)
	if least != 400*time.Millisecond || most != 700*time.Millisecond {
		t.Errorf("%v..%v; want 400..700 ms", least, most)
	}
	since, until := sampled(time.Time{}, at(100), at(130), 50*time.Millisecond)
	if since != at(50) || until != at(130) {
		t.Errorf("without a stamp: %v..%v", since, until)
	}
}
