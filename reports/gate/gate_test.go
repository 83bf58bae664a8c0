package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/gate/decision"
	"github.com/crossdc/failover/reports/gate/policy"
	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/junit"
	"github.com/crossdc/failover/reports/model"
)

const goodPolicy = `version: 1
required: [S03, S16]
hazards: [Q1, Q2]
objectives:
  outage: {detection_s: 150, recovery_s: 200, loss_s: 180}
  S16: {detection_s: 150}
`

// good is a run that the policy lets pass: the control, S03 and S16.
func good() model.Run {
	run := sample.Rich()
	run.Scenarios = []model.Scenario{run.Scenarios[0], run.Scenarios[1], run.Scenarios[3]}
	run.Scenarios[0].Labels = []string{"control"}
	return run
}

func asXML(t testing.TB, run model.Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := junit.Write(&b, run, junit.Options{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func edited(t testing.TB, change func(*model.Run)) string {
	t.Helper()
	run := good()
	change(&run)
	return asXML(t, run)
}

// nodesOf is a campaign that has looked for differences between nodes in every scenario.
func nodesOf(run model.Run, differ bool) *model.Campaign {
	c := &model.Campaign{Name: "nightly", Engine: "kubernetes"}
	for _, s := range run.Scenarios {
		for _, measure := range []string{"detection", "recovery"} {
			c.Differences = append(c.Differences, model.NodeDifference{Scenario: s.ID + " " + s.Name, Measure: measure, Nodes: 2, Trials: 29, Differs: differ && measure == "recovery"})
		}
	}
	return c
}

// fitting is a campaign whose trials of S16 and of its fault fit the predicted distribution, or do not.
func fitting(r *model.Run, trials int, scenario, fault float64) {
	fit := func(distance float64) *model.Fit {
		return &model.Fit{Distance: distance, Limit: 0.25, Trials: trials}
	}
	s := &r.Scenarios[2]
	s.Trials.Fit = fit(scenario)
	r.Campaign = &model.Campaign{Name: "nightly", Engine: "local", Faults: []model.FaultTrials{{Fault: s.Fault.Name, Scenarios: []string{s.ID + " " + s.Name}, Detected: trials,
		Claim: "as many as they are", Fit: fit(fault)}}}
}

const distributed = "version: 1\nrequired: [S16]\nhazards: [Q1, Q2]\ntrials: {percentile: 90, distribution: predicted, faults: {percentile: 95, distribution: predicted}}\n"

const ginkgo = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="4" disabled="0" errors="0" failures="0" time="9.1">
  <testsuite name="Outage" package="/src/suites/outage" tests="4" disabled="0" skipped="1" errors="0" failures="0" time="9.1" timestamp="2026-11-22T19:58:20">
    <properties><property name="SuiteSucceeded" value="true"></property></properties>
    <testcase name="[SynchronizedBeforeSuite]" classname="Outage" status="passed" time="0.4"></testcase>
    <testcase name="[It] A data center crashes is declared DOWN [S03, outage]" classname="Outage" status="passed" time="2"><system-err>&gt; Enter</system-err></testcase>
    <testcase name="[It] The link is cut takes over [S16, partition]" classname="Outage" status="passed" time="2"></testcase>
    <testcase name="[It] The link loses packets stays up [S22, partition]" classname="Outage" status="skipped" time="0"><skipped message="skipped - no packet loss here"></skipped></testcase>
  </testsuite>
</testsuites>`

// check runs the gate on files with the given contents.
func check(t testing.TB, policyText string, now time.Time, more []string, contents ...string) (int, string) {
	t.Helper()
	dir := t.TempDir()
	arguments := append([]string{"-policy", filepath.Join(dir, "policy.yaml")}, more...)
	if err := os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte(policyText), 0o600); err != nil {
		t.Fatal(err)
	}
	for i, content := range contents {
		path := filepath.Join(dir, fmt.Sprintf("junit-%d.xml", i+1))
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, path)
	}
	var out, problems bytes.Buffer
	code := run(arguments, now, &out, &problems)
	return code, out.String() + problems.String()
}

func TestTheGateDecides(t *testing.T) {
	now := sample.Started.Add(time.Hour)
	fine := asXML(t, good())
	swap := func(old, new string) []string {
		if !strings.Contains(fine, old) {
			t.Fatalf("%q is not in the file", old)
		}
		return []string{strings.Replace(fine, old, new, 1)}
	}
	edit := func(change func(*model.Run)) []string { return []string{edited(t, change)} }
	rule := func(old, new string) string {
		if !strings.Contains(goodPolicy, old) {
			t.Fatalf("%q is not in the policy", old)
		}
		return strings.Replace(goodPolicy, old, new, 1)
	}
	for name, c := range map[string]struct {
		policy string // the good one when empty
		files  []string
		late   time.Duration
		exit   int
		says   string
	}{
		"everything as demanded":      {files: []string{fine}, exit: 0, says: "GO\n"},
		"no file":                     {exit: 1, says: "no JUnit file was given"},
		"an empty file":               {files: []string{""}, exit: 2, says: "there is no element in it"},
		"a file of white space":       {files: []string{"\n \n"}, exit: 2, says: "there is no element in it"},
		"no test case":                {files: []string{"<testsuites></testsuites>"}, exit: 1, says: "holds no test case"},
		"cut off":                     {files: []string{fine[:len(fine)/2]}, exit: 2, says: "cut off at line"},
		"cut off between test cases":  {files: []string{fine[:strings.Index(fine, `    <testcase name="S16`)] + "</testsuite></testsuites>"}, exit: 1, says: "says it has 6 tests, 0 are"},
		"a test case taken out":       {files: []string{without(fine, "S03 A data center crashes: comes home")}, exit: 1, says: "says it has 9 tests, 8 are in the file"},
		"not XML":                     {files: []string{`{"tests": 5}`}, exit: 2, says: "there is no element"},
		"another kind of XML":         {files: []string{"<html><body/></html>"}, exit: 2, says: "the root element is <html>"},
		"the same file twice":         {files: []string{fine, fine}, exit: 1, says: "is there twice"},
		"stale":                       {files: []string{fine}, late: 30 * time.Hour, exit: 1, says: "24h0m0s are allowed"},
		"from the future":             {files: []string{fine}, late: -2 * time.Hour, exit: 1, says: "in the future"},
		"without a date":              {files: []string{strings.ReplaceAll(fine, "timestamp=", "stamp=")}, exit: 1, says: "has no timestamp"},
		"of two runs":                 {files: append(edit(func(r *model.Run) { r.Scenarios = r.Scenarios[:2] }), edit(func(r *model.Run) { r.ID = "other"; r.Scenarios = r.Scenarios[2:] })...), exit: 1, says: "the evidence is of 2 runs"},
		"of two runs, allowed":        {policy: goodPolicy + "same_run: false\n", files: append(edit(func(r *model.Run) { r.Scenarios = r.Scenarios[:2] }), edit(func(r *model.Run) { r.ID = "other"; r.Scenarios = r.Scenarios[2:] })...), exit: 0, says: "GO\n"},
		"of one run in two files":     {files: append(edit(func(r *model.Run) { r.Scenarios = r.Scenarios[:2] }), edit(func(r *model.Run) { r.Scenarios = r.Scenarios[2:] })...), exit: 0, says: "GO\n"},
		"of somebody else's tests":    {files: []string{`<testsuite name="x" timestamp="2026-11-22T19:58:20" tests="1"><testcase name="adds" classname="Calc"/></testsuite>`}, exit: 1, says: "none of the 1 test cases belongs to a scenario"},
		"of the wrong environment":    {policy: goodPolicy + "environments: [remote]\n", files: []string{fine}, exit: 1, says: `environment "embedded", allowed are remote`},
		"everything skipped":          {files: edit(func(r *model.Run) { skipAll(r) }), exit: 1, says: "not a single test case of a scenario passed"},
		"everything skipped, allowed": {policy: "version: 1\nrequired: [S99]\ncontrol: false\nskips: [S03, S16]\n", files: edit(func(r *model.Run) { r.Scenarios = r.Scenarios[1:]; skipAll(r) }), exit: 1, says: "not a single test case of a scenario passed"},
		"the control failed": {files: edit(func(r *model.Run) {
			r.Scenarios[0].Outcome, r.Scenarios[0].Steps[1].Outcome = model.Failed, model.Failed
		}), exit: 1, says: "[failed control]"},
		"the control is missing":              {files: edit(func(r *model.Run) { r.Scenarios = r.Scenarios[1:] }), exit: 1, says: "the no-op control did not run and pass"},
		"the control is missing, allowed":     {policy: goodPolicy + "control: false\n", files: edit(func(r *model.Run) { r.Scenarios = r.Scenarios[1:] }), exit: 0, says: "GO\n"},
		"the control may never be skipped":    {policy: goodPolicy + "skips: [control]\n", files: edit(func(r *model.Run) { r.Scenarios[0].Steps[1].Outcome = model.Skipped }), exit: 1, says: "[skipped control]"},
		"a cleanup failed":                    {files: edit(func(r *model.Run) { r.Scenarios[1].Cleanup.Outcome = model.Failed }), exit: 1, says: "[cleanup S03]"},
		"something was left behind":           {files: edit(func(r *model.Run) { r.Scenarios[1].Cleanup.Left = []string{"a rule"} }), exit: 1, says: "could not be proven gone: a rule"},
		"the cleanup never came":              {files: edit(func(r *model.Run) { r.Scenarios[1].Cleanup = nil }), exit: 1, says: "there is no cleanup verdict"},
		"a required scenario is missing":      {files: edit(func(r *model.Run) { r.Scenarios = r.Scenarios[:2] }), exit: 1, says: "[missing S16] is required, and there is no evidence"},
		"a required scenario was skipped":     {files: edit(func(r *model.Run) { skip(&r.Scenarios[2]) }), exit: 1, says: "none of its 1 test cases passed"},
		"another scenario was skipped":        {files: edit(func(r *model.Run) { r.Scenarios = append(r.Scenarios, sample.Rich().Scenarios[5]) }), exit: 1, says: "[skipped S22]"},
		"another scenario was skipped, fine":  {policy: goodPolicy + "skips: [S22]\n", files: edit(func(r *model.Run) { r.Scenarios = append(r.Scenarios, sample.Rich().Scenarios[5]) }), exit: 0, says: "GO\n"},
		"a scenario is pending":               {files: edit(func(r *model.Run) { r.Scenarios = append(r.Scenarios, sample.Rich().Scenarios[6]) }), exit: 1, says: "[skipped S33]"},
		"a hazard that is not allowed":        {policy: rule("hazards: [Q1, Q2]", "hazards: [Q1]"), files: []string{fine}, exit: 1, says: "reproduced the known hazard Q2"},
		"an objective missed":                 {policy: rule("detection_s: 150, recovery_s", "detection_s: 100, recovery_s"), files: []string{fine}, exit: 1, says: `detection took 101.2–103.9 s, "outage" allows 100 s`},
		"an objective in between":             {policy: rule("detection_s: 150, recovery_s", "detection_s: 102, recovery_s"), files: []string{fine}, exit: 1, says: "lies in between: not proven"},
		"an objective that was not measured":  {policy: rule("S16: {detection_s: 150}", "S16: {loss_events: 10}"), files: edit(func(r *model.Run) { r.Scenarios[2].Measures.Loss = nil }), exit: 1, says: "loss was not measured"},
		"too many events lost":                {policy: rule("S16: {detection_s: 150}", "S16: {loss_events: 10}"), files: []string{fine}, exit: 1, says: `loss took 96–104 events, "S16" allows 10 events`},
		"a measured value that is no number":  {files: []string{strings.ReplaceAll(fine, `name="detection.latest_s" value="103.9"`, `name="detection.latest_s" value="NaN"`)}, exit: 1, says: "that is no interval"},
		"a measured interval turned around":   {files: []string{strings.ReplaceAll(fine, `name="detection.latest_s" value="103.9"`, `name="detection.latest_s" value="3"`)}, exit: 1, says: "that is no interval"},
		"inconclusive":                        {files: edit(func(r *model.Run) { r.Scenarios = append(r.Scenarios, sample.Rich().Scenarios[4]) }), exit: 1, says: "[failed S07]"},
		"inconclusive, allowed":               {policy: goodPolicy + "inconclusive: [S07]\n", files: edit(func(r *model.Run) { r.Scenarios = append(r.Scenarios, sample.Rich().Scenarios[4]) }), exit: 0, says: "GO\n"},
		"a panic is not inconclusive":         {policy: goodPolicy + "inconclusive: [S24]\n", files: edit(func(r *model.Run) { r.Scenarios = append(r.Scenarios, sample.Rich().Scenarios[7]) }), exit: 1, says: "[failed S24]"},
		"timed out":                           {files: edit(func(r *model.Run) { r.Scenarios = append(r.Scenarios, sample.Rich().Scenarios[8]) }), exit: 1, says: "proved nothing: timed out"},
		"an interrupted run":                  {files: edit(func(r *model.Run) { r.Interrupted = true }), exit: 1, says: "a run that is interrupted"},
		"a partial run":                       {files: edit(func(r *model.Run) { r.Finished = time.Time{} }), exit: 1, says: "a run that is not finished"},
		"a verdict that steps do not tell":    {files: swap(`name="verdict" value="passed"`, `name="verdict" value="failed"`), exit: 1, says: "its verdict is failed"},
		"a verdict that nobody knows":         {files: swap(`name="verdict" value="passed"`, `name="verdict" value="excellent"`), exit: 1, says: "its verdict is excellent"},
		"a failure hidden among passes":       {files: []string{strings.Replace(fine, "<system-out>", `<failure message="x"/><system-out>`, 1)}, exit: 1, says: "failed: failure: x"},
		"not enough trials":                   {policy: goodPolicy + "trials: {percentile: 95}\n", files: []string{fine}, exit: 1, says: "[trials S03] 1 trials, the policy demands 59 (P95 at 95 % confidence)"},
		"nodes alike":                         {policy: goodPolicy + "trials: {nodes: alike}\n", files: edit(func(r *model.Run) { r.Campaign = nodesOf(*r, false) }), exit: 0, says: "GO\n"},
		"nodes differ":                        {policy: goodPolicy + "trials: {nodes: alike}\n", files: edit(func(r *model.Run) { r.Campaign = nodesOf(*r, true) }), exit: 1, says: "recovery differ between the nodes"},
		"level not said":                      {policy: goodPolicy + "level: 2\n", files: edit(func(*model.Run) {}), exit: 1, says: "does not say at which level"},
		"level too low":                       {policy: goodPolicy + "level: 2\n", files: edit(atLevel(1)), exit: 1, says: "accounted for at level 1, and level 2 is demanded"},
		"level reached":                       {policy: goodPolicy + "level: 2\n", files: edit(atLevel(2)), exit: 0, says: "GO\n"},
		"no such level":                       {policy: goodPolicy + "level: 4\n", exit: 2, says: "4 is no level; 0 to 3 is allowed"},
		"nodes differ, not asked":             {files: edit(func(r *model.Run) { r.Campaign = nodesOf(*r, true) }), exit: 0, says: "GO\n"},
		"nobody looked at nodes":              {policy: goodPolicy + "trials: {nodes: alike}\n", files: []string{fine}, exit: 1, says: "nothing says whether results differ between nodes"},
		"nodes of another kind":               {policy: goodPolicy + "trials: {nodes: equal}\n", files: []string{fine}, exit: 2, says: "allowed here: alike"},
		"distributed as predicted":            {policy: distributed, files: edit(func(r *model.Run) { fitting(r, 59, 0.1, 0.2) }), exit: 0, says: "GO\n"},
		"distributed otherwise":               {policy: distributed, files: edit(func(r *model.Run) { fitting(r, 59, 0.3, 0.2) }), exit: 1, says: "[trials S16] the detection of its trials is distributed otherwise than"},
		"a fault distributed otherwise":       {policy: distributed, files: edit(func(r *model.Run) { fitting(r, 59, 0.1, 0.3) }), exit: 1, says: "the detection of the trials of its fault is distributed otherwise"},
		"too few trials of a fault":           {policy: distributed, files: edit(func(r *model.Run) { fitting(r, 58, 0.1, 0.2) }), exit: 1, says: "[trials S16] 58 trials of its fault in the whole campaign detected it conclusively, the policy demands 59 (P95"},
		"nobody looked at distributions":      {policy: distributed, files: []string{fine}, exit: 1, says: "nothing says whether the detection of its trials is distributed as"},
		"distributed otherwise, not asked":    {policy: "version: 1\nrequired: [S16]\nhazards: [Q1, Q2]\n", files: edit(func(r *model.Run) { fitting(r, 59, 0.3, 0.3) }), exit: 0, says: "GO\n"},
		"a distribution of what detects none": {policy: "version: 1\nrequired: [control]\nhazards: [Q1, Q2]\ntrials: {minimum: 20, distribution: predicted}\n", files: []string{fine}, exit: 1, says: "no required scenario measured a detection"},
		"a distribution of few":               {policy: goodPolicy + "trials: {minimum: 19, distribution: predicted}\n", files: []string{fine}, exit: 2, says: "line 7: trials.distribution: 19 trials tell next to nothing of a distribution; set trials.minimum or trials.percentile"},
		"a distribution of faults, of none":   {policy: goodPolicy + "trials: {faults: {distribution: predicted}}\n", files: []string{fine}, exit: 2, says: "set trials.faults.percentile"},
		"a distribution of another kind":      {policy: goodPolicy + "trials: {minimum: 20, distribution: normal}\n", files: []string{fine}, exit: 2, says: `trials.distribution: "normal"; allowed here: predicted`},
		"faults that demand nothing":          {policy: goodPolicy + "trials: {faults: {}}\n", files: []string{fine}, exit: 2, says: "trials.faults: demands nothing; allowed here: percentile, distribution"},
		"faults with an unknown key":          {policy: goodPolicy + "trials: {faults: {minimum: 3}}\n", files: []string{fine}, exit: 2, says: `unknown key "minimum"; allowed here: percentile, distribution`},
		"enough trials":                       {policy: "version: 1\nrequired: [S16]\nhazards: [Q1, Q2]\ntrials: {percentile: 90}\n", files: []string{fine}, exit: 0, says: "S16: 6 test cases passed, 29 trials"},
		"Ginkgo's own JUnit":                  {policy: "version: 1\nrequired: [S03, S16]\ncontrol: false\nskips: [S22]\n", files: []string{ginkgo}, exit: 0, says: "GO\n"},
		"Ginkgo's own JUnit, no measurements": {policy: goodPolicy + "control: false\nskips: [S22]\n", files: []string{ginkgo}, exit: 1, says: "detection was not measured"},
		"Ginkgo's setup failed":               {policy: "version: 1\nrequired: [S03, S16]\ncontrol: false\nskips: [S22]\n", files: []string{strings.Replace(ginkgo, `"Outage" status="passed"`, `"Outage" status="failed"`, 1)}, exit: 1, says: "which belongs to no scenario"},
		"Ginkgo's status alone says timedout": {policy: "version: 1\nrequired: [S03, S16]\ncontrol: false\nskips: [S22]\n", files: []string{strings.Replace(ginkgo, `takes over [S16, partition]" classname="Outage" status="passed"`, `takes over [S16, partition]" classname="Outage" status="timedout"`, 1)}, exit: 1, says: "proved nothing: timedout"},
		"an empty policy":                     {policy: " ", files: []string{fine}, exit: 2, says: "the policy is empty"},
		"an unknown key":                      {policy: rule("hazards:", "hazard:"), files: []string{fine}, exit: 2, says: `line 3: unknown key "hazard"; allowed here: version, required`},
		"an unknown key further down":         {policy: rule("loss_s: 180", "loss: 180"), files: []string{fine}, exit: 2, says: `unknown key "loss"; allowed here: detection_s, takeover_s, recovery_s, loss_s, loss_events`},
		"a key twice":                         {policy: goodPolicy + "hazards: [Q9]\n", files: []string{fine}, exit: 2, says: "already defined at line 3"},
		"nothing required":                    {policy: rule("[S03, S16]", "[]"), files: []string{fine}, exit: 2, says: "the gate would pass without evidence"},
		"required and may be skipped":         {policy: goodPolicy + "skips: [S03]\n", files: []string{fine}, exit: 2, says: `"S03" is both required and allowed to be skipped`},
		"a version from the future":           {policy: rule("version: 1", "version: 2"), files: []string{fine}, exit: 2, says: "version: 2 is not known here"},
		"an age without a unit":               {policy: goodPolicy + "maximum_age: 24\n", files: []string{fine}, exit: 2, says: `"24" is not a positive duration`},
		"an objective that is no number":      {policy: rule("detection_s: 150}", "detection_s: .nan}"), files: []string{fine}, exit: 2, says: "NaN is not a bound"},
		"two documents":                       {policy: goodPolicy + "---\nversion: 1\n", files: []string{fine}, exit: 2, says: "more than one document"},
		"regression without a baseline":       {policy: goodPolicy + "regression: {maximum: 5}\n", files: []string{fine}, exit: 2, says: "no baseline"},
	} {
		t.Run(name, func(t *testing.T) {
			policyText := c.policy
			if policyText == "" {
				policyText = goodPolicy
			}
			code, out := check(t, policyText, now.Add(c.late), nil, c.files...)
			if code != c.exit || !strings.Contains(out, c.says) {
				t.Errorf("exit %d, want %d; want it to say %q:\n%s", code, c.exit, c.says, out)
			}
			if code != exitGo && !strings.HasPrefix(out, "NO-GO") {
				t.Errorf("it does not begin with NO-GO:\n%s", out)
			}
		})
	}
}

func TestTheExamplePolicyIsGood(t *testing.T) {
	data, err := os.ReadFile("policy.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := policy.Parse("policy.example.yaml", data); err != nil {
		t.Error(err)
	}
}

// without takes one test case out of a file.
func without(file, name string) string {
	start := strings.Index(file, `    <testcase name="`+name+`"`)
	if start < 0 {
		panic("no test case " + name)
	}
	end := start + strings.Index(file[start:], "</testcase>\n") + len("</testcase>\n")
	return file[:start] + file[end:]
}

func skip(s *model.Scenario) {
	s.Outcome, s.Fault, s.Cleanup, s.Reasons, s.Hazards, s.Steps = model.Skipped, nil, nil, []string{"cannot be done here"}, nil, nil
}

func skipAll(r *model.Run) {
	for i := range r.Scenarios {
		skip(&r.Scenarios[i])
	}
}

func TestMissingFilesAreUnusable(t *testing.T) {
	var out, problems bytes.Buffer
	now := sample.Started
	for _, arguments := range [][]string{{}, {"-policy", "/does/not/exist", "x.xml"}, {"-nonsense"}} {
		if code := run(arguments, now, &out, &problems); code != exitUnusable {
			t.Errorf("%q: exit %d", arguments, code)
		}
	}
	code, text := check(t, goodPolicy, now, []string{"/does/not/exist.xml"}, asXML(t, good()))
	if code != exitUnusable || !strings.Contains(text, "/does/not/exist.xml") {
		t.Errorf("exit %d: %s", code, text)
	}
}

func TestJSONSaysTheSame(t *testing.T) {
	output := filepath.Join(t.TempDir(), "decision.json")
	code, text := check(t, goodPolicy+"environments: [remote]\n", sample.Started.Add(time.Hour), []string{"-json", "-o", output}, asXML(t, good()))
	var d decision.Decision
	if err := json.Unmarshal([]byte(text), &d); err != nil || code != exitNoGo {
		t.Fatalf("exit %d, %v: %s", code, err, text)
	}
	if d.Decision != "no-go" || d.Schema != 1 || len(d.Reasons) != 1 || d.Reasons[0].Code != "foreign" || len(d.Scenarios) != 3 || d.Runs[0] != good().ID {
		t.Errorf("%+v", d)
	}
	written, err := os.ReadFile(output)
	if err != nil || string(written) != text {
		t.Errorf("the file differs: %v", err)
	}
}

// series writes a history of n runs of S03 whose recovery is about seconds.
func series(t *testing.T, dir, prefix string, n int, seconds float64) string {
	t.Helper()
	entries, err := history.Of(good())
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		e := entries[1]
		e.Run = fmt.Sprintf("%s-%d", prefix, i)
		v := seconds + float64(i*7%5)
		e.Recovery = &history.Bounds{Earliest: v - 1, Latest: v + 1}
		if err := history.Append(dir, e); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestComparisonWithABaseline(t *testing.T) {
	now := sample.Started.Add(time.Hour)
	policyText := "version: 1\nrequired: [S03]\nhazards: [Q1, Q2]\nregression: {measure: recovery, maximum: 10, minimum_runs: 8, too_few_means: %s}\n"
	before := series(t, t.TempDir(), "before", 12, 110)
	for name, c := range map[string]struct {
		now  string
		few  string
		exit int
		says string
	}{
		"the same":         {series(t, t.TempDir(), "now", 10, 110), "note", 0, "note: S03: median of recovery was"},
		"much worse":       {series(t, t.TempDir(), "now", 10, 160), "note", 1, "at most +10 % is allowed"},
		"a little worse":   {series(t, t.TempDir(), "now", 10, 114), "note", 0, "Cliff's delta"},
		"better":           {series(t, t.TempDir(), "now", 10, 80), "note", 0, "Cliff's delta -1.00"},
		"too few":          {series(t, t.TempDir(), "now", 3, 160), "note", 0, "too few runs to tell whether recovery became worse: 3 now and 12 in the baseline, 8 of each"},
		"too few is no-go": {series(t, t.TempDir(), "now", 3, 160), "no-go", 1, "[regression S03]"},
		"only this run":    {"", "note", 0, "1 now and 12 in the baseline"},
	} {
		t.Run(name, func(t *testing.T) {
			more := []string{"-baseline", before}
			if c.now != "" {
				more = append(more, "-history", c.now)
			}
			code, out := check(t, fmt.Sprintf(policyText, c.few), now, more, asXML(t, good()))
			if code != c.exit || !strings.Contains(out, c.says) {
				t.Errorf("exit %d, want %d; want it to say %q:\n%s", code, c.exit, c.says, out)
			}
		})
	}
}

// atLevel says of every scenario how exactly its application was accounted for.
func atLevel(level int) func(*model.Run) {
	return func(r *model.Run) {
		for i := range r.Scenarios {
			r.Scenarios[i].Accounting = &model.Accounting{Application: "orders", Level: level, Text: "as its file says"}
		}
	}
}
