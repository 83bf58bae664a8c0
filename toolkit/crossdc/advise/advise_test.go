package advise

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
)

func shipped() Input {
	c := crossdc.Shipped()
	c.StorageDirectory = "/replicas"
	return Input{Config: c, RTO: 180 * time.Second, RPO: 180 * time.Second, Profile: Typical(), Samples: 60, Seed: 1, Intervals: []float64{10, 30}, Misses: []uint8{3, 4}}
}

// The shipped configuration's numbers must lie inside the closed forms (toolkit contract 6.1, 6.4, 6.6).
func TestAdviceAgreesWithTheClosedForms(t *testing.T) {
	in := shipped()
	in.Samples = 600
	in.Profile.Outages = []Outage{
		{Length: 80 * time.Second, PerYear: 1, Refused: true},
		{Length: 160 * time.Second, PerYear: 1, Refused: true},
	}
	a, err := Advise(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range a.Crash.Detection {
		if q.Seconds < a.Timing.Earliest || q.Seconds > a.Timing.Detection+0.1 {
			t.Errorf("detection P%.0f = %.1f s, outside of %.0f to %.0f s", q.P*100, q.Seconds, a.Timing.Earliest, a.Timing.Detection)
		}
	}
	if median := a.Crash.Detection[0]; median.Low > 120 || median.High < 120 {
		t.Errorf("median detection %.1f [%.1f, %.1f] s, closed form 120 s", median.Seconds, median.Low, median.High)
	}
	for _, q := range a.Crash.Loss {
		if q.Seconds < 0 || q.Seconds > a.Timing.Period+1 {
			t.Errorf("loss P%.0f = %.1f s, at most P_s = %.0f s", q.P*100, q.Seconds, a.Timing.Period)
		}
	}
	if median := a.Crash.Loss[0]; median.Low > 78 || median.High < 72 {
		t.Errorf("median loss %.1f [%.1f, %.1f] s, closed form 75 s", median.Seconds, median.Low, median.High)
	}
	if short := a.Outages[0]; short.Failover.Value != 0 || short.Silence.Value != 0 {
		t.Errorf("80 s are certainly harmless: %+v", short)
	}
	if long := a.Outages[1]; long.Failover.Value != 1 || long.Silence.Value != 1 {
		t.Errorf("160 s of refusal certainly end in silence: %+v", long)
	}
	if a.Restart.Silent.Value != 1 {
		t.Errorf("a boot of 45 s is never noticed and loses the state: %+v", a.Restart)
	}
	if a.Crash.RTOMet.Value != 1 || a.Crash.RPOMet.Value != 1 {
		t.Errorf("objectives of 180 s hold always: %+v %+v", a.Crash.RTOMet, a.Crash.RPOMet)
	}
}

func TestTheSameInputGivesTheSameAdvice(t *testing.T) {
	in := shipped()
	in.Samples = 20
	first, err := Advise(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Advise(t.Context(), in)
	if err != nil || !reflect.DeepEqual(first, again) {
		t.Errorf("differs: %v\n%+v\n%+v", err, first, again)
	}
}

// What is proposed keeps the objectives, and none of it beats another one in everything.
func TestWhatIsProposedKeepsTheObjectives(t *testing.T) {
	in := shipped()
	in.RTO, in.RPO, in.Samples = 60*time.Second, 30*time.Second, 10
	in.Intervals, in.Misses = []float64{5, 10, 20}, []uint8{2, 4}
	a, err := Advise(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Better) == 0 {
		t.Fatal("an RTO of 60 s can be kept, and nothing is proposed")
	}
	for i, o := range a.Better {
		if o.Detection > 60 || o.Period > 30 || o.Trade == "" {
			t.Errorf("%+v does not keep RTO 60 s and RPO 30 s", o)
		}
		c := in.Config
		c.HeartbeatInterval, c.MissesAllowed, c.SnapshotInterval = o.Interval, uint8(o.Misses), o.Snapshot
		if err := c.Timing().Feasible(in.RTO, in.RPO); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
		if i > 0 && o.Detection >= a.Better[i-1].Detection && o.BootDelay == 0 {
			t.Errorf("%+v is beaten by %+v", o, a.Better[i-1])
		}
	}
}

// A boot that is held back until it is certainly noticed loses no state silently, and makes every restart a failover.
func TestTheBootDelayIsAnAxisOfItsOwn(t *testing.T) {
	in := shipped()
	in.Samples, in.Intervals, in.Misses = 10, []float64{30}, []uint8{4}
	a, err := Advise(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Better) != 2 {
		t.Fatalf("one configuration, as it is and held back: %+v", a.Better)
	}
	asIs, held := a.Better[0], a.Better[1]
	if asIs.BootDelay != 0 || asIs.SilentLosses.Value != in.Profile.Restarts || asIs.Failovers.Value != 0 || !strings.Contains(asIs.Trade, "12 restarts a year lose state silently") {
		t.Errorf("a boot of 45 s is never noticed: %+v", asIs)
	}
	if want := a.Timing.Visible - in.Profile.Boot.Seconds(); held.BootDelay != want || held.SilentLosses.Value != 0 || held.Failovers.Value != in.Profile.Restarts ||
		!strings.Contains(held.Trade, "12 restarts a year end in a failover instead") {
		t.Errorf("held back for %g s: %+v", want, held)
	}
	in.Profile.Boot = time.Hour
	if a, err = Advise(t.Context(), in); err != nil || len(a.Better) != 1 || a.Better[0].BootDelay != 0 || a.Better[0].SilentLosses.Value != 0 {
		t.Errorf("a boot of an hour needs no delay: %+v, %v", a.Better, err)
	}
}

func TestWhatCannotBeAdvisedOnIsNamed(t *testing.T) {
	for want, broken := range map[string]func(*Input){
		"heartbeatExchangeInterval": func(in *Input) { in.Config.HeartbeatInterval = 0 },
		"dataSnapshotExchange":      func(in *Input) { in.Config.SnapshotInterval = 0.5 },
		"outages[0].length":         func(in *Input) { in.Profile.Outages[0].Length = 0 },
		"per_year":                  func(in *Input) { in.Profile.Outages[1].PerYear = -1 },
		"loss":                      func(in *Input) { in.Profile.Loss = 1.5 },
		"rtt":                       func(in *Input) { in.Profile.RTT = time.Hour },
		"boot":                      func(in *Input) { in.Profile.Boot = -1 },
		"samples":                   func(in *Input) { in.Samples = -1 },
		"objectives":                func(in *Input) { in.RTO = -1 },
	} {
		in := shipped()
		broken(&in)
		if _, err := Advise(t.Context(), in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
