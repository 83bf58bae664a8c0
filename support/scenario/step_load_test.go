package scenario

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit"
)

func second(n int) time.Time { return time.Date(2026, 11, 22, 20, 0, n, 0, time.UTC) }

// replicas are rounds of a peer's fragments, one every ten seconds; without says which fragment misses which round.
func replicas(rounds, fragments int, without func(round, fragment int) bool) []toolkit.Replica {
	var list []toolkit.Replica
	for round := range rounds {
		for fragment := range fragments {
			if without == nil || !without(round, fragment) {
				list = append(list, toolkit.Replica{Name: "dc1-" + string(rune('0'+fragment)), Count: uint64(5 * (round + 1)), At: second(10 * round), Persisted: true})
			}
		}
	}
	return list
}

func TestEveryFragmentCountsForItself(t *testing.T) {
	for name, c := range map[string]struct {
		list   []toolkit.Replica
		up     time.Time
		newest time.Time
		least  int
	}{
		"two rounds":                              {replicas(2, 5, nil), time.Time{}, time.Time{}, 2},
		"one before the load began":               {replicas(3, 5, nil), time.Time{}, second(0), 2},
		"too many before the load began":          {replicas(3, 5, nil), time.Time{}, second(10), 1},
		"before the peer came UP":                 {replicas(4, 5, nil), second(25), time.Time{}, 1},
		"one fragment misses a round":             {replicas(2, 5, func(round, fragment int) bool { return round == 1 && fragment == 3 }), time.Time{}, time.Time{}, 1},
		"one fragment never comes":                {replicas(4, 5, func(_, fragment int) bool { return fragment == 0 }), time.Time{}, time.Time{}, 0},
		"nothing":                                 {nil, time.Time{}, time.Time{}, 0},
		"the other way round, from somebody else": {[]toolkit.Replica{{Name: "dc2-0", At: second(1), Persisted: true}}, time.Time{}, time.Time{}, 0},
	} {
		seen := roundsOf(c.list, c.up, c.newest, "dc2", "dc1", 5)
		if seen.least != c.least || (seen.lacks == "") != (c.least >= roundsNeeded) {
			t.Errorf("%s: %+v, want %d", name, seen, c.least)
		}
	}
	lost := replicas(2, 5, nil)
	lost[7].Persisted = false
	if seen := roundsOf(lost, time.Time{}, time.Time{}, "dc2", "dc1", 5); seen.least != 1 || !strings.Contains(seen.lacks, "dc1-2 1 times") {
		t.Errorf("one that was not persisted counts: %+v", seen)
	}
}

func TestReplicasAreCountedSinceTheLoadBegan(t *testing.T) {
	for name, c := range map[string]struct {
		track  toolkit.Track
		before int64
		want   int64
		known  bool
	}{
		"since the load began":         {toolkit.Track{Known: true, Value: 25, SinceUp: 25, SinceUpKnown: true}, 10, 15, true},
		"since the peer came UP":       {toolkit.Track{Known: true, Value: 25, SinceUp: 5, SinceUpKnown: true}, 10, 5, true},
		"the counter began anew":       {toolkit.Track{Known: true, Value: 5, SinceUp: 5, SinceUpKnown: true}, 10, 5, true},
		"when it came UP is not known": {toolkit.Track{Known: true, Value: 25}, 10, 15, true},
		"no counter shows it":          {toolkit.Track{}, 10, 0, false},
	} {
		got, known := acceptedSince(counts(map[toolkit.Count]toolkit.Track{toolkit.SnapshotsIn: c.track}), c.before)
		if got != c.want || known != c.known {
			t.Errorf("%s: %d, %v; want %d, %v", name, got, known, c.want, c.known)
		}
	}
}

func handedLine(t *testing.T, at int, text string) toolkit.TraceLine {
	t.Helper()
	return toolkit.TraceLine{At: second(at), Process: "7", Operator: "o", Text: text}
}

func TestWhatWasHandedOverIsThatOfTheLastTakeover(t *testing.T) {
	received := "Received the heartbeat message 6 with a non-zero length data snapshot from the data center named dc1. Data snapshot origin=0"
	persisted := "Successfully replicated and persisted the data snapshot in this file: /s/dc1-0.snapshot"
	taken := "UDP channel 0-->Taking-over the replicated data: Remote DC=dc1, Key=dc1@x/0, Value={lastSeq=9,count=9,sum=45}"
	lines := []toolkit.TraceLine{
		handedLine(t, 1, taken), // of an earlier takeover
		handedLine(t, 2, received), handedLine(t, 2, persisted), handedLine(t, 3, taken),
	}
	got, err := handedOf(lines, "dc1", 1, time.Time{})
	if err != nil || len(got.entries) != 1 || got.newest["dc1-0"].Count != 6 {
		t.Errorf("%+v, %v", got, err)
	}
	for says, lines := range map[string][]toolkit.TraceLine{
		"tracing at level info is needed": {handedLine(t, 3, taken)},
		"0 of 1 fragments":                lines[:3],
		"in a form that is not known":     {lines[1], lines[2], handedLine(t, 3, "UDP channel 0-->Taking-over the replicated data: Remote DC=dc1, Key=k, Value=v")},
	} {
		if _, err := handedOf(lines, "dc1", 1, time.Time{}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

// Where replication goes on, a replica that arrives between DOWN and the handing over of its fragment takes the place of the one before it;
// one that comes after it cannot have been handed over.
func TestAReplicaMayBeReplacedDuringTheTakeover(t *testing.T) {
	received := "Received the heartbeat message %d with a non-zero length data snapshot from the data center named dc1. Data snapshot origin=0"
	persisted := "Successfully replicated and persisted the data snapshot in this file: /s/dc1-0.snapshot"
	taken := "UDP channel 0-->Taking-over the replicated data: Remote DC=dc1, Key=dc1@x/0, Value={lastSeq=9,count=9,sum=45}"
	var lines []toolkit.TraceLine
	for _, r := range []struct{ at, round int }{{2, 18}, {5, 21}, {8, 24}} {
		lines = append(lines, handedLine(t, r.at, fmt.Sprintf(received, r.round)), handedLine(t, r.at, persisted))
	}
	lines = append(lines, handedLine(t, 6, taken))
	got, err := handedOf(lines, "dc1", 1, second(4))
	if err != nil {
		t.Fatal(err)
	}
	for round, want := range map[uint64]bool{15: false, 18: true, 21: true, 24: false} {
		if got.holds("dc1-0", round) != want {
			t.Errorf("round %d may have been handed over: %v", round, !want)
		}
	}
}

func TestEntriesMustBeHeldAsTheyWereHandedOver(t *testing.T) {
	entry := toolkit.FragmentEntry{DC: "dc1@x", Channel: 0, LastSeq: 9, Count: 9, Sum: 45}
	given := []toolkit.HandedEntry{{Fragment: 0, From: "dc1", FragmentEntry: entry}}
	state := func(e ...toolkit.FragmentEntry) []toolkit.FragmentState {
		return []toolkit.FragmentState{{Channel: 0, Local: "dc2", Entries: e}}
	}
	later, half := entry, entry
	later.LastSeq, later.Count, later.Sum = 12, 11, 68
	half.LastSeq, half.Count, half.Sum = 4, 4, 10
	own := func(string) (string, bool) { return "dc1", true }
	for name, c := range map[string]struct {
		states []toolkit.FragmentState
		whole  bool
	}{
		"as it was":        {state(entry), true},
		"gone on since":    {state(later), true},
		"half of it":       {state(half), false},
		"nothing":          {state(), false},
		"no such fragment": {nil, false},
	} {
		if list := unmerged(given, c.states, own); (len(list) == 0) != c.whole {
			t.Errorf("%s: %q", name, list)
		}
	}
}

func TestAStreamOfAnEarlierScenarioMayHaveEndedAtTheSurvivor(t *testing.T) {
	// dc1@x was replicated at 772, then sent to dc2 from 2249 on, while dc1 knew everything up to 2248.
	given := []toolkit.HandedEntry{{Fragment: 0, From: "dc1", FragmentEntry: toolkit.FragmentEntry{DC: "dc1@x", LastSeq: 2248, Count: 2248, Sum: 2527876}}}
	further := toolkit.FragmentEntry{DC: "dc1@x", LastSeq: 2691, Count: 1215, Sum: 1392588}
	behind := toolkit.FragmentEntry{DC: "dc1@x", LastSeq: 772, Count: 772, Sum: 298378}
	earlier := func(string) (string, bool) { return "", false }
	now := func(string) (string, bool) { return "dc1", true }
	for name, c := range map[string]struct {
		held []toolkit.FragmentEntry
		own  func(string) (string, bool)
		want int
	}{
		"of an earlier scenario, further on":   {[]toolkit.FragmentEntry{further}, earlier, 0},
		"of an earlier scenario, behind":       {[]toolkit.FragmentEntry{behind}, earlier, 1},
		"of an earlier scenario, forgotten":    {nil, earlier, 1},
		"of this scenario, further but not it": {[]toolkit.FragmentEntry{further}, now, 1},
	} {
		states := []toolkit.FragmentState{{Channel: 0, Local: "dc2", Entries: c.held}}
		if list := unmerged(given, states, c.own); len(list) != c.want {
			t.Errorf("%s: %q, want %d", name, list, c.want)
		}
	}
}

func TestALoadThatWouldRunTooLongIsRefusedWithBothNumbers(t *testing.T) {
	day := 24*time.Hour + 150*time.Second
	if why := loadTooLong(day, day/60, 10*time.Minute); !strings.Contains(why, "RPO + P_s = 8.655e+04 s (1442 s wall)") || !strings.Contains(why, "CROSSDC_STEP_TIMEOUT allows a step 600 s") {
		t.Errorf("%q", why)
	}
	for _, limit := range []time.Duration{0, time.Hour} {
		if why := loadTooLong(day, day/60, limit); why != "" {
			t.Errorf("a limit of %v refuses: %s", limit, why)
		}
	}
}

func TestALoadThatWasTooLowSaysHowLowAndWhatToDo(t *testing.T) {
	if got := tooLittle(nil); got != "" {
		t.Errorf("enough was served, and it says %q", got)
	}
	got := tooLittle([]string{"load before the fault: of stream dc1 358 events were served in 1.15s, the minimum is 460", "and of dc2"})
	if want := "load before the fault: of stream dc1 358 events were served in 1.15s, the minimum is 460; and of dc2: repeat it while less else is going on, or with a lower CROSSDC_RATE"; got != want {
		t.Errorf("%q", got)
	}
}
