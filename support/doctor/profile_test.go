package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/distance"
)

func way(tried, repeated int, round ...time.Duration) distance.Way {
	return distance.Way{Tried: tried, Repeated: repeated, RTT: round}
}

const ms = time.Millisecond

// Ways from here follow each other; those of the link itself count as one.
func TestDistancesMakeALink(t *testing.T) {
	ours := linkOf([]environment.Distance{{Way: way(3, 0, 10*ms, 12*ms, 14*ms)}, {Way: way(3, 0, 70*ms, 71*ms, 76*ms)}})
	if ours.between || ours.rtt != 80*ms || ours.jitter < 6*ms || ours.jitter > 7*ms || ours.loss != 0 || ours.mostLoss < 0.2 {
		t.Errorf("%+v", ours)
	}
	theirs := linkOf([]environment.Distance{{Between: true, Way: way(100, 19, 80*ms, 90*ms)}, {Between: true, Way: way(100, 19, 82*ms, 92*ms)}})
	if !theirs.between || theirs.rtt != 81*ms || theirs.loss < 0.09 || theirs.loss > 0.1 || theirs.mostLoss < theirs.loss {
		t.Errorf("%+v", theirs)
	}
}

// Where hosts ask for us, nobody sees which packets were sent again: a profile then says nothing of losses, least of all that there are none.
func TestALossThatNobodyLookedForIsNotMeasured(t *testing.T) {
	blind := way(100, 0, 80*ms)
	blind.Blind = true
	if share, most := blind.Loss(); share != 0 || most != 1 {
		t.Errorf("a loss of %v, at most %v", share, most)
	}
	text := profile([]environment.Distance{{Where: "from dc1 to dc2", Between: true, Way: blind}}, time.Unix(0, 0))
	if strings.Contains(text, "\nloss:") || !strings.Contains(text, "\n# loss: 0             # not measured") || strings.Contains(text, "0 with a packet that was lost") {
		t.Error(text)
	}
	if text := profile([]environment.Distance{{Way: way(100, 0, 80*ms)}}, time.Unix(0, 0)); !strings.Contains(text, "\nloss: 0 # with 95 % confidence at most 0.0") {
		t.Error(text)
	}
}

// A file that is there is never overwritten, whether it is known before or comes to be meanwhile.
func TestAProfileIsNeverOverwritten(t *testing.T) {
	name := filepath.Join(t.TempDir(), "network.yaml")
	distances := []environment.Distance{{Where: "from here to dc1", Way: way(1, 0, ms)}}
	if err := vacant(name); err != nil {
		t.Fatal(err)
	}
	if err := writeProfile(name, distances, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(name)
	if err != nil || !strings.Contains(string(before), "\nrtt: 1ms\n") || !strings.Contains(string(before), "1970-01-01 00:00 UTC") {
		t.Errorf("%s %v", before, err)
	}
	if err := vacant(name); err == nil || !strings.Contains(err.Error(), "not overwritten") {
		t.Error(err)
	}
	if err := writeProfile(name, distances, time.Unix(1, 0)); err == nil {
		t.Error("it was written over")
	}
	if after, _ := os.ReadFile(name); string(after) != string(before) {
		t.Errorf("it changed to %s", after)
	}
	code, out, complaints := doctor(t, nil, "-profile", name)
	if code != 2 || out != "" || !strings.Contains(complaints, name+" exists") {
		t.Errorf("%d %q %q", code, out, complaints)
	}
}
