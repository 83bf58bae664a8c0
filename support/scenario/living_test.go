package scenario

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/watch/board"
)

func TestALivingLineIsWrittenAnewAndGoesAway(t *testing.T) {
	var out bytes.Buffer
	ticks := make(chan time.Time)
	texts := make(chan string, 2)
	texts <- "one"
	texts <- strings.Repeat("ä", 200)
	line := enliven(&out, ticks, func() string { return <-texts })
	ticks <- time.Time{}
	ticks <- time.Time{}
	line.end()
	line.end()
	want := "\rone\x1b[K\r" + "\r" + strings.Repeat("ä", lineWidth-1) + "…\x1b[K\r" + "\x1b[K"
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
	var none *living
	none.end()
}

func TestTheLivingLineSaysWhatWasSeenByWhom(t *testing.T) {
	toolkit := func(wall time.Duration) time.Duration { return 60 * wall }
	now := time.Now()
	if got := lastSeen(nil, now, toolkit); got != "nothing new was seen yet" {
		t.Error(got)
	}
	got := lastSeen([]board.Sighting{{Site: "dc1"}, {Site: "dc2", Event: board.PeerDown, Indicator: "status stream", Latest: now.Add(-time.Second)}}, now, toolkit)
	if got != "2 seen, last: dc2, peer down, by status stream, 60 s ago" {
		t.Error(got)
	}
}
