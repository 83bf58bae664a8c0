// Package evidence reads JUnit files, ours or those of Ginkgo or others that say less, for the release gate.
package evidence

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Case is one test case.
type Case struct {
	File, Suite, Class, Name string
	Result                   string // passed, failure, error, skipped
	Kind, Message            string // of what did not pass
	Properties               map[string]string
}

// Suite is one testsuite element.
type Suite struct {
	Name       string
	Timestamp  time.Time // zero when missing
	Properties map[string][]string
	Cases      []Case
}

// File is one JUnit file.
type File struct {
	Name     string
	Suites   []Suite
	Problems []string // what makes it doubtful although it could be read: counts that do not add up, ...
}

// Limits of what is read.
const (
	maxBytes = 64 << 20
	maxCases = 200_000
	maxDepth = 20
)

// Read reads one JUnit file. What is no JUnit at all, cut off, nested without end or too large is an error.
func Read(name string, r io.Reader) (File, error) {
	limited := &io.LimitedReader{R: r, N: maxBytes + 1}
	p := parser{file: File{Name: name}, decoder: xml.NewDecoder(limited)}
	p.decoder.Strict = true
	err := p.run()
	if limited.N <= 0 {
		err = fmt.Errorf("larger than %d bytes", maxBytes)
	}
	if err != nil {
		return File{}, fmt.Errorf("read JUnit file %s: %w", name, err)
	}
	return p.file, nil
}

// parser walks over the elements; JUnit has them at any level that writers liked.
type parser struct {
	file    File
	decoder *xml.Decoder
	path    []string
	open    []int // indexes of the testsuites that are open
	stated  []map[string]int
	current *Case
	text    strings.Builder
	cases   int
}

func (p *parser) run() error {
	rooted := false
	for {
		token, err := p.decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var syntax *xml.SyntaxError
			if errors.As(err, &syntax) && strings.Contains(syntax.Msg, "unexpected EOF") {
				return fmt.Errorf("cut off at line %d: %w", syntax.Line, err)
			}
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if len(p.path) == 0 {
				if rooted || (t.Name.Local != "testsuites" && t.Name.Local != "testsuite") {
					return fmt.Errorf("the root element is <%s>, want one <testsuites> or <testsuite>", t.Name.Local)
				}
				rooted = true
			}
			if len(p.path) == maxDepth {
				return fmt.Errorf("nested more than %d deep", maxDepth)
			}
			p.path = append(p.path, t.Name.Local)
			if err := p.start(t); err != nil {
				return err
			}
		case xml.EndElement:
			p.end(t.Name.Local)
			p.path = p.path[:len(p.path)-1]
		case xml.CharData:
			if p.current != nil && p.text.Len() < 4<<10 {
				p.text.Write(t)
			}
		}
	}
	if !rooted {
		return errors.New("there is no element in it")
	}
	return nil
}

func attributes(e xml.StartElement) map[string]string {
	out := make(map[string]string, len(e.Attr))
	for _, a := range e.Attr {
		if _, twice := out[a.Name.Local]; !twice {
			out[a.Name.Local] = a.Value
		}
	}
	return out
}

func (p *parser) start(e xml.StartElement) error {
	a := attributes(e)
	switch e.Name.Local {
	case "testsuite":
		p.file.Suites = append(p.file.Suites, Suite{Name: a["name"], Timestamp: parseTime(a["timestamp"]), Properties: map[string][]string{}})
		p.open = append(p.open, len(p.file.Suites)-1)
		stated := map[string]int{}
		for _, name := range []string{"tests", "failures", "errors", "skipped"} {
			if v, ok := a[name]; ok {
				n, err := strconv.Atoi(v)
				if err != nil || n < 0 {
					p.doubt("suite %q: %s=%q is not a count", a["name"], name, v)
					n = -1
				}
				stated[name] = n
			}
		}
		p.stated = append(p.stated, stated)
	case "testcase":
		if p.current != nil || len(p.open) == 0 {
			return fmt.Errorf("a <testcase> %q where none can be", a["name"])
		}
		if p.cases++; p.cases > maxCases {
			return fmt.Errorf("more than %d test cases", maxCases)
		}
		suite := p.file.Suites[p.open[len(p.open)-1]].Name
		p.current = &Case{File: p.file.Name, Suite: suite, Class: a["classname"], Name: a["name"], Result: "passed", Properties: map[string]string{}}
		p.status(a["status"])
	case "property":
		p.property(a["name"], a["value"])
	case "failure", "error", "skipped":
		if p.current != nil && len(p.path) > 1 && p.path[len(p.path)-2] == "testcase" {
			// The worst word counts when a test case has several.
			if rank(e.Name.Local) > rank(p.current.Result) || p.current.Kind == "" {
				p.current.Kind, p.current.Message = a["type"], a["message"]
			}
			if rank(e.Name.Local) > rank(p.current.Result) {
				p.current.Result = e.Name.Local
			}
			p.text.Reset()
		}
	}
	return nil
}

func rank(result string) int {
	return map[string]int{"skipped": 1, "error": 2, "failure": 3}[result]
}

// status is what Ginkgo says in an attribute of its own; it can only make a result worse.
func (p *parser) status(status string) {
	switch strings.ToLower(status) {
	case "", "passed", "run", "success", "ok":
	case "skipped", "pending", "notrun", "disabled", "ignored":
		p.current.Result, p.current.Kind = "skipped", status
	case "failed", "failure":
		p.current.Result, p.current.Kind = "failure", status
	default:
		p.current.Result, p.current.Kind = "error", status
	}
}

func (p *parser) property(name, value string) {
	if p.current != nil {
		if old, twice := p.current.Properties[name]; twice && old != value {
			p.doubt("test case %q has the property %q twice, with different values", p.current.Name, name)
		}
		p.current.Properties[name] = value
		return
	}
	if len(p.open) > 0 {
		s := &p.file.Suites[p.open[len(p.open)-1]]
		s.Properties[name] = append(s.Properties[name], value)
	}
}

func (p *parser) end(name string) {
	switch {
	case name == "testcase" && p.current != nil:
		s := &p.file.Suites[p.open[len(p.open)-1]]
		s.Cases = append(s.Cases, *p.current)
		p.current = nil
	case (name == "failure" || name == "error" || name == "skipped") && p.current != nil && p.current.Message == "":
		p.current.Message, _, _ = strings.Cut(strings.TrimSpace(p.text.String()), "\n")
	case name == "testsuite" && len(p.open) > 0:
		p.count(p.file.Suites[p.open[len(p.open)-1]], p.stated[len(p.stated)-1])
		p.open, p.stated = p.open[:len(p.open)-1], p.stated[:len(p.stated)-1]
	}
}

// count compares the suite's own numbers with its test cases: a file that lost some must not pass. Ginkgo counts in "tests"
// what it lists, and so do all writers we know; suites within suites are not counted twice by all, so only leaves are checked.
func (p *parser) count(s Suite, stated map[string]int) {
	if len(s.Cases) == 0 && stated["tests"] == 0 {
		return
	}
	n := map[string]int{"tests": len(s.Cases)}
	for _, c := range s.Cases {
		switch c.Result {
		case "failure":
			n["failures"]++
		case "error":
			n["errors"]++
		case "skipped":
			n["skipped"]++
		}
	}
	if want, ok := stated["tests"]; ok && want != n["tests"] {
		p.doubt("suite %q says it has %d tests, %d are in the file", s.Name, want, n["tests"])
	}
	if want := max(stated["failures"], 0) + max(stated["errors"], 0); want > n["failures"]+n["errors"] {
		p.doubt("suite %q says that %d did not pass, the file has %d of them", s.Name, want, n["failures"]+n["errors"])
	}
}

func (p *parser) doubt(format string, args ...any) {
	if len(p.file.Problems) < 20 {
		p.file.Problems = append(p.file.Problems, fmt.Sprintf(format, args...))
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

var (
	inLabels = regexp.MustCompile(`\[([^\[\]]*)\]\s*$`)
	number   = regexp.MustCompile(`^(S[0-9]{2,3}|control)$`)
	leading  = regexp.MustCompile(`^(?:\[It\] )?(S[0-9]{2,3}|control)\b`)
)

// Labels of the test case: the property, or what Ginkgo appends to names: "... [S03, outage]".
func (c Case) Labels() []string {
	text := c.Properties["labels"]
	if text == "" {
		if m := inLabels.FindStringSubmatch(c.Name); m != nil {
			text = m[1]
		}
	}
	var out []string
	for label := range strings.SplitSeq(text, ",") {
		if label = strings.TrimSpace(label); label != "" {
			out = append(out, label)
		}
	}
	return out
}

// Scenario is the catalogue number: the property, a label that is one, or how the name begins. Empty when there is none.
func (c Case) Scenario() string {
	if id := c.Properties["scenario"]; id != "" {
		return id
	}
	for _, label := range c.Labels() {
		if number.MatchString(label) {
			return label
		}
	}
	if m := leading.FindStringSubmatch(c.Name); m != nil {
		return m[1]
	}
	return ""
}
