package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/crossdc/advise"
)

func TestAProfileChangesWhatItNames(t *testing.T) {
	p, err := parseProfile([]byte("rtt: 80ms\nloss: 0.001\noutages:\n  - {length: 2m, per_year: 3, refused: true}\nboot: 90s\n"))
	if err != nil {
		t.Fatal(err)
	}
	typical := advise.Typical()
	if p.RTT != 80*time.Millisecond || p.Loss != 0.001 || p.Boot != 90*time.Second || p.Restarts != typical.Restarts {
		t.Errorf("%+v", p)
	}
	if len(p.Outages) != 1 || p.Outages[0] != (advise.Outage{Length: 2 * time.Minute, PerYear: 3, Refused: true}) {
		t.Errorf("%+v", p.Outages)
	}
}

func TestBadProfilesAreRefusedWithTheirLine(t *testing.T) {
	for text, want := range map[string]string{
		"rtt: 80ms\nrt: 3": "line 2",
		"rtt: 80":          "with its unit",
		"outages:\n  - {lenght: 3m, per_year: 1}": "line 2",
		"rtt: 1ms\n---\nrtt: 2ms":                 "more than one",
		"loss: much":                              "line 1",
		"- 3":                                     "line 1",
		"rtt: 1ms\nrtt: 2ms":                      "line 2",
		"rtt: 1ms\njitter: -1ms":                  "line 2: jitter = -1ms: give 0 to 1m",
		"loss: .nan":                              "line 1: loss = NaN: give a share",
		"outages:\n  - length: 3m\n    per_year: -1":             "line 3: outages[0].per_year = -1",
		"outages:\n  - {length: 3m}\n  - {per_year: 1}":          "line 3: outages[1].length = 0s: give more than 0",
		"boot: 45s\n\n\nreaction: 9000h\nrestarts_per_year: 1e9": "line 4: reaction",
		"loss: 3m": "loss (a share such as 0.001)",
	} {
		if _, err := parseProfile([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q in it", text, err, want)
		}
	}
	if _, err := readProfile(filepath.Join(t.TempDir(), "none.yaml")); err == nil {
		t.Error("a profile that does not exist was read")
	}
}

func FuzzProfile(f *testing.F) {
	f.Add([]byte("rtt: 80ms\noutages: [{length: 2m, per_year: 3}]"))
	f.Add([]byte("*a"))
	f.Add([]byte("loss: -1\noutages: [{}, {length: -3m, per_year: .inf}]\nboot: 99h"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := parseProfile(raw)
		switch problems := p.Problems(); {
		case err == nil && len(problems) > 0:
			t.Errorf("nothing can be drawn from it, and it was read: %v", problems)
		case err != nil && strings.Contains(err.Error(), "line 0"):
			t.Errorf("a problem has no line: %v", err)
		}
	})
}

// A configuration file of the toolkit is read as the toolkit reads it, and one that is not there is said.
func TestAToolkitFileIsRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "crossdc-config.txt")
	if err := os.WriteFile(name, []byte("heartbeatExchangeInterval=10.0\nconsecutiveHeartbeatMissesAllowed=3\ndataSnapshotExchangeInterval=60.0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, notes, err := toolkitFile(name)
	if err != nil || len(notes) != 0 || c.HeartbeatInterval != 10 || c.MissesAllowed != 3 || c.SnapshotInterval != 60 {
		t.Errorf("%+v %v", c, err)
	}
	if _, _, err := toolkitFile(name + ".none"); err == nil {
		t.Error("a file that does not exist was read")
	}
}

// Lines that the toolkit ignores are told, and a value at which it would not start is an error with its line and what is allowed.
func TestAToolkitFileWithTrapsIsTold(t *testing.T) {
	name := filepath.Join(t.TempDir(), "crossdc-config.txt")
	write := func(text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("heartbeatExchangeInterval=30.0\nhttpReadTimeout=\ndataSnapshotExchangeInterval=180.0\n")
	c, notes, err := toolkitFile(name)
	if err != nil || c.HTTPReadTimeout != crossdc.CodeDefaults().HTTPReadTimeout || len(notes) != 1 || !strings.Contains(notes[0], "line 2, httpReadTimeout: there is no value") {
		t.Errorf("%+v %q %v", c, notes, err)
	}
	write("# ours\nheartbeatExchangeInterval=30.0\nconsecutiveHeartbeatMissesAllowed=4.0\n")
	if _, _, err := toolkitFile(name); err == nil || !strings.Contains(err.Error(), "line 3 to uint8") || !strings.Contains(err.Error(), "from 0 to 255") {
		t.Errorf("%v", err)
	}
}

func FuzzToolkitFile(f *testing.F) {
	f.Add("heartbeatExchangeInterval=30.0\n")
	f.Add("dataSnapshotJdbcPassword=hunter2=\r\n\uFEFFhttpReadTimeout=\n")
	name := filepath.Join(f.TempDir(), "crossdc-config.txt")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, notes, err := toolkitFile(name)
		for _, note := range notes {
			if strings.ContainsAny(note, "\n\x00") {
				t.Errorf("a note is more than a line: %q", note)
			}
		}
		if err != nil && !strings.Contains(err.Error(), "line ") && len(text) <= maxInput {
			t.Errorf("no line: %v", err)
		}
	})
}

func TestTheTextNamesEveryPart(t *testing.T) {
	a, err := advise.Advise(t.Context(), advise.Input{Config: must(t), RTO: 3 * time.Minute, RPO: 3 * time.Minute, Profile: advise.Typical(), Samples: 5, Seed: 1, Intervals: []float64{15, 30}, Misses: []uint8{4, 5}})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := show(&out, a); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"I = 30 s, N = 4", "DOWN after 90 to 150 s", "P99", "RTO of 180 s", "silent for good", "In a year", "I \\ N", "keep the objectives", "Not in these numbers"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, &out)
		}
	}
}

// The page holds what the terminal does, and marks what keeps the RTO.
func TestThePageNamesEveryPart(t *testing.T) {
	a, err := advise.Advise(t.Context(), advise.Input{Config: must(t), RTO: 3 * time.Minute, RPO: 3 * time.Minute, Profile: advise.Typical(), Samples: 5, Seed: 1, Intervals: []float64{15, 60}, Misses: []uint8{4, 5}})
	if err != nil {
		t.Fatal(err)
	}
	a.Traps = append(a.Traps, "<C99>")
	name := filepath.Join(t.TempDir(), "advice.html")
	if err := writePage(name, a); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"I = 30 s, N = 4", "after 90 to 150 s", "P99", "RTO of 180 s", "&lt;C99&gt;", `class="heat keeps"`, `class="heat"`, "--heat:1.00", "the quietest first"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(string(page), "ZgotmplZ") {
		t.Error("a value was refused by the template")
	}
	if err := writePage(filepath.Join(name, "below"), a); err == nil {
		t.Error("a page below a file was written")
	}
}

func must(t *testing.T) (c crossdc.Config) {
	t.Helper()
	c = crossdc.Shipped()
	c.StorageDirectory = "/replicas"
	return c
}

// What no setting tells is no trap of the settings, and both sources at once are refused.
func TestSettingsAloneAreNoTrap(t *testing.T) {
	in, err := input(t.Context(), "", "", "")
	if err != nil {
		t.Fatal(err)
	}
	if found := crossdc.Validate(&in.Config, nil); len(found) != 0 {
		t.Errorf("the default settings are a trap: %v", found)
	}
	if _, err := input(t.Context(), "", "a.txt", "dc1"); err == nil || !strings.Contains(err.Error(), "give one of them") {
		t.Error(err)
	}
	if _, err := input(t.Context(), "", "", "dc1"); err == nil || !strings.Contains(err.Error(), "CROSSDC_ENVIRONMENT=remote") {
		t.Errorf("an emulated pair is no live instance: %v", err)
	}
	if _, err := input(t.Context(), "", "", "dc3"); err == nil || !strings.Contains(err.Error(), "-live dc3: give dc1 or dc2") {
		t.Error(err)
	}
}
