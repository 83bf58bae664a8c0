package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/toolkit/crossdc/advise"
)

func crashed(from, to, lost float64) trial {
	return trial{Scenario: crash, Outcome: string(model.Passed), Detection: &[2]float64{from, to}, Loss: &[2]float64{lost, lost + 1}}
}

func said() advise.Advice {
	quantile := []advise.Quantile{{P: 0.5, Seconds: 120, Low: 118, High: 122}, {P: 0.9, Seconds: 140, Low: 138, High: 142}}
	return advise.Advice{Crash: advise.Crash{Detection: quantile, Loss: quantile},
		Outages: []advise.OutageCost{{Failover: advise.ShareOf(0, 2000)}, {Failover: advise.ShareOf(2000, 2000), Silence: advise.ShareOf(2000, 2000)}}}
}

// What agrees overlaps, what does not is told, and a trial that says nothing counts on neither side.
func TestTrialsAreHeldAgainstAdvice(t *testing.T) {
	good := []trial{crashed(95, 96, 110), crashed(119, 121, 130), crashed(147, 149, 200), crashed(100, 101, 110), crashed(110, 111, 119), crashed(130, 131, 140), {Scenario: crash, Outcome: string(model.NotTested)},
		{Scenario: shortPartition, Outcome: string(model.Passed)}, {Scenario: shortPartition, Outcome: string(model.OutcomeInconclusive)},
		{Scenario: longPartition, Outcome: string(model.HazardReproduced), Detection: &[2]float64{100, 101}, Silent: true}}
	for name, x := range map[string]struct {
		trials []trial
		apart  []string
	}{
		"as advised":            {good, nil},
		"late":                  {append(repeated(6, crashed(200, 201, 119)), good[6:]...), []string{"detection, P50"}},
		"for nothing":           {append(repeated(20, trial{Scenario: shortPartition, Outcome: string(model.Failed)}), good...), []string{"fails over for nothing"}},
		"never silent":          {append(repeated(20, trial{Scenario: longPartition, Outcome: string(model.Passed), Detection: &[2]float64{1, 2}}), good[:9]...), []string{"silent for good (Q1)"}},
		"nothing was measured":  {good[6:7], []string{"detection, P50", "traffic lost, P50", "fails over for nothing", "fails over for nothing", "silent for good (Q1)"}},
		"too few":               {good[1:], []string{"detection, P50", "traffic lost, P50"}},
		"a crash without a sum": {append([]trial{{Scenario: crash, Outcome: string(model.Passed)}}, good...), nil},
	} {
		r := result{Name: "shipped", Trials: x.trials}
		r.hold(said())
		var apart []string
		for _, one := range r.Rows {
			if !one.Overlap {
				apart = append(apart, one.What)
			}
		}
		if !slices.Equal(apart, x.apart) {
			t.Errorf("%s: %q are apart, want %q: %v", name, apart, x.apart, r.Rows)
		}
		if few := r.Rows[0].TooFew; few != (name == "too few" || name == "nothing was measured") {
			t.Errorf("%s: too few trials: %t", name, few)
		}
		if name == "as advised" && (len(r.Rows) != 5 || r.Rows[0].Trials != 6 || r.Rows[0].LeftOut != 1 || r.Rows[0].Measured != [2]float64{95, 149}) {
			t.Errorf("%+v", r.Rows)
		}
	}
}

func repeated(n int, t trial) []trial { return slices.Repeat([]trial{t}, n) }

// What is written is read again, and the page has every row.
func TestTheRecordIsKept(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new")
	if known, err := read(folder); err != nil || known != nil {
		t.Errorf("%v %v", known, err)
	}
	r := result{Name: "shipped", Timing: "I = 30s", Commit: "abc", Trials: []trial{crashed(95, 96, 110)}}
	r.hold(said())
	if err := write(folder, []result{r}); err != nil {
		t.Fatal(err)
	}
	known, err := read(folder)
	if err != nil || len(known) != 1 || len(known[0].Rows) != 5 || *known[0].Trials[0].Detection != [2]float64{95, 96} {
		t.Errorf("%+v %v", known, err)
	}
	raw, err := os.ReadFile(filepath.Join(folder, "README.md"))
	if err != nil || !strings.Contains(string(raw), "| shipped | S03 | traffic lost, P50 | 118 to 122 s | 110 to 111 s | 1 (0) | too few trials |") || !strings.Contains(string(raw), "0 of 5 intervals overlap") {
		t.Errorf("%s %v", raw, err)
	}
}

// Every configuration can be run, and stands for other settings than the one before.
func TestConfigurationsAreValid(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range configurations() {
		settings, err := with(c)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		key := settings.Toolkit.HeartbeatInterval.String() + settings.Toolkit.SnapshotInterval.String()
		if seen[key] {
			t.Errorf("%s is another configuration", c.name)
		}
		seen[key] = true
	}
	if _, err := selected([]string{"fast"}); err == nil || !strings.Contains(err.Error(), "few misses") {
		t.Error(err)
	}
}
