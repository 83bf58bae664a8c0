package junit

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/internal/sample"
	"github.com/crossdc/failover/reports/model"
)

// element is what a strict reader allows below and in an element: what the schema of Jenkins' xunit plugin (junit-10.xsd)
// allows, and the properties of a test case, which Jenkins' junit step reads and that schema does not know.
type element struct {
	children, required, optional []string
	text                         bool
}

var strict = map[string]element{
	"testsuites": {children: []string{"testsuite"}, optional: []string{"name", "time", "tests", "failures", "errors"}},
	"testsuite": {children: []string{"properties", "testcase", "system-out", "system-err"}, required: []string{"name", "tests", "failures", "errors"},
		optional: []string{"time", "skipped", "timestamp", "hostname", "id"}},
	"properties": {children: []string{"property"}},
	"property":   {required: []string{"name", "value"}},
	"testcase": {children: []string{"properties", "skipped", "error", "failure", "system-out", "system-err"}, required: []string{"name", "time", "classname"},
		optional: []string{"group"}},
	"failure":    {required: []string{"type", "message"}, text: true},
	"error":      {required: []string{"type", "message"}, text: true},
	"skipped":    {optional: []string{"type", "message"}, text: true},
	"system-out": {text: true},
	"system-err": {text: true},
}

func TestNothingThatAStrictReaderRefuses(t *testing.T) {
	seconds := regexp.MustCompile(`^[0-9]+\.[0-9]{3}$`)
	partial := sample.Rich()
	partial.Scenarios[2].Outcome, partial.Scenarios[2].Steps[1].Outcome, partial.Scenarios[2].Cleanup = "", "", nil
	for name, run := range map[string]model.Run{"rich": sample.Rich(), "partial": partial, "empty": {}} {
		var b bytes.Buffer
		if err := Write(&b, run, Options{Hostname: "ci-7"}); err != nil {
			t.Fatal(err)
		}
		decoder := xml.NewDecoder(&b)
		var above []string
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			switch token := token.(type) {
			case xml.StartElement:
				tag := token.Name.Local
				rule, known := strict[tag]
				if parent := len(above) - 1; !known || (parent >= 0 && !slices.Contains(strict[above[parent]].children, tag)) || (parent < 0 && tag != "testsuites") {
					t.Fatalf("%s: <%s> in %v", name, tag, above)
				}
				have := map[string]string{}
				for _, a := range token.Attr {
					have[a.Name.Local] = a.Value
					if !slices.Contains(rule.required, a.Name.Local) && !slices.Contains(rule.optional, a.Name.Local) {
						t.Errorf("%s: <%s %s=%q>", name, tag, a.Name.Local, a.Value)
					}
				}
				for _, want := range rule.required {
					if _, ok := have[want]; !ok {
						t.Errorf("%s: <%s> without %s", name, tag, want)
					}
				}
				if time, ok := have["time"]; ok && !seconds.MatchString(time) {
					t.Errorf("%s: <%s time=%q>", name, tag, time)
				}
				above = append(above, tag)
			case xml.EndElement:
				above = above[:len(above)-1]
			case xml.CharData:
				if text := strings.TrimSpace(string(token)); text != "" && !strict[above[len(above)-1]].text {
					t.Errorf("%s: %q in <%s>", name, text, above[len(above)-1])
				}
			}
		}
	}
}
