package scenario

import (
	"testing"
	"time"
)

func TestRoundsAreHeldAgainstWhatThePeerAccepted(t *testing.T) {
	const fragments = 5
	epoch := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	// A look every 0.1 intervals for 60 of them; a round every 5, whose replicas arrive within 0.2; third says which replica of every
	// third round never does.
	watch := func(intervals int, skipping bool) (sender, receiver []beat) {
		for i := range intervals * 10 {
			at := epoch.Add(time.Duration(i) * 50 * time.Millisecond)
			rounds := int64((i + 20) / 50)
			accepted := rounds * fragments
			if phase := (i + 20) % 50; rounds > 0 && phase < 2 {
				accepted -= 3 // on their way
			}
			if skipping {
				accepted -= rounds / 3
			}
			sender, receiver = append(sender, beat{at: at, rounds: rounds}), append(receiver, beat{at: at, accepted: accepted})
		}
		return sender, receiver
	}
	quiet := 500 * time.Millisecond
	sender, receiver := watch(60, false)
	if rounds, accepted, ok := betweenRounds(sender, receiver, quiet); !ok || rounds < 10 || accepted != rounds*fragments {
		t.Errorf("%d rounds, %d accepted, %v", rounds, accepted, ok)
	}
	sender, receiver = watch(40, true)
	if rounds, accepted, ok := betweenRounds(sender, receiver, quiet); !ok || rounds*fragments-accepted < 2 {
		t.Errorf("a fragment that answers two of three signals does not show: %d rounds, %d accepted, %v", rounds, accepted, ok)
	}
	sender, receiver = watch(4, false)
	if _, _, ok := betweenRounds(sender, receiver, quiet); ok {
		t.Error("less than a period tells nothing of rounds")
	}
	if _, _, ok := betweenRounds(nil, nil, quiet); ok {
		t.Error("nothing tells something")
	}
}
