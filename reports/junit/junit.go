// Package junit writes a run as JUnit XML that CI servers accept as it is: the Jenkins schema and its attachments, GitLab
// (file size, unique names), GitHub's reporters, Azure DevOps. It is a pure function of the result model.
//
// One test case per step of a scenario, plus one for the cleanup verdict, plus one for the scenario's own verdict where no
// step carries it. Every test case has the scenario's measurements as properties, so that whoever reads only this file,
// such as the release gate, can judge it.
package junit

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

// ClassPrefix precedes the family in every class name: "failover.outage".
const ClassPrefix = "failover."

// Bounds on what one file may hold. GitLab refuses reports above 30 MB.
const (
	maxOutput   = 64 << 10 // bytes of system-out of one test case
	outputTotal = 8 << 20  // bytes of system-out of one file, shared evenly when there are many test cases
	maxMessage  = 1 << 10  // bytes of the message attribute of a failure
	maxBody     = 16 << 10 // bytes of the text of a failure
	maxName     = 500      // bytes of a test case's name
	maxProperty = 1 << 10  // bytes of a property's value

	maxAttachments = 100 // of one scenario
)

// Options of a JUnit file; the zero value is fine.
type Options struct {
	// Hostname for the schema's attribute of that name; "localhost" when empty.
	Hostname string
	// Redact is applied to every text before it is written; nil leaves texts as they are.
	Redact func(string) string
}

// Write writes run as one JUnit file: a testsuite per family, families in order of their first scenario. A partial run (no
// Finished, scenarios without outcome) and a run without any scenario give a valid file too. The error is the writer's.
func Write(w io.Writer, run model.Run, options Options) error {
	suites := arrange(run, options)
	out := &writer{w: bufio.NewWriterSize(w, 64<<10)}
	out.raw(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
	var total counts
	for _, s := range suites {
		total.add(s.counts())
	}
	out.raw("<testsuites")
	out.attr("name", "failover")
	out.attr("tests", strconv.Itoa(total.tests))
	out.attr("failures", strconv.Itoa(total.failures))
	out.attr("errors", strconv.Itoa(total.errors))
	out.attr("time", seconds(total.time))
	out.raw(">\n")
	for i, s := range suites {
		out.suite(run, s, i, options)
	}
	out.raw("</testsuites>\n")
	if out.err == nil {
		out.err = out.w.Flush()
	}
	if out.err != nil {
		return fmt.Errorf("write the JUnit report of run %q: %w", run.ID, out.err)
	}
	return nil
}

// suite is the test cases of one family.
type suite struct {
	family  string
	started model.Instant
	cases   []testCase
}

type counts struct {
	tests, failures, errors, skipped int
	time                             float64
}

func (c *counts) add(o counts) {
	c.tests += o.tests
	c.failures += o.failures
	c.errors += o.errors
	c.skipped += o.skipped
	c.time += o.time
}

func (s suite) counts() counts {
	c := counts{tests: len(s.cases)}
	for _, tc := range s.cases {
		c.time += tc.seconds
		switch tc.result {
		case failure:
			c.failures++
		case errored:
			c.errors++
		case skipped:
			c.skipped++
		case passed:
		}
	}
	return c
}

// arrange groups the scenarios by family, makes names unique within a class, and shares the room for output.
func arrange(run model.Run, options Options) []suite {
	var suites []suite
	index := map[string]int{}
	total := 0
	for _, scenario := range run.Scenarios {
		i, known := index[scenario.Family]
		if !known {
			i = len(suites)
			index[scenario.Family] = i
			suites = append(suites, suite{family: scenario.Family, started: scenario.Started})
		}
		suites[i].started = min(suites[i].started, scenario.Started)
		cases := casesOf(run, scenario, options)
		total += len(cases)
		suites[i].cases = append(suites[i].cases, cases...)
	}
	if len(suites) == 0 && len(run.Refused) > 0 {
		tc := refused(run, options)
		suites = append(suites, suite{family: strings.Join(run.Suites, " "), cases: []testCase{tc}})
		total++
	}
	limit := maxOutput
	if total > 0 {
		limit = min(limit, max(outputTotal/total, 256))
	}
	for i := range suites {
		unique(suites[i].cases)
		for j := range suites[i].cases {
			tc := &suites[i].cases[j]
			tc.output = plain.Clip(tc.output, limit)
		}
	}
	return suites
}

// unique appends " (2)", " (3)", ... to names that came before in the same class: GitLab drops all but the first.
func unique(cases []testCase) {
	seen := make(map[string]int, len(cases))
	for i := range cases {
		name := cases[i].name
		for n := 2; seen[cases[i].name] > 0; n++ {
			cases[i].name = name + " (" + strconv.Itoa(n) + ")"
		}
		seen[cases[i].name]++
	}
}

func (w *writer) suite(run model.Run, s suite, index int, options Options) {
	n := s.counts()
	w.raw("  <testsuite")
	w.attr("name", ClassPrefix+family(s.family))
	w.attr("id", strconv.Itoa(index))
	w.attr("tests", strconv.Itoa(n.tests))
	w.attr("failures", strconv.Itoa(n.failures))
	w.attr("errors", strconv.Itoa(n.errors))
	w.attr("skipped", strconv.Itoa(n.skipped))
	w.attr("time", seconds(n.time))
	w.attr("timestamp", run.Started.Add(time.Duration(s.started)).UTC().Format("2006-01-02T15:04:05"))
	w.attr("hostname", hostname(options))
	w.raw(">\n")
	w.properties("    ", runProperties(run, options))
	for _, tc := range s.cases {
		w.testCase(tc)
	}
	w.raw("  </testsuite>\n")
}

func (w *writer) testCase(tc testCase) {
	w.raw("    <testcase")
	w.attr("name", tc.name)
	w.attr("classname", tc.class)
	w.attr("time", seconds(tc.seconds))
	w.raw(">\n")
	w.properties("      ", tc.properties)
	switch tc.result {
	case failure:
		w.problem("failure", tc)
	case errored:
		w.problem("error", tc)
	case skipped:
		w.raw("      <skipped")
		w.attr("message", tc.message)
		w.raw("></skipped>\n")
	case passed:
	}
	if output := join(tc.output, tc.attachments); output != "" {
		w.raw("      <system-out>")
		w.text(output)
		w.raw("</system-out>\n")
	}
	w.raw("    </testcase>\n")
}

func (w *writer) problem(element string, tc testCase) {
	w.raw("      <" + element)
	w.attr("message", tc.message)
	w.attr("type", tc.kind)
	w.raw(">")
	w.text(tc.body)
	w.raw("</" + element + ">\n")
}

func family(name string) string {
	if name == "" {
		return "unnamed"
	}
	return plain.Line(name)
}

func hostname(options Options) string {
	if options.Hostname == "" {
		return "localhost"
	}
	return plain.Line(options.Hostname)
}
