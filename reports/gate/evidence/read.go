package evidence

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/crossdc/failover/reports/plain"
)

// Limits of what is read.
const (
	maxBytes    = 64 << 20
	maxCases    = 200_000
	maxDepth    = 20
	maxMessage  = 512 // bytes that are kept of a failure's message
	maxProblems = 20
)

// Read reads one JUnit file. What is no JUnit at all, cut off, nested without end, in a namespace, with a document type, or
// too large is an error.
func Read(name string, r io.Reader) (File, error) {
	limited := &io.LimitedReader{R: r, N: maxBytes + 1}
	p := parser{file: File{Name: name}, decoder: xml.NewDecoder(limited)}
	p.decoder.Strict = true
	p.decoder.CharsetReader = func(charset string, input io.Reader) (io.Reader, error) {
		if strings.EqualFold(charset, "us-ascii") || strings.EqualFold(charset, "ascii") {
			return input, nil
		}
		return nil, fmt.Errorf("its encoding is %s: only UTF-8 is read", charset)
	}
	err := p.run()
	if limited.N <= 0 {
		err = fmt.Errorf("larger than %d bytes", maxBytes)
	}
	if err != nil {
		return File{}, fmt.Errorf("read JUnit file %s: %w", name, err)
	}
	p.file.understand()
	return p.file, nil
}

// parser walks over the elements; JUnit has them at any level that writers liked.
type parser struct {
	file    File
	decoder *xml.Decoder
	path    []string
	open    []level // testsuites that are open, the root <testsuites> among them
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
			if t.Name.Space != "" {
				return fmt.Errorf("<%s> is in the namespace %q: JUnit has none", t.Name.Local, plain.Clip(t.Name.Space, 100))
			}
			if err := p.start(t); err != nil {
				return err
			}
			p.path = append(p.path, t.Name.Local)
		case xml.EndElement:
			p.path = p.path[:len(p.path)-1]
			p.end(t.Name.Local)
		case xml.CharData:
			if len(p.path) == 0 && strings.Trim(string(t), " \t\r\n\ufeff") != "" {
				return errors.New("there is no element in it, or text outside of the only one")
			}
			if p.current != nil && p.text.Len() < 4<<10 {
				p.text.Write(t)
			}
		case xml.Directive:
			return errors.New("it declares a document type: JUnit has none")
		}
	}
	if !rooted {
		return errors.New("there is no element in it")
	}
	return nil
}

// attributes of an element; the same one twice would mean something else to every reader.
func attributes(e xml.StartElement) (map[string]string, error) {
	out := make(map[string]string, len(e.Attr))
	for _, a := range e.Attr {
		if a.Name.Space != "" {
			continue
		}
		if _, twice := out[a.Name.Local]; twice {
			return nil, fmt.Errorf("<%s> has the attribute %s twice", e.Name.Local, a.Name.Local)
		}
		out[a.Name.Local] = a.Value
	}
	return out, nil
}

func (p *parser) parent() string {
	if len(p.path) == 0 {
		return ""
	}
	return p.path[len(p.path)-1]
}

func (p *parser) start(e xml.StartElement) error {
	a, err := attributes(e)
	if err != nil {
		return err
	}
	name := e.Name.Local
	parent := p.parent()
	switch {
	case name == "testcase" && parent != "testsuite", name == "testsuites" && parent != "",
		name == "testsuite" && parent != "" && parent != "testsuite" && parent != "testsuites":
		return fmt.Errorf("a <%s> %q where none can be", name, plain.Clip(a["name"], 100))
	case p.current != nil:
		p.inCase(name, a)
	case name == "testsuites", name == "testsuite":
		p.openLevel(name, a)
	case name == "testcase":
		if p.cases++; p.cases > maxCases {
			return fmt.Errorf("more than %d test cases", maxCases)
		}
		suite := p.file.Suites[p.open[len(p.open)-1].suite].Name
		p.current = &Case{File: p.file.Name, Suite: suite, Class: a["classname"], Name: a["name"], Result: "passed", Properties: map[string]string{}}
		p.status(a["status"])
		p.status(a["result"])
		p.otherAttributes(a)
		p.marked(a, fmt.Sprintf("test case %q", a["name"]))
	case name == "property" && parent == "properties":
		p.suiteProperty(a["name"], a["value"])
	case name == "properties" || name == "system-out" || name == "system-err":
	default:
		p.doubt("<%s> within <%s> is not understood", name, parent)
	}
	return nil
}

// inCase reads an element within a test case. Only what is known to be harmless is passed over.
func (p *parser) inCase(name string, a map[string]string) {
	c := p.current
	switch parent := p.parent(); {
	case parent == "testcase" && (name == "failure" || name == "error" || name == "skipped"):
		// The worst word counts when a test case has several. An attribute may have said it before, without a reason.
		if rank(name) > rank(c.Result) || c.Kind == "" {
			c.Kind, c.Message = a["type"], plain.Clip(a["message"], maxMessage)
		} else if rank(name) == rank(c.Result) && c.Message == "" {
			c.Message = plain.Clip(a["message"], maxMessage)
		}
		if rank(name) > rank(c.Result) {
			c.Result = name
		}
		p.text.Reset()
	case parent == "testcase" && (name == "flakyFailure" || name == "flakyError" || name == "rerunFailure" || name == "rerunError"):
		if len(c.Flaky) < 3 {
			c.Flaky = append(c.Flaky, strings.TrimSuffix(name+": "+plain.Clip(a["message"], maxMessage), ": "))
		}
	case name == "property" && parent == "properties":
		value, quoted := meant(a["value"])
		c.Quoted = c.Quoted || quoted
		if old, twice := c.Properties[a["name"]]; twice && old != value {
			p.doubt("test case %q has the property %q twice, with different values", c.Name, a["name"])
		}
		c.Properties[a["name"]] = value
		p.mark(a["name"], value, fmt.Sprintf("test case %q", c.Name))
	case parent == "testcase" && (name == "properties" || name == "system-out" || name == "system-err"):
	case (strings.HasPrefix(parent, "flaky") || strings.HasPrefix(parent, "rerun")) && (name == "stackTrace" || name == "system-out" || name == "system-err"):
	default:
		p.doubt("test case %q: <%s> within <%s> is not understood", c.Name, name, parent)
	}
}

func rank(result string) int {
	return map[string]int{"skipped": 1, "error": 2, "failure": 3}[result]
}

// status is what Ginkgo and others say in an attribute of their own; it can only make a result worse.
func (p *parser) status(status string) {
	result := "error"
	switch strings.ToLower(status) {
	case "", "passed", "run", "success", "ok", "completed":
		return
	case "skipped", "pending", "notrun", "disabled", "ignored", "suppressed":
		result = "skipped"
	case "failed", "failure":
		result = "failure"
	}
	if rank(result) > rank(p.current.Result) {
		p.current.Result, p.current.Kind = result, status
	}
}

func (p *parser) suiteProperty(name, value string) {
	l := p.open[len(p.open)-1]
	l.properties[name] = append(l.properties[name], value)
	p.mark(name, value, l.name)
	p.ginkgo(name, value, l.name)
}

// marked looks for marks among attributes.
func (p *parser) marked(a map[string]string, where string) {
	for name := range marks {
		if value, said := a[name]; said {
			p.mark(name, value, where)
		}
	}
}

// mark notes what is said of the whole run. Each is kept once per file.
func (p *parser) mark(name, value, where string) {
	if name == "note" && strings.HasPrefix(value, provingNote) {
		name = "proving"
	}
	if !marks[name] || strings.EqualFold(strings.TrimSpace(value), "false") {
		return
	}
	p.note(Mark{Name: name, Value: plain.Clip(value, maxMessage), Where: plain.Clip(where, maxMessage)})
}

func (p *parser) note(m Mark) {
	if !slices.ContainsFunc(p.file.Marks, func(other Mark) bool { return other.Name == m.Name }) {
		p.file.Marks = append(p.file.Marks, m)
	}
}

func (p *parser) end(name string) {
	switch {
	case name == "testcase" && p.current != nil:
		at := p.open[len(p.open)-1].suite
		p.file.Suites[at].Cases = append(p.file.Suites[at].Cases, *p.current)
		p.open[len(p.open)-1].count(*p.current)
		p.current = nil
	case (name == "failure" || name == "error" || name == "skipped") && p.current != nil && p.parent() == "testcase" && p.current.Message == "":
		first, _, _ := strings.Cut(strings.TrimSpace(p.text.String()), "\n")
		p.current.Message = plain.Clip(first, maxMessage)
	case (name == "testsuite" || name == "testsuites") && len(p.open) > 0:
		p.closeLevel()
	}
}

func (p *parser) doubt(format string, args ...any) {
	if len(p.file.Problems) < maxProblems {
		p.file.Problems = append(p.file.Problems, plain.Clip(fmt.Sprintf(format, args...), maxMessage))
	}
}

// meant is the value of a property, and whether it stood in quotes: Ginkgo's own reports hold values as JSON.
func meant(value string) (text string, quoted bool) {
	if !strings.HasPrefix(value, `"`) || json.Unmarshal([]byte(value), &text) != nil {
		return value, false
	}
	return text, true
}
