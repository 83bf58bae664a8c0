package evidence

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// level is one testsuite that is open, or the root <testsuites>.
type level struct {
	suite      int                 // index in the file; -1 for <testsuites>
	name       string              // for messages
	properties map[string][]string // which the suites within it inherit, as its timestamp
	timestamp  time.Time
	stamp      string         // the timestamp as it stands in the file
	stated     map[string]int // what it says of itself: tests, failures, errors, skipped, disabled, flakes; -1 for what is no count
	own, all   map[string]int // what is in it, without and with the suites within it
}

func (p *parser) openLevel(element string, a map[string]string) {
	l := level{suite: -1, name: "the file", properties: map[string][]string{}, stated: map[string]int{}, own: map[string]int{}, all: map[string]int{}}
	if len(p.open) > 0 {
		outer := p.open[len(p.open)-1]
		l.timestamp, l.stamp = outer.timestamp, outer.stamp
		for key, values := range outer.properties {
			l.properties[key] = slices.Clone(values)
		}
	}
	if stamp, said := a["timestamp"]; said {
		l.timestamp, l.stamp = parseTime(stamp), stamp
	}
	if element == "testsuite" {
		l.suite, l.name = len(p.file.Suites), fmt.Sprintf("suite %q", a["name"])
		p.file.Suites = append(p.file.Suites, Suite{Name: a["name"], Timestamp: l.timestamp, Stamp: l.stamp, Properties: l.properties})
	}
	p.marked(a, l.name)
	for _, name := range []string{"tests", "failures", "errors", "skipped", "disabled", "flakes"} {
		if v, said := a[name]; said {
			n, err := strconv.Atoi(v)
			if err != nil || n < 0 {
				p.doubt("%s: %s=%q is not a count", l.name, name, v)
				n = -1
			}
			l.stated[name] = n
		}
	}
	p.open = append(p.open, l)
}

func (l *level) count(c Case) {
	key := map[string]string{"failure": "failures", "error": "errors", "skipped": "skipped", "passed": "passed"}[c.Result]
	for _, counts := range []map[string]int{l.own, l.all} {
		counts["tests"]++
		counts[key]++
		if len(c.Flaky) > 0 {
			counts["flakes"]++
		}
	}
}

// closeLevel compares a suite's own numbers with its test cases: a file that lost some must not pass. Writers differ in
// whether the suites within a suite are counted, so that either is right.
func (p *parser) closeLevel() {
	l := p.open[len(p.open)-1]
	p.open = p.open[:len(p.open)-1]
	if len(p.open) > 0 {
		outer := &p.open[len(p.open)-1]
		for key, n := range l.all {
			outer.all[key] += n
		}
	}
	if want, said := l.stated["tests"]; said && want >= 0 && want != l.own["tests"] && want != l.all["tests"] {
		p.doubt("%s says it has %d tests, %d are in the file", l.name, want, l.all["tests"])
	}
	if want := max(l.stated["failures"], 0) + max(l.stated["errors"], 0); want > l.all["failures"]+l.all["errors"] {
		p.doubt("%s says that %d did not pass, the file has %d of them", l.name, want, l.all["failures"]+l.all["errors"])
	}
	if slices.Contains(l.properties["SuiteSucceeded"], "false") && l.all["tests"] == l.all["passed"] {
		p.doubt("%s says that it did not succeed, and every test case in the file passed", l.name)
	}
	for _, said := range []struct{ attribute, counted, what string }{{"skipped", "skipped", "were skipped"}, {"disabled", "skipped", "are disabled"},
		{"flakes", "flakes", "passed only when repeated"}} {
		if want := l.stated[said.attribute]; want > l.all[said.counted] {
			p.doubt("%s says that %d %s, the file has %d of them", l.name, want, said.what, l.all[said.counted])
		}
	}
}

func parseTime(s string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
