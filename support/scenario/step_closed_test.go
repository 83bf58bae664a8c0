package scenario

import (
	"testing"
	"time"
)

// Listeners are too late only where they were seen open beyond the limit: who looked late proves nothing against them.
func TestListenersAreLateOnlyWhereTheyWereSeenOpen(t *testing.T) {
	gone := time.Date(2026, 11, 26, 20, 0, 0, 0, time.UTC)
	at := func(d time.Duration) time.Time { return gone.Add(d) }
	const limit = time.Second
	for name, c := range map[string]struct {
		open, closed time.Time
		want         punctuality
	}{
		"closed at once": {at(-time.Millisecond), at(20 * time.Millisecond), inTime},
		"refused before the job was seen to be gone":     {at(-2 * time.Second), at(-time.Second), inTime},
		"never seen open after the act, and closed late": {time.Time{}, at(3 * time.Second), unknown},
		"nobody looked for three seconds":                {at(-time.Millisecond), at(3 * time.Second), unknown},
		"open for two seconds":                           {at(2 * time.Second), at(2*time.Second + 10*time.Millisecond), tooLate},
		"closed exactly at the limit":                    {at(990 * time.Millisecond), at(limit), inTime},
	} {
		if got := (&closing{open: c.open, at: c.closed}).late(gone, limit); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
