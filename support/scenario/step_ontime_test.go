package scenario

import (
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit"
)

const (
	heartbeatText = "Received the heartbeat message 7 with no data snapshot from the data center named dc1"
	downText      = "UDP channel 0-->Received a notification about the remote data center going down"
	upText        = "UDP channel 0-->Received a notification about the remote data center coming up"
)

func traced(from time.Time, after time.Duration, text string) toolkit.TraceLine {
	return toolkit.TraceLine{At: from.Add(after), Text: text}
}

func TestSilenceIsFromTheLastHeartbeatToTheFirstDown(t *testing.T) {
	at := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	lines := []toolkit.TraceLine{
		traced(at, -time.Hour, downText), // no heartbeat before it: says nothing
		traced(at, 0, heartbeatText), traced(at, 1, upText), traced(at, 30*time.Second, heartbeatText),
		traced(at, 160*time.Second, downText), traced(at, 161*time.Second, downText),
		traced(at, 400*time.Second, heartbeatText),
	}
	found, ok := lastSilence(lines)
	if !ok || found.length() != 130*time.Second {
		t.Errorf("%v, %v; want 130 s", found.length(), ok)
	}
	if _, ok := lastSilence(lines[:4]); ok {
		t.Error("found a DOWN where there is none after a heartbeat")
	}
}

// One heartbeat early and one late lie outside the bounds whatever the phase, but for the slack.
func TestBoundsTellOneHeartbeatApart(t *testing.T) {
	interval := 30 * time.Second
	least, most := silenceBounds(interval, 4)
	for phase := time.Second; phase < interval-time.Second; phase += time.Second {
		right := 4*interval + phase
		if right < least || right > most {
			t.Errorf("phase %s: %s is right, bounds are %s to %s", phase, right, least, most)
		}
		if early := right - interval; early >= least {
			t.Errorf("phase %s: one heartbeat early is not told", phase)
		}
		if late := right + interval; late <= most {
			t.Errorf("phase %s: one heartbeat late is not told", phase)
		}
	}
}
