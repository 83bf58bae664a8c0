package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/gate/decision"
	"github.com/crossdc/failover/reports/gate/evidence"
	"github.com/crossdc/failover/reports/gate/policy"
	"github.com/crossdc/failover/reports/internal/sample"
)

// FuzzJUnit expects no panic, and never a go without the test cases that the policy requires.
func FuzzJUnit(f *testing.F) {
	fine := asXML(f, good())
	f.Add([]byte(fine))
	f.Add([]byte(ginkgo))
	f.Add([]byte("<testsuites><testsuite><testcase/></testsuite></testsuites>"))
	f.Add([]byte("<testsuite tests='x'><testcase name='S03'><failure/></testcase></testsuite>"))
	p, err := policy.Parse("policy.yaml", []byte(goodPolicy))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := evidence.Read("fuzz.xml", bytes.NewReader(data))
		if err != nil {
			return
		}
		d := decision.Decide(decision.Input{Policy: p, Files: []evidence.File{file}, Now: sample.Started.Add(time.Hour)})
		if d.Decision == "go" && (!bytes.Contains(data, []byte("S03")) || !bytes.Contains(data, []byte("S16")) || !bytes.Contains(data, []byte("control"))) {
			t.Fatalf("go without evidence: %q", data)
		}
		if (d.Decision == "go") != (len(d.Reasons) == 0) {
			t.Fatalf("%s with %d reasons", d.Decision, len(d.Reasons))
		}
	})
}

// FuzzPolicy expects no panic, and that a policy which is accepted demands something.
func FuzzPolicy(f *testing.F) {
	f.Add(goodPolicy)
	f.Add("version: 1\nrequired: [S01]\ntrials: {percentile: 99.999, confidence: 99}\nregression: {}\n")
	f.Add("required: &a [*a]")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := policy.Parse("policy.yaml", []byte(text))
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Fatal("an error without words")
			}
			return
		}
		if len(p.Required) == 0 || p.Trials.Needed() < 1 || p.MaximumAge <= 0 {
			t.Fatalf("demands nothing: %+v", p)
		}
		if d := decision.Decide(decision.Input{Policy: p, Now: sample.Started}); d.Decision == "go" {
			t.Fatalf("go without any evidence: %+v", p)
		}
	})
}
