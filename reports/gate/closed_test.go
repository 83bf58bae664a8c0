package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/model"
)

const lenient = "version: 1\nrequired: [S03]\ncontrol: false\n"

// foreign is a file of another writer with the given test cases.
func foreign(cases ...string) string {
	return fmt.Sprintf(`<testsuites><testsuite name="Outage" tests="%d" timestamp="2026-11-22T19:58:20">%s</testsuite></testsuites>`, len(cases), strings.Join(cases, ""))
}

// verdict is what the gate is expected to answer.
type verdict struct {
	policy string
	files  []string
	exit   int
	says   string
}

func expect(t *testing.T, cases map[string]verdict) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if c.policy == "" {
				c.policy = goodPolicy
			}
			code, out := check(t, c.policy, sample.Started.Add(time.Hour), nil, c.files...)
			if code != c.exit || !strings.Contains(out, c.says) {
				t.Errorf("exit %d, want %d; want it to say %q:\n%s", code, c.exit, c.says, out)
			}
		})
	}
}

// TestOnlyTheExactNameIsAScenario: names that merely begin like a scenario or the control are somebody else's tests.
func TestOnlyTheExactNameIsAScenario(t *testing.T) {
	s03 := `<testcase name="[It] is declared DOWN [S03, outage]"/>`
	withControl := "version: 1\nrequired: [S03]\n"
	ours := "version: 1\nrequired: [checkout-1]\ncontrol: false\n"
	expect(t, map[string]verdict{
		"a control panel":           {withControl, []string{foreign(s03, `<testcase name="control panel renders"/>`)}, 1, "the no-op control did not run and pass"},
		"a label control":           {withControl, []string{foreign(s03, `<testcase name="[It] sees nothing [control]"/>`)}, 0, "GO\n"},
		"a bucket":                  {lenient, []string{foreign(`<testcase name="S03-bucket upload works"/>`)}, 1, "[missing S03]"},
		"a sentence that begins so": {lenient, []string{foreign(`<testcase name="S03 bucket upload works"/>`)}, 1, "[missing S03]"},
		"a class name":              {lenient, []string{foreign(`<testcase name="uploads" classname="S03"/>`)}, 1, "[missing S03]"},
		"another case":              {lenient, []string{foreign(`<testcase name="s03"/>`)}, 1, "[missing S03]"},
		"the exact name":            {lenient, []string{foreign(`<testcase name="S03"/>`)}, 0, "GO\n"},
		"a label within a word":     {lenient, []string{foreign(`<testcase name="uploads [S03x, outage]"/>`)}, 1, "[missing S03]"},
		"Ginkgo's own report":       {lenient, []string{foreign(`<testcase name="[It] is declared DOWN [outage]"><properties><property name="scenario" value="&#34;S03&#34;"/><property name="verdict" value="&#34;passed&#34;"/></properties></testcase>`)}, 0, "GO\n"},
		"Ginkgo's own report, of which one step says it": {lenient, []string{foreign(s03, `<testcase name="[It] comes home [S03, outage]"><properties><property name="scenario" value="&#34;S03&#34;"/><property name="run" value="&#34;4db5&#34;"/></properties></testcase>`)}, 0, "GO\n"},
		"another writer's, of which one step says it":    {lenient, []string{foreign(s03, `<testcase name="[It] comes home [S03, outage]"><properties><property name="run" value="4db5"/></properties></testcase>`)}, 1, "do not say which run they are of"},
		"Ginkgo's own report of a failure":               {lenient, []string{foreign(`<testcase name="[It] is declared DOWN [outage]"><properties><property name="scenario" value="&#34;S03&#34;"/><property name="verdict" value="&#34;failed&#34;"/></properties></testcase>`)}, 1, "S03"},
		"cases of another writer":                        {lenient, []string{foreign(s03)}, 0, "note: S03: 1 test cases were not written by this suite"},
		"two scenarios at once":                          {lenient, []string{foreign(s03, `<testcase name="does all [S03, S16]"/>`)}, 1, "names 2 scenarios (S03, S16)"},
		"a label glued to a word":                        {lenient, []string{foreign(`<testcase name="reads list[S03]"/>`)}, 1, "[missing S03]"},
		"a label with a hard blank":                      {lenient, []string{foreign("<testcase name=\"x [S03\u00a0]\"/>")}, 1, "[missing S03]"},
		"a label of another alphabet":                    {lenient, []string{foreign(`<testcase name="x [Ѕ03]"/>`)}, 1, "[missing S03]"},
		"a team's own label":                             {ours, []string{foreign(`<testcase name="pays [checkout-1]"/>`)}, 0, "GO\n"},
		"a team's own label, not exactly":                {ours, []string{foreign(`<testcase name="pays [checkout-10]"/>`)}, 1, "[missing checkout-1]"},
	})
}

func TestWhatDidNotPassAtOnceIsNoGo(t *testing.T) {
	files := func(element string) []string {
		return []string{foreign(`<testcase name="is declared DOWN [S03]"><` + element + ` message="was UP"><stackTrace>x</stackTrace></` + element + `></testcase>`)}
	}
	cases := map[string]verdict{
		"allowed by name":       {lenient + "flaky: [S03]\n", files("flakyFailure"), 0, "accepted flaky of S03: flakyFailure: was UP"},
		"another one allowed":   {lenient + "flaky: [S04]\n", files("flakyFailure"), 1, "[flaky S03]"},
		"a failure inside it":   {lenient + "flaky: [S03]\n", []string{foreign(`<testcase name="x [S03]"><flakyError><failure/></flakyError></testcase>`)}, 1, "<failure> within <flakyError> is not understood"},
		"of no scenario":        {lenient, []string{foreign(`<testcase name="x [S03]"/>`, `<testcase name="y"><flakyError/></testcase>`)}, 1, `"y", which belongs to no scenario, did not pass at once`},
		"the control, allowed":  {"version: 1\nrequired: [S03]\nflaky: [control]\n", []string{foreign(`<testcase name="x [S03]"/>`, `<testcase name="y [control]"><flakyError/></testcase>`)}, 1, "[flaky control]"},
		"a word nobody knows":   {lenient, files("Failure"), 1, "<Failure> within <testcase> is not understood"},
		"an unknown result":     {lenient, []string{foreign(`<testcase name="x [S03]" result="flaky"/>`)}, 1, "proved nothing: flaky"},
		"not executed (NUnit)":  {lenient, []string{foreign(`<testcase name="x [S03]" executed="False"/>`)}, 1, `[skipped S03] "x [S03]" was skipped: notrun`},
		"no success (NUnit)":    {lenient, []string{foreign(`<testcase name="x [S03]" executed="True" success="False"/>`)}, 1, `[failed S03] "x [S03]" failed: failed`},
		"a success (NUnit)":     {lenient, []string{foreign(`<testcase name="x [S03]" executed="True" success="True" assertions="1"/>`)}, 0, "GO\n"},
		"flaky as an attribute": {lenient, []string{foreign(`<testcase name="x [S03]" flaky="true"/>`)}, 1, `test case "x [S03]": the attribute flaky is not understood`},
		"flakes of the suite":   {lenient, []string{strings.Replace(foreign(`<testcase name="x [S03]"/>`), "<testsuite ", `<testsuite flakes="1" `, 1)}, 1, "says that 1 passed only when repeated, the file has 0 of them"},
		"flakes that are there": {lenient + "flaky: [S03]\n", []string{strings.Replace(files("flakyFailure")[0], "<testsuite ", `<testsuite flakes="1" `, 1)}, 0, "GO\n"},
		"disabled ones cut out": {lenient, []string{strings.Replace(foreign(`<testcase name="x [S03]"/>`), "<testsuite ", `<testsuite disabled="1" `, 1)}, 1, "says that 1 are disabled, the file has 0 of them"},
		"a date without a time": {lenient, []string{strings.Replace(foreign(`<testcase name="x [S03]"/>`), "T19:58:20", "", 1)}, 1, `has the timestamp "2026-11-22", which is not understood`},
		"a date beyond all":     {lenient, []string{strings.Replace(foreign(`<testcase name="x [S03]"/>`), "2026", "9999", 1)}, 1, `started at 9999-11-22T19:58:20Z, which lies in the future`},
		"an error of the suite": {lenient, []string{strings.Replace(foreign(`<testcase name="x [S03]"/>`), "</testsuite>", "<error/></testsuite>", 1)}, 1, "<error> within <testsuite> is not understood"},
	}
	for _, element := range []string{"flakyFailure", "flakyError", "rerunFailure", "rerunError"} {
		cases[element] = verdict{lenient, files(element), 1, "[flaky S03] \"is declared DOWN [S03]\" did not pass at once (" + element + ": was UP)"}
	}
	expect(t, cases)
}

func TestEveryDeclaredStepIsCounted(t *testing.T) {
	fine := asXML(t, good())
	steps := `<property name="steps" value="5"></property>`
	// cut takes test cases out of S03 and makes the counts right again, as an editor of the file would.
	cut := func(names ...string) []string {
		text := fine
		for _, name := range names {
			text = without(text, "S03 A data center crashes: "+name)
		}
		n := 9 - len(names)
		return []string{strings.NewReplacer(`id="0" tests="9"`, fmt.Sprintf(`id="0" tests="%d"`, n), `name="failover" tests="15"`, fmt.Sprintf(`name="failover" tests="%d"`, n+6)).Replace(text)}
	}
	rest := []string{"serves events in both data centers", "hands its replicated state to the survivor, each fragment once", "loses no more than the RPO allows", "comes home"}
	expect(t, map[string]verdict{
		"all":                           {"", []string{fine}, 0, "GO\n"},
		"one left":                      {"", cut(rest...), 1, "[incomplete S03] 4 of its 5 steps are missing: 1, 3, 4, 5"},
		"one cut":                       {"", cut("is declared DOWN by the survivor within the RTO"), 1, "1 of its 5 steps are missing: 2"},
		"the cleanup cut":               {"", cut("leaves nothing behind"), 1, "the test case of its cleanup is missing"},
		"a scenario without the number": {"", []string{strings.ReplaceAll(fine, steps, "")}, 1, "does not say how many steps its scenario has"},
		"a number in one of them":       {"", []string{strings.Replace(fine, steps, strings.Replace(steps, "5", "4", 1), 1)}, 1, "disagree about how many steps"},
		"a number beyond all numbers":   {"", []string{strings.ReplaceAll(fine, steps, strings.Replace(steps, "5", "99999999999999999999", 1))}, 1, `has "99999999999999999999" steps`},
		"a huge number":                 {"", []string{strings.ReplaceAll(fine, steps, strings.Replace(steps, "5", "2000000000", 1))}, 1, `has "2000000000" steps`},
		"no steps at all":               {"", []string{strings.ReplaceAll(fine, steps, strings.Replace(steps, "5", "0", 1))}, 1, `has "0" steps`},
		"a step twice":                  {"", []string{strings.Replace(fine, `<property name="step" value="2">`, `<property name="step" value="1">`, 1)}, 1, "step 1 is there twice"},
		"a step nobody knows":           {"", []string{strings.Replace(fine, `<property name="step" value="2">`, `<property name="step" value="0x2">`, 1)}, 1, `is step "0x2" of`},
		"without a verdict":             {"", []string{strings.ReplaceAll(fine, `<property name="verdict" value="passed"></property>`, "")}, 1, "does not say the verdict of its scenario"},
		"a fault without a cleanup":     {"", []string{strings.ReplaceAll(fine, `<property name="cleanup" value="passed"></property>`, "")}, 1, "nothing says that it was cleaned up"},
	})
}

func TestARunThatWasNotWholeOrNotRealIsNoGo(t *testing.T) {
	fine := asXML(t, good())
	root := func(change string) []string {
		return []string{strings.Replace(fine, `<testsuites name="failover"`, change, 1)}
	}
	property := func(name, value string) string {
		return `<property name="` + name + `" value="` + value + `"></property>`
	}
	within := func(before, p string) []string { return []string{strings.Replace(fine, before, p+before, 1)} }
	in := func(change func(*model.Run)) []string { return []string{edited(t, change)} }
	expect(t, map[string]verdict{
		"partial, the outermost attribute": {"", root(`<testsuites partial="true" name="failover"`), 1, "the file comes from a run that is not finished"},
		"partial, the outermost property":  {"", []string{strings.Replace(fine, "  <testsuite name", "<properties>"+property("partial", "true")+"</properties>  <testsuite name", 1)}, 1, "run that is not finished"},
		"partial, in other words":          {"", root(`<testsuites partial="yes" name="failover"`), 1, "run that is not finished"},
		"partial is false":                 {"", root(`<testsuites partial="false" name="failover"`), 0, "GO\n"},
		"partial, a suite within":          {"", within(`<property name="run"`, property("partial", "1")), 1, "run that is not finished"},
		"partial, a test case":             {"", []string{strings.Replace(fine, `        <property name="step"`, property("partial", "true")+`<property name="step"`, 1)}, 1, "run that is not finished"},
		"partial, a suite without cases":   {"", []string{strings.Replace(fine, "</testsuites>", `<testsuite name="y" tests="0"><properties>`+property("partial", "true")+`</properties></testsuite></testsuites>`, 1)}, 1, `suite "y" comes from a run that is not finished`},
		"still running":                    {"", root(`<testsuites running="true" name="failover"`), 1, "run that still runs"},
		"a bug switch":                     {"", in(func(r *model.Run) { r.Proving = []string{"the emulated data center dc2 has the bugs never-notices"} }), 1, "[proving]"},
		"a bug switch, of the first schema": {"", in(func(r *model.Run) {
			r.Notes = append(r.Notes, "for proving only: the emulated data center dc2 has the bugs never-notices")
		}), 1, "something was broken on purpose: for proving only"},
		"a scenario that was not tested": {"", in(func(r *model.Run) {
			r.Scenarios[1].Outcome, r.Scenarios[1].Reasons = "not tested", []string{"dc2 refused the login (401): check CROSSDC_DC2_USER"}
		}), 1, "dc2 refused the login (401): check CROSSDC_DC2_USER"},
		"one that was not tested, with all permissions": {goodPolicy + "skips: [S07]\ninconclusive: [S07]\n", in(func(r *model.Run) {
			s := sample.Rich().Scenarios[4]
			s.Outcome, s.Reasons, s.Steps = "not tested", []string{"dc2 refused the login (401)"}, nil
			r.Scenarios = append(r.Scenarios, s)
		}), 1, "dc2 refused the login (401)"},
		"a scenario that was interrupted": {"", in(func(r *model.Run) {
			r.Scenarios[1].Outcome, r.Scenarios[1].Reasons = model.Interrupted, []string{"SIGTERM"}
		}), 1, "interrupted: SIGTERM"},
		"a scenario that runs":                 {"", in(func(r *model.Run) { r.Scenarios[1].Outcome, r.Scenarios[1].Reasons = "running", nil }), 1, "[failed S03]"},
		"a hazard that has no name":            {"", []string{strings.ReplaceAll(fine, `<property name="hazards" value="Q1,Q2"></property>`, "")}, 1, "its verdict is hazard, and it names none"},
		"another file that names no run":       {"", []string{fine, foreign(`<testcase name="x [S22]"/>`)}, 1, "do not say which run they are of"},
		"a suite cut out, the counts as was":   {"", []string{fine[:strings.Index(fine, `  <testsuite name="failover.partition"`)] + "</testsuites>"}, 1, "the file says it has 15 tests, 9 are in the file"},
		"skipped ones cut out":                 {"", []string{strings.Replace(fine, `skipped="0"`, `skipped="2"`, 1)}, 1, "says that 2 were skipped"},
		"a count beyond all numbers":           {"", []string{strings.Replace(fine, `tests="9"`, `tests="99999999999999999999"`, 1)}, 1, "is not a count"},
		"suites within suites":                 {lenient, []string{`<testsuite name="all" tests="1" timestamp="2026-11-22T19:58:20"><testsuite name="in" tests="1"><testcase name="x [S03]"/></testsuite></testsuite>`}, 0, "GO\n"},
		"suites within suites, one cut":        {lenient, []string{`<testsuite name="all" tests="2" timestamp="2026-11-22T19:58:20"><testsuite name="in" tests="1"><testcase name="x [S03]"/></testsuite></testsuite>`}, 1, "says it has 2 tests"},
		"a required scenario, cleaned up only": {lenient, []string{foreign(`<testcase name="x [S03]"><skipped/></testcase>`)}, 1, "none of its 1 test cases passed"},
	})
}

// TestGinkgosOwnReportSaysHowItCameAbout: what Ginkgo was told to do decides what its passes are worth.
func TestGinkgosOwnReportSaysHowItCameAbout(t *testing.T) {
	with := func(name, value string) []string {
		suite := `<testsuites tests="1"><testsuite name="outage" tests="1" timestamp="2026-11-22T19:58:20"><properties><property name="SuiteSucceeded" value="true"></property>` +
			`<property name="DryRun" value="false"></property><property name="FlakeAttempts" value="0"></property></properties>` +
			`<testcase name="[It] is declared DOWN [S03, outage]" classname="outage" status="passed"></testcase></testsuite></testsuites>`
		for _, usual := range []string{"true", "false", "0"} {
			suite = strings.Replace(suite, `"`+name+`" value="`+usual+`"`, `"`+name+`" value="`+value+`"`, 1)
		}
		return []string{suite}
	}
	// One step of a scenario tells for the others where they ran.
	from := func(environment string) []string {
		return []string{foreign(`<testcase name="[It] is declared DOWN [S03, outage]"></testcase>`, `<testcase name="[It] comes home [S03, outage]"><properties>`+
			`<property name="scenario" value="&#34;S03&#34;"/><property name="run" value="&#34;4db5&#34;"/><property name="environment" value="&#34;`+environment+`&#34;"/></properties></testcase>`)}
	}
	expect(t, map[string]verdict{
		"an allowed environment":      {lenient + "environments: [remote]\n", from("remote"), 0, "GO\n"},
		"another environment":         {lenient + "environments: [remote]\n", from("embedded"), 1, `evidence comes from environment "embedded", allowed are remote`},
		"as usual":                    {lenient, with("", ""), 0, "GO\n"},
		"a dry run":                   {lenient, with("DryRun", "true"), 1, `suite "outage" comes from a dry run, in which nothing was tested (DryRun=true)`},
		"a dry run, in other words":   {lenient, with("DryRun", "yes"), 1, "comes from a dry run"},
		"two attempts":                {lenient, with("FlakeAttempts", "2"), 1, "run it without --flake-attempts"},
		"one attempt":                 {lenient, with("FlakeAttempts", "1"), 0, "GO\n"},
		"two attempts, flaky allowed": {lenient + "flaky: [S03]\n", with("FlakeAttempts", "2"), 1, "[flaky]"},
		"no success, and all passed":  {lenient, with("SuiteSucceeded", "false"), 1, "says that it did not succeed, and every test case in the file passed"},
	})
}

func TestFilesThatMeanSomethingElseToOthersAreUnusable(t *testing.T) {
	one := `<testcase name="x [S03]"/>`
	expect(t, map[string]verdict{
		"a namespace":             {lenient, []string{strings.Replace(foreign(one), "<testsuites>", `<testsuites xmlns="urn:x">`, 1)}, 2, `in the namespace "urn:x"`},
		"a failure in another":    {lenient, []string{strings.Replace(foreign(`<testcase name="x [S03]"><e:failure/></testcase>`), "<testsuites>", `<testsuites xmlns:e="urn:x">`, 1)}, 2, `<failure> is in the namespace "urn:x"`},
		"an attribute in another": {lenient, []string{strings.Replace(foreign(`<testcase e:name="y" name="x [S03]"/>`), "<testsuites>", `<testsuites xmlns:e="urn:x">`, 1)}, 0, "GO\n"},
		"an attribute twice":      {lenient, []string{foreign(`<testcase name="x [S03]" status="failed" status="passed"/>`)}, 2, "attribute status twice"},
		"a document type":         {lenient, []string{`<!DOCTYPE testsuites [<!ENTITY a "aaaa">]>` + foreign(one)}, 2, "declares a document type"},
		"an unknown entity":       {lenient, []string{foreign(`<testcase name="x [S03] &bomb;"/>`)}, 2, "invalid character entity &bomb;"},
		"two roots":               {lenient, []string{foreign(one) + foreign(one)}, 2, "the root element is"},
		"text behind the root":    {lenient, []string{foreign(one) + "and more"}, 2, "text outside"},
		"a byte order mark":       {lenient, []string{"\ufeff" + foreign(one)}, 0, "GO\n"},
		"another encoding":        {lenient, []string{`<?xml version="1.0" encoding="ISO-8859-1"?>` + foreign(one)}, 2, "only UTF-8 is read"},
		"bytes of UTF-16":         {lenient, []string{"\xff\xfe<\x00t\x00"}, 2, "read JUnit file"},
		"a test case within one":  {lenient, []string{foreign(`<testcase name="x [S03]"><testcase name="y [S03]"/></testcase>`)}, 2, "where none can be"},
		"a suite within a case":   {lenient, []string{foreign(`<testcase name="x [S03]"><testsuite/></testcase>`)}, 2, "where none can be"},
		"a test case at the root": {lenient, []string{`<testsuites><testcase name="x [S03]"/></testsuites>`}, 2, "where none can be"},
		"nested without end":      {lenient, []string{strings.Repeat("<testsuite>", 100)}, 2, "nested more than"},
		"a property twice": {lenient, []string{foreign(`<testcase name="x [S03]"><properties><property name="labels" value="S03"/><property name="labels" value="S04"/></properties></testcase>`)},
			1, "twice, with different values"},
	})
}

func TestAPolicyThatWouldDemandNothingIsRefused(t *testing.T) {
	fine := []string{asXML(t, good())}
	base := "version: 1\nrequired: [S03, S16]\nhazards: [Q1, Q2]\n"
	dir := t.TempDir()
	aliases := "a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n"
	expect(t, map[string]verdict{
		"objectives of a label that nobody has": {base + "objectives:\n  outtage: {detection_s: 150}\n", fine, 1, "policy.yaml, line 5: objectives.outtage applies to nothing: no scenario has this label; allowed here: S03, S16, active-active, control"},
		"a share for a percentile":              {base + "trials:\n  percentile: 0.95\n", fine, 2, "policy.yaml, line 5: trials.percentile: 0.95 is not a percentage from 50 to less than 100: write 95 for 0.95"},
		"a percentile of zero":                  {base + "trials: {percentile: 0}\n", fine, 2, "line 4: trials.percentile: 0 is not a percentage"},
		"a percentile of 100":                   {base + "trials: {percentile: 100}\n", fine, 2, "from 50 to less than 100"},
		"a share for a confidence":              {base + "trials: {percentile: 95, confidence: 0.95}\n", fine, 2, "trials.confidence: 0.95"},
		"a confidence of zero":                  {base + "trials: {percentile: 95, confidence: 0}\n", fine, 2, "trials.confidence: 0 is not"},
		"a confidence without a percentile":     {base + "trials: {confidence: 95}\n", fine, 2, "says nothing without trials.percentile"},
		"no trials":                             {base + "trials: {minimum: 0}\n", fine, 2, "line 4: trials.minimum: 0; at least 1 is allowed"},
		"an empty trials":                       {base + "trials: {}\n", fine, 2, "demands nothing"},
		"a minimum beyond all numbers":          {base + "trials: {minimum: 99999999999999999999}\n", fine, 2, "line 4"},
		"a maximum of zero":                     {base + "regression: {baseline: x, maximum: 0}\n", fine, 2, "line 4: regression.maximum: 0; more than 0"},
		"an alpha of zero":                      {base + "regression:\n  baseline: x\n  alpha: 0\n", fine, 2, "policy.yaml, line 6: regression.alpha: 0; more than 0 and less than 0.5 is allowed"},
		"no runs":                               {base + "regression: {baseline: x, minimum_runs: 0}\n", fine, 2, "regression.minimum_runs: 0; from 2"},
		"runs that can show nothing":            {base + "regression: {baseline: x, minimum_runs: 3}\n", fine, 2, "3 runs can never show a difference at alpha 0.05; at least 4 are needed"},
		"an empty measure":                      {base + "regression: {baseline: x, measure: ''}\n", fine, 2, `"" is not one of detection`},
		"a baseline that is not there":          {base + "regression:\n  baseline: " + filepath.Join(dir, "nowhere") + "\n", fine, 2, "policy.yaml, line 5: regression.baseline: read the history: stat"},
		"a baseline that is empty":              {base + "regression: {baseline: " + dir + "}\n", fine, 2, "a folder with *.jsonl files is allowed"},
		"a baseline that is a file":             {base + "regression: {baseline: policy.example.yaml}\n", fine, 2, "is no folder"},
		"a baseline without a name":             {base + "regression: {baseline: ''}\n", fine, 2, "line 4: regression.baseline: empty"},
		"a regression without a value":          {base + "regression:\n", fine, 2, "line 4: regression: has no value"},
		"objectives without a value":            {base + "objectives: ~\n", fine, 2, "line 4: objectives: has no value"},
		"an objective that bounds nothing":      {base + "objectives: {S03: {}}\n", fine, 2, "objectives.S03: bounds nothing; allowed here: detection_s"},
		"a time of zero":                        {base + "objectives: {S03: {detection_s: 0}}\n", fine, 2, "0 is kept by nobody"},
		"a loss of zero events":                 {base + "objectives: {S03: {loss_events: 0}}\n", fine, 1, `"S03" allows 0 events`},
		"an infinite bound":                     {base + "objectives: {S03: {detection_s: .inf}}\n", fine, 2, "is not a bound"},
		"blanks around a name":                  {strings.Replace(base, "[S03, S16]", "['S03 ']", 1), fine, 2, `line 2: required.0: "S03 " is empty or has blanks around it`},
		"a quirk in small letters":              {"version: 1\nrequired: [S03]\nhazards: [q1]\n", fine, 2, `line 3: hazards.0: "q1" is no quirk of the toolkit; allowed here: Q and a number`},
		"all quirks":                            {"version: 1\nrequired: [S03]\nhazards: ['*']\n", fine, 2, `"*" is no quirk of the toolkit`},
		"a name twice":                          {strings.Replace(base, "[S03, S16]", "[S03, S03]", 1), fine, 2, "is there twice"},
		"an alias":                              {"version: 1\nrequired: &r [S03]\nskips: *r\n", fine, 2, "line 2: anchors and aliases are not allowed"},
		"a bomb of aliases":                     {base + aliases, fine, 2, "anchors and aliases are not allowed"},
		"a merge key":                           {base + "objectives: {<<: {S03: {detection_s: 1}}}\n", fine, 2, `"<<" cannot be a key`},
		"a byte order mark":                     {"\ufeff" + base, fine, 0, "GO\n"},
		"larger than a policy":                  {base + "#" + strings.Repeat("x", 1<<20), fine, 2, "larger than 1048576 bytes"},
		"not YAML":                              {"{", fine, 2, "policy.yaml: not YAML"},
		"a list":                                {"[1]", fine, 2, "cannot unmarshal"},
		"a scalar for a list":                   {strings.Replace(base, "[S03, S16]", "S03", 1), fine, 2, "cannot unmarshal"},
	})
}

func TestHistoriesWithoutAComparisonAreRefused(t *testing.T) {
	code, out := check(t, goodPolicy, sample.Started.Add(time.Hour), []string{"-baseline", t.TempDir()}, asXML(t, good()))
	if code != exitUnusable || !strings.Contains(out, "-baseline and -history are for the comparison") {
		t.Errorf("exit %d:\n%s", code, out)
	}
}

// TestOnlyTheSameConditionsAreCompared: a baseline of another configuration or speed is no baseline.
func TestOnlyTheSameConditionsAreCompared(t *testing.T) {
	policyText := "version: 1\nrequired: [S03]\nhazards: [Q1, Q2]\nregression: {minimum_runs: 8, too_few_means: %s}\n"
	now := series(t, t.TempDir(), "now", 10, 160)
	for name, c := range map[string]struct {
		change func(*history.Entry)
		says   string
	}{
		"another configuration": {func(e *history.Entry) { e.Toolkit = "0123456789ab" }, "12 runs of the baseline are not comparable: another toolkit configuration (0123456789ab, now "},
		"another speedup":       {func(e *history.Entry) { e.Speedup = 30 }, "12 runs of the baseline are not comparable: another speedup (30, now 60)"},
		"another topology":      {func(e *history.Entry) { e.Topology = "active/passive" }, "another topology (active/passive, now active/active)"},
		"another environment":   {func(e *history.Entry) { e.Environment = "remote" }, "another environment (remote, now embedded)"},
		"another variant":       {func(e *history.Entry) { e.Name = "A data center crashes twice" }, "another variant (A data center crashes twice, now A data center crashes)"},
		"both":                  {func(e *history.Entry) { e.Speedup, e.Toolkit = 30, "" }, "another toolkit configuration (not stated, now "},
	} {
		t.Run(name, func(t *testing.T) {
			before := t.TempDir()
			for i := range 12 {
				e := firstCrash(t)
				e.Run, e.Recovery = fmt.Sprint("before-", i), &history.Bounds{Earliest: 100 + float64(i), Latest: 101 + float64(i)}
				c.change(&e)
				if err := history.Append(before, e); err != nil {
					t.Fatal(err)
				}
			}
			for few, exit := range map[string]int{"note": 0, "no-go": 1} {
				code, out := check(t, fmt.Sprintf(policyText, few), sample.Started.Add(time.Hour), []string{"-baseline", before, "-history", now}, asXML(t, good()))
				if code != exit || !strings.Contains(out, c.says) || !strings.Contains(out, "10 now and 0 in the baseline") {
					t.Errorf("%s: exit %d, want %d; want it to say %q:\n%s", few, code, exit, c.says, out)
				}
			}
			// Against the values of the files, the conditions are those of the files.
			_, out := check(t, fmt.Sprintf(policyText, "note"), sample.Started.Add(time.Hour), []string{"-baseline", before}, asXML(t, good()))
			if !strings.Contains(out, c.says) {
				t.Errorf("from the files: want it to say %q:\n%s", c.says, out)
			}
		})
	}
}

// Where several variants of a scenario were run, each is named when it is compared.
func TestVariantsAreComparedByName(t *testing.T) {
	before, now := series(t, t.TempDir(), "before", 12, 110), series(t, t.TempDir(), "now", 10, 110)
	for i := range 10 {
		e := firstCrash(t)
		e.Run, e.Name = fmt.Sprint("twice-", i), "A data center crashes twice"
		if err := history.Append(now, e); err != nil {
			t.Fatal(err)
		}
	}
	_, out := check(t, "version: 1\nrequired: [S03]\nhazards: [Q1, Q2]\nregression: {minimum_runs: 8}\n", sample.Started.Add(time.Hour), []string{"-baseline", before, "-history", now}, asXML(t, good()))
	for _, want := range []string{"S03 (A data center crashes twice): too few runs", "10 now and 0 in the baseline", "S03 (A data center crashes): median"} {
		if !strings.Contains(out, want) {
			t.Errorf("want it to say %q:\n%s", want, out)
		}
	}
}

func firstCrash(t *testing.T) history.Entry {
	t.Helper()
	entries, err := history.Of(good())
	if err != nil {
		t.Fatal(err)
	}
	return entries[1]
}

func TestARunIsNotItsOwnBaseline(t *testing.T) {
	both := series(t, t.TempDir(), "now", 10, 160)
	code, out := check(t, "version: 1\nrequired: [S03]\nregression: {too_few_means: no-go}\n", sample.Started.Add(time.Hour), []string{"-baseline", both, "-history", both}, asXML(t, good()))
	if code != exitNoGo || !strings.Contains(out, "10 now and 0 in the baseline") {
		t.Errorf("exit %d:\n%s", code, out)
	}
}

func TestBadLinesOfTheHistoryAreSaid(t *testing.T) {
	before := series(t, t.TempDir(), "before", 12, 110)
	data, err := os.ReadFile(filepath.Join(before, history.Name))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(data), "\n")
	bad := strings.Replace(line, `"outcome":"passed"`, `"outcome":"great"`, 1) + "\n" + strings.Replace(line, `"at":"2026`, `"at":"9999`, 1) + "\n" + strings.Replace(line, `"at":"2026`, `"at":"2027`, 1) + "\n"
	if err := os.WriteFile(filepath.Join(before, "other.jsonl"), []byte(bad), 0o600); err != nil {
		t.Fatal(err)
	}
	_, out := check(t, "version: 1\nrequired: [S03]\nhazards: [Q1, Q2]\nregression: {}\n", sample.Started.Add(time.Hour), []string{"-baseline", before}, asXML(t, good()))
	for _, want := range []string{`other.jsonl, line 1: outcome: "great" is not known here`, "other.jsonl, line 2: at: the year 9999", "other.jsonl, line 3: at: 2027-11-22", "12 in the baseline"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
}

func TestGoSaysWhatItRestsOn(t *testing.T) {
	code, out := check(t, goodPolicy+"skips: [S22]\n", sample.Started.Add(time.Hour), nil, edited(t, func(r *model.Run) { r.Scenarios = append(r.Scenarios, sample.Rich().Scenarios[5]) }))
	for _, want := range []string{"GO\n  run 20261122-195820-7f3a, embedded, started 1h0m0s ago\n", "accepted hazard of S16: Q1 (After both sides declared each other DOWN",
		"accepted skipped of S22: skipped: the userspace relay cannot drop packets", "S03: 6 test cases passed, 1 trials; detection 103.9 of 150 s (31 % left), recovery 112.4 of 150 s (25 % left), loss 6.3 of 180 s (96 % left)"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if code != exitGo {
		t.Errorf("exit %d", code)
	}
}

// TestManyFailuresAreGroupedAndQuick: 12,000 failures of 3 KB took 139 seconds and printed 36 MB.
func TestManyFailuresAreGroupedAndQuick(t *testing.T) {
	for name, id := range map[string]func(int) string{"of one scenario": func(int) string { return "S03" }, "each of its own": func(i int) string { return fmt.Sprint("S", i) }} {
		t.Run(name, func(t *testing.T) {
			cases := make([]string, 12_000)
			for i := range cases {
				cases[i] = fmt.Sprintf(`<testcase name="step %d" classname="failover.outage"><properties><property name="scenario" value="%s"/></properties><failure message="%d %s"/></testcase>`, i, id(i), i, strings.Repeat("x", 3000))
			}
			text := foreign(cases...)
			start := time.Now()
			code, out := check(t, lenient, sample.Started.Add(time.Hour), nil, text)
			took := time.Since(start)
			if code != exitNoGo || len(out) > 200<<10 || !strings.Contains(out, "like it)") && !strings.Contains(out, "more reasons are left out here") {
				t.Errorf("exit %d, %d bytes:\n%.2000s", code, len(out), out)
			}
			if took > 20*time.Second { // one second on a quiet machine
				t.Errorf("took %s", took)
			}
		})
	}
}

// TestATeamsOwnObjectives: they reach the gate through our JUnit, and the policy may be stricter than the scenario.
func TestATeamsOwnObjectives(t *testing.T) {
	file := edited(t, func(r *model.Run) {
		r.Scenarios[1].Own = []model.Own{{Name: "checkout p99", Unit: "ms", Least: 80, Most: 95, Limit: 100, Verdict: model.Met}}
	})
	base := "version: 1\nrequired: [S03]\nhazards: [Q1, Q2]\n"
	expect(t, map[string]verdict{
		"met":             {base + "objectives: {S03: {own: {checkout p99: 98}}}\n", []string{file}, 0, "checkout p99 95 of 98 ms (3 % left)"},
		"its own limit":   {base, []string{file}, 0, "checkout p99 95 of 100 ms (5 % left)"},
		"missed":          {base + "objectives: {S03: {own: {checkout p99: 70}}}\n", []string{file}, 1, `checkout p99 took 80–95 ms, "S03" allows 70 ms`},
		"in between":      {base + "objectives: {S03: {own: {checkout p99: 90}}}\n", []string{file}, 1, "lies in between: not proven"},
		"not measured":    {base + "objectives: {S03: {own: {checkout p50: 90}}}\n", []string{file}, 1, "checkout p50 was not measured"},
		"no number":       {base + "objectives: {S03: {own: {checkout p99: fast}}}\n", []string{file}, 2, "cannot unmarshal"},
		"infinite":        {base + "objectives: {S03: {own: {checkout p99: .inf}}}\n", []string{file}, 2, "policy.yaml, line 4: objectives.S03.own.checkout p99: +Inf is not a bound"},
		"no name":         {base + "objectives: {S03: {own: {'': 3}}}\n", []string{file}, 2, "an objective without a name"},
		"a share of loss": {base + "objectives: {S03: {loss_percent: 10}}\n", []string{file}, 1, "loss was not measured"},
	})
}
