package scenario

import (
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/watch/board"
)

func status(required int, events ...string) RemoteStatus {
	says := map[string]board.Sighting{}
	for i, event := range events {
		indicator := []string{"operator metrics", "status stream", "pe traces"}[i]
		says[indicator] = board.Sighting{Site: "dc2", Indicator: indicator, Event: event}
	}
	return RemoteStatus{Remote: board.Remote{Site: "dc2", Peer: "dc1", Since: time.Now(), Says: says}, Required: required, Budget: " within 150 s"}
}

func TestBeDownNeedsAgreementOfIndependentIndicators(t *testing.T) {
	cases := []struct {
		name   string
		status RemoteStatus
		want   bool
	}{
		{"nobody has spoken", status(2), false},
		{"one of two", status(2, board.PeerDown), false},
		{"two agree", status(2, board.PeerDown, board.PeerDown), true},
		{"the only one there is", status(1, board.PeerDown), true},
		{"one disagrees", status(2, board.PeerDown, board.PeerDown, board.PeerUp), false},
	}
	for _, c := range cases {
		matched, err := BeDown().Match(c.status)
		if err != nil || matched != c.want {
			t.Errorf("%s: matched %v, %v; want %v", c.name, matched, err, c.want)
		}
	}
}

func TestBeDownTellsWhatWasSeenAndWhereTheBudgetComesFrom(t *testing.T) {
	text := BeDown().FailureMessage(status(2, board.PeerDown, board.PeerUp))
	for _, want := range []string{"expected dc2 to hold dc1 DOWN", "within 150 s", "operator metrics: peer down", "status stream: peer up"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
}

func TestBeUnchangedSeesAnyChange(t *testing.T) {
	if matched, _ := BeUnchanged().Match(status(2, board.PeerUp)); matched {
		t.Error("a change was overlooked")
	}
	if matched, _ := BeUnchanged().Match(status(2)); !matched {
		t.Error("nothing counted as a change")
	}
}

func TestMatchersRefuseOtherThings(t *testing.T) {
	if _, err := BeDown().Match(true); err == nil || !strings.Contains(err.Error(), "RemoteStatus") {
		t.Errorf("error %v; want one that says what to pass", err)
	}
}
