package found

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/declared"
	"github.com/crossdc/failover/toolkit/crossdc/explore"
	"github.com/crossdc/failover/toolkit/crossdc/model"
)

func found(schedule ...model.Action) explore.Found {
	return explore.Found{Quirk: "Q1", Case: explore.Case{Seed: 18446744073709551615, Schedule: schedule}, Finding: explore.Finding{Violation: explore.Violation{Invariant: explore.Contact}}}
}

// What is written is read again by the format's own reader, and claims what the model saw.
func TestAScheduleIsWrittenAsADeclaredScenario(t *testing.T) {
	at := 15 * time.Minute
	for name, x := range map[string]struct {
		schedule []model.Action
		kinds    []string
		checks   []string
	}{
		"partition": {[]model.Action{{At: at, What: model.Refuse, For: 4 * time.Minute}, {At: at, What: model.Refuse, Target: 1, For: 4 * time.Minute}},
			[]string{"partition"}, []string{"declares-down dc1", "declares-down dc2"}},
		"crash": {[]model.Action{{At: at, What: model.Crash, Target: 1}}, []string{"crash"}, []string{"declares-down dc1"}},
		"restart": {[]model.Action{{At: at, What: model.Crash, Target: 1, For: time.Minute}}, []string{"kill-pe"},
			[]string{"never-declares-down dc1", "never-declares-down dc2", "takes-over-nothing dc1", "takes-over-nothing dc2"}},
		"clock": {[]model.Action{{At: at, What: model.Step, For: -2 * time.Minute}}, []string{"clock-step"}, []string{"declares-down dc2"}},
		"short": {[]model.Action{{At: at, What: model.Refuse, Target: 1, For: 20 * time.Second}}, []string{"one-way"}, []string{"nothing-changes"}},
		"two": {[]model.Action{{At: at + 90*time.Second, What: model.Hang, Target: 1, For: 3 * time.Minute}, {At: at, What: model.Drop, For: 4 * time.Minute}},
			[]string{"drop", "hang"}, []string{"declares-down dc1"}},
	} {
		content, extension, err := File("found-1", found(x.schedule...))
		if err != nil || extension != ".yaml" {
			t.Errorf("%s: %s %v", name, extension, err)
			continue
		}
		s, err := declared.Parse("found-1.yaml", content)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, content)
			continue
		}
		var kinds []string
		for _, f := range s.Faults {
			kinds = append(kinds, f.Kind)
		}
		if strings.Join(kinds, ",") != strings.Join(x.kinds, ",") || strings.Join(s.Checks, ",") != strings.Join(x.checks, ",") {
			t.Errorf("%s: %v %v, want %v %v\n%s", name, kinds, s.Checks, x.kinds, x.checks, content)
		}
		if name == "two" && s.Faults[1].After.Time != 90*time.Second {
			t.Errorf("the second fault comes after %s", s.Faults[1].After)
		}
		if !strings.Contains(string(content), "seed-18446744073709551615") {
			t.Errorf("no seed in\n%s", content)
		}
	}
}

// What the format has no words for is written as JSON.
func TestTheRestIsJSON(t *testing.T) {
	for _, a := range []model.Action{
		{At: time.Hour, What: model.Step, For: time.Minute}, {At: time.Hour, What: model.Refuse, Ports: model.HeartbeatPort, For: time.Minute}, {At: time.Hour, What: model.FullDisk, For: time.Minute},
	} {
		path, err := Write(filepath.Join(t.TempDir(), "new"), "found-2", found(a))
		if err != nil || filepath.Ext(path) != ".json" {
			t.Errorf("%s: %s %v", a, path, err)
		}
	}
	content, _, err := File("found-3", found())
	if err != nil || !json.Valid(content) {
		t.Errorf("%s %v", content, err)
	}
}

// Whatever is drawn can be written down.
func TestEveryCaseIsWritten(t *testing.T) {
	yaml := 0
	for n := range uint64(150) {
		_, extension, err := File("found-4", explore.Found{Case: explore.Draw(4, n)})
		if err != nil {
			t.Fatalf("case %d: %v", n, err)
		}
		if extension == ".yaml" {
			yaml++
		}
	}
	if yaml < 10 {
		t.Errorf("%d of 150 cases have words", yaml)
	}
}

// Where the outcome hangs on the phase the odds say so, and where it does not they are one.
func TestOddsAreThoseOfThePhase(t *testing.T) {
	at := 15 * time.Minute
	for name, x := range map[string]struct {
		schedule  []model.Action
		low, high float64
	}{
		"crash":   {[]model.Action{{At: at, What: model.Crash, Target: 1}}, 1, 1},
		"between": {[]model.Action{{At: at, What: model.Refuse, Target: 1, For: 105 * time.Second}}, 0.2, 0.8}, // 3.5 I: three or four heartbeats are missed
	} {
		odds, err := Odds(explore.Case{Seed: 3, Schedule: x.schedule}, 60)
		if err != nil || odds < x.low || odds > x.high {
			t.Errorf("%s: %g %v, want %g to %g", name, odds, err, x.low, x.high)
		}
	}
}
