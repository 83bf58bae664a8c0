package board

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestRemoteShowsTheLatestWordOfEachIndicator(t *testing.T) {
	start := time.Unix(1000, 0)
	b := New(func() time.Time { return start.Add(3 * time.Second) })
	at := func(s float64) time.Time { return start.Add(time.Duration(s * float64(time.Second))) }
	b.Post(Sighting{Site: "dc2", Indicator: "operator metrics", Event: PeerUp, Earliest: at(-9), Latest: at(-8)})
	b.Post(Sighting{Site: "dc2", Indicator: "operator metrics", Event: PeerDown, Earliest: at(1.9), Latest: at(2), Evidence: "submitted 2 (even)"})
	b.Post(Sighting{Site: "dc2", Indicator: "status stream", Event: PeerDown, Earliest: at(1.95), Latest: at(1.96)})
	b.Post(Sighting{Site: "dc2", Indicator: "status stream", Event: PeerUp, Earliest: at(2.5), Latest: at(2.6)})
	b.Post(Sighting{Site: "dc1", Indicator: "status stream", Event: PeerDown, Earliest: at(1), Latest: at(1)})
	b.Post(Sighting{Site: "dc2", Indicator: "pe traces", Err: errors.New("connection refused")})

	r := b.Remote("dc2", "dc1", start)
	if r.Count(PeerDown) != 1 || r.Count(PeerUp) != 1 || len(r.Says) != 2 {
		t.Errorf("dc2 about dc1: %+v; want metrics DOWN, stream UP again, and nothing from before the fault or from dc1", r.Says)
	}
	for _, want := range []string{"operator metrics: peer down, between 1.9s and 2s after the fault (submitted 2 (even))", "pe traces failed 1 times, last: connection refused"} {
		if !strings.Contains(r.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, r)
		}
	}
}

func TestRemoteWithoutSightingsSaysSo(t *testing.T) {
	b := New(time.Now)
	if text := b.Remote("dc2", "dc1", time.Now()).String(); !strings.Contains(text, "no indicator has seen a change") {
		t.Errorf("got %q", text)
	}
}

func TestChangedWakesAtTheNextSighting(t *testing.T) {
	b := New(time.Now)
	changed := b.Changed()
	b.Post(Sighting{Site: "dc1", Err: errors.New("failures wake nobody")})
	select {
	case <-changed:
		t.Error("a failure counted as a change")
	default:
	}
	b.Post(Sighting{Site: "dc1", Event: PeerDown})
	<-changed
}
