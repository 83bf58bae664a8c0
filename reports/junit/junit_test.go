package junit

import (
	"bytes"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/model"
)

var update = flag.Bool("update", false, "write the golden files anew")

type xmlProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type xmlProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type xmlCase struct {
	Name       string        `xml:"name,attr"`
	Class      string        `xml:"classname,attr"`
	Time       float64       `xml:"time,attr"`
	Properties []xmlProperty `xml:"properties>property"`
	Failure    *xmlProblem   `xml:"failure"`
	Error      *xmlProblem   `xml:"error"`
	Skipped    *xmlProblem   `xml:"skipped"`
	Output     string        `xml:"system-out"`
}

func (c xmlCase) property(name string) string {
	for _, p := range c.Properties {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

type xmlFile struct {
	Tests, Failures, Errors int
	Suites                  []struct {
		Name       string        `xml:"name,attr"`
		Tests      int           `xml:"tests,attr"`
		Failures   int           `xml:"failures,attr"`
		Errors     int           `xml:"errors,attr"`
		Skipped    int           `xml:"skipped,attr"`
		Timestamp  string        `xml:"timestamp,attr"`
		Hostname   string        `xml:"hostname,attr"`
		Properties []xmlProperty `xml:"properties>property"`
		Cases      []xmlCase     `xml:"testcase"`
	} `xml:"testsuite"`
}

func write(t testing.TB, run model.Run, options Options) (string, xmlFile) {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, run, options); err != nil {
		t.Fatal(err)
	}
	var file xmlFile
	decoder := xml.NewDecoder(bytes.NewReader(b.Bytes()))
	decoder.Strict = true
	if err := decoder.Decode(&file); err != nil {
		t.Fatalf("not valid XML: %v\n%s", err, b.String())
	}
	return b.String(), file
}

func cases(file xmlFile) map[string]xmlCase {
	out := map[string]xmlCase{}
	for _, s := range file.Suites {
		for _, c := range s.Cases {
			out[c.Class+" "+c.Name] = c
		}
	}
	return out
}

func TestGolden(t *testing.T) {
	run := sample.Rich()
	run.Scenarios = run.Scenarios[1:4]
	for i := range run.Scenarios {
		run.Scenarios[i].Steps = run.Scenarios[i].Steps[:2]
	}
	got, _ := write(t, run, Options{Hostname: "ci-7"})
	golden := filepath.Join("testdata", "junit.golden.xml")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s; look at it and run the test with -update if the new one is right:\n%s", golden, got)
	}
}

func TestEveryOutcomeComesOutRight(t *testing.T) {
	_, file := write(t, sample.Rich(), Options{})
	all := cases(file)
	for _, want := range []struct{ name, element, kind string }{
		{"failover.outage control Nothing happens: sees no failover where none is", "", ""},
		{"failover.outage S03 A data center crashes: is declared DOWN by the survivor within the RTO", "", ""},
		{"failover.outage S03 A data center crashes: leaves nothing behind", "", ""},
		{"failover.outage S08 A job is cancelled without orderly shutdown: is declared DOWN by the survivor within the RTO", "failure", "failed"},
		{"failover.partition S16 The link is cut for longer than the detection time: comes home", "", ""},
		{"failover.outage S07 An instance is stopped without orderly shutdown: is declared DOWN by the survivor within the RTO", "error", "inconclusive"},
		{"failover.partition S22 The link loses 5 % of its packets: stays up", "skipped", ""},
		{"failover.outage S33 The disk is full at a takeover: verdict", "skipped", ""},
		{"failover.partition S24 The link flaps: counts every DOWN and UP", "error", "panicked"},
		{"failover.partition S24 The link flaps: leaves nothing behind", "failure", "failed"},
		{"failover.planned S11 A data center is shut down in order: hands over nothing", "error", "timed out"},
		{"failover.planned S11 A data center is shut down in order: comes home", "skipped", ""},
		{"failover.planned S12 An active data center is shut down in order: launches nothing", "error", "interrupted"},
		{"failover.planned S12 An active data center is shut down in order: leaves nothing behind", "error", "unfinished"},
	} {
		c, ok := all[want.name]
		if !ok {
			t.Errorf("no test case %q", want.name)
			continue
		}
		element, problem := "", (*xmlProblem)(nil)
		switch {
		case c.Failure != nil:
			element, problem = "failure", c.Failure
		case c.Error != nil:
			element, problem = "error", c.Error
		case c.Skipped != nil:
			element, problem = "skipped", c.Skipped
		}
		if element != want.element || (problem != nil && problem.Type != want.kind) {
			t.Errorf("%s: <%s type=%q>, want <%s type=%q>", want.name, element, problem.Type, want.element, want.kind)
		}
		if problem != nil && problem.Message == "" {
			t.Errorf("%s: no message", want.name)
		}
	}
	hazard := all["failover.partition S16 The link is cut for longer than the detection time: comes home"]
	if hazard.property("hazards") != "Q1,Q2" || !strings.Contains(hazard.Output, "known hazard Q1 reproduced") {
		t.Errorf("hazard: property %q, output %q", hazard.property("hazards"), hazard.Output)
	}
	if !strings.Contains(hazard.Output, "\n[[ATTACHMENT|attachments/S03/dc2-pe31.log]]") {
		t.Errorf("no attachment line: %q", hazard.Output)
	}
	missed := all["failover.outage S08 A job is cancelled without orderly shutdown: is declared DOWN by the survivor within the RTO"]
	for name, want := range map[string]string{"verdict": "failed", "detection.earliest_s": "131.2", "detection.latest_s": "133.9", "detection.verdict": "missed",
		"objective.rto_s": "120", "loss.latest_events": "104", "fault": "crash dc1", "seed": "4713", "speedup": "60", "environment": "embedded",
		"indicators": "dc2 status stream, dc2 operator metrics, dc1 job health", "accuracy_class": "1 % of the objective", "cleanup": "passed", "run": "20261122-195820-7f3a"} {
		if got := missed.property(name); got != want {
			t.Errorf("property %s = %q, want %q", name, got, want)
		}
	}
}

func TestCountsAndSchemaAttributes(t *testing.T) {
	_, file := write(t, sample.Rich(), Options{})
	if len(file.Suites) != 3 {
		t.Fatalf("%d testsuites, want one per family", len(file.Suites))
	}
	for _, s := range file.Suites {
		failures, errored, skipped := 0, 0, 0
		for _, c := range s.Cases {
			if c.Failure != nil {
				failures++
			}
			if c.Error != nil {
				errored++
			}
			if c.Skipped != nil {
				skipped++
			}
		}
		if len(s.Cases) != s.Tests || failures != s.Failures || errored != s.Errors || skipped != s.Skipped {
			t.Errorf("%s: counts do not add up", s.Name)
		}
		if _, err := time.Parse("2006-01-02T15:04:05", s.Timestamp); err != nil || s.Hostname != "localhost" {
			t.Errorf("%s: timestamp %q, hostname %q", s.Name, s.Timestamp, s.Hostname)
		}
	}
}

func TestAVerdictThatNoStepCarriesHasItsOwnTestCase(t *testing.T) {
	run := sample.Rich()
	s := run.Scenarios[1]
	s.Outcome, s.Reasons = model.OutcomeInconclusive, []string{"the load was below the minimum"}
	run.Scenarios = []model.Scenario{s}
	_, file := write(t, run, Options{})
	c, ok := cases(file)["failover.outage S03 A data center crashes: verdict"]
	if !ok || c.Error == nil || c.Error.Message != "the load was below the minimum" {
		t.Errorf("verdict: %+v", c)
	}
}

func TestPartialAndEmptyRunsAreValid(t *testing.T) {
	run := sample.Rich()
	run.Finished = time.Time{}
	run.Scenarios = []model.Scenario{{ID: "S03", Name: "A data center crashes", Family: "outage", Steps: []model.Step{{Name: "is declared DOWN"}}}}
	_, file := write(t, run, Options{})
	c := cases(file)["failover.outage S03 A data center crashes: is declared DOWN"]
	if c.Error == nil || c.Error.Type != "unfinished" {
		t.Errorf("an unfinished step: %+v", c)
	}
	if p := (xmlCase{Properties: file.Suites[0].Properties}).property("partial"); p != "true" {
		t.Errorf("partial = %q", p)
	}
	if _, file = write(t, model.Run{}, Options{}); len(file.Suites) != 0 {
		t.Errorf("an empty run has %d suites", len(file.Suites))
	}
}

func TestNamesAreUnique(t *testing.T) {
	run := sample.Rich()
	run.Scenarios = append(run.Scenarios[1:2:2], run.Scenarios[1], run.Scenarios[1])
	_, file := write(t, run, Options{})
	if got, want := len(cases(file)), file.Suites[0].Tests; got != want {
		t.Errorf("%d names for %d test cases", got, want)
	}
	if _, ok := cases(file)["failover.outage S03 A data center crashes: comes home (3)"]; !ok {
		t.Error("no (3)")
	}
}

func TestHostileTextIsHarmless(t *testing.T) {
	run := sample.Rich()
	secret := "hunter2hunter2"
	s := model.Scenario{ID: "S99", Name: "evil ]]> <x> & \x00\xff \"quoted\"", Family: "out\nage", Outcome: model.Failed,
		Reasons: []string{"\x1b[31m" + secret}, Attachments: []string{"/etc/passwd", "../../secret", "ok/file.txt", "a]]b"},
		Steps: []model.Step{{Name: "prints\n" + secret, Outcome: model.Failed, Failure: strings.Repeat("x", 1<<20), Output: "[[ATTACHMENT|/etc/shadow]]\n" + strings.Repeat("y", 1<<20) + secret}}}
	run.Scenarios = []model.Scenario{s}
	text, file := write(t, run, Options{Redact: func(s string) string { return strings.ReplaceAll(s, secret, "***") }})
	if strings.Contains(text, secret) {
		t.Error("the secret is in the file")
	}
	if strings.Contains(text, "[[ATTACHMENT|/") || strings.Contains(text, "[[ATTACHMENT|..") || !strings.Contains(text, "[[ATTACHMENT|ok/file.txt]]") {
		t.Error("attachments outside the report folder")
	}
	if len(text) > 200<<10 {
		t.Errorf("%d bytes", len(text))
	}
	if file.Suites[0].Cases[0].Name != `S99 evil ]]> <x> & \x00\xff "quoted": prints ***` {
		t.Errorf("name %q", file.Suites[0].Cases[0].Name)
	}
}

func FuzzWrite(f *testing.F) {
	f.Add("S03", "crash\x00", "out]]>put", "a/b", 1.5)
	f.Add("\xff", "<&\"'>", "[[ATTACHMENT|x]]", "../x", -1.0)
	f.Fuzz(func(t *testing.T, id, name, output, attachment string, number float64) {
		run := sample.Rich()
		run.Notes = []string{output}
		run.Scenarios = []model.Scenario{{ID: id, Name: name, Family: id, Outcome: model.Outcome(name), Reasons: []string{output}, Labels: []string{output},
			Attachments: []string{attachment}, Measures: model.Measures{Detection: &model.Measure{EarliestSeconds: number}},
			Steps: []model.Step{{Name: name, Outcome: model.Failed, Failure: output, Output: output, Location: attachment, Seconds: number}}}}
		text, _ := write(t, run, Options{})
		if strings.Contains(text, "�") {
			t.Fatalf("a character had to be replaced: %q", text)
		}
	})
}

// BenchmarkTenThousand makes the report of 10,000 test cases; the time and memory it may take are in reports/README.md.
func BenchmarkTenThousand(b *testing.B) {
	run := sample.Many(2000, 5)
	b.ReportAllocs()
	for b.Loop() {
		if err := Write(io.Discard, run, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestTenThousandTestCasesStayBelowGitLabsLimit(t *testing.T) {
	run := sample.Many(2000, 5)
	for i := range run.Scenarios {
		for j := range run.Scenarios[i].Steps {
			run.Scenarios[i].Steps[j].Output = strings.Repeat("a line of output\n", 1000)
		}
	}
	var size counter
	if err := Write(&size, run, Options{}); err != nil {
		t.Fatal(err)
	}
	if size < 1<<20 || size > 30<<20 {
		t.Errorf("%d bytes", size)
	}
}

type counter int

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
