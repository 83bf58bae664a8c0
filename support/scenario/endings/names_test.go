package endings

import (
	"encoding/json"
	"encoding/xml"
	"html"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/record"
)

// TestDataCentersMayHaveAnyNames runs scenarios on pairs whose names would mislead whoever reads them: names are shown, and nothing
// is decided by what they look like. Every report must be readable, and say them as they are.
func TestDataCentersMayHaveAnyNames(t *testing.T) {
	if testing.Short() {
		t.Skip("runs suites")
	}
	for _, c := range []struct {
		one, two, suite, filter string
		target                  func(one, two string) string
		observers               func(one, two string) []string
	}{
		{`Köln "Süd" <1> & 'x'->dc2`, "link  東京 | #2", "outage", "S03 && fast", func(one, _ string) string { return one }, func(_, two string) []string { return []string{two} }},
		{"east", "west", "partition", "S18 && !soak", func(one, two string) string { return "link " + one + "->" + two }, func(_, two string) []string { return []string{two} }},
	} {
		t.Run(c.one, func(t *testing.T) {
			_, environ := compiled(t)
			r := start(t, environ, []string{"CROSSDC_DC1_NAME=" + c.one, "CROSSDC_DC2_NAME=" + c.two}, "--label-filter="+c.filter, "../../../suites/"+c.suite)
			select {
			case err := <-r.exited:
				if err != nil {
					t.Errorf("the run ended with %v", err)
				}
			case <-time.After(4 * patience):
				t.Fatalf("the run did not end within %v", 4*patience)
			}
			r.vanishes()
			stored, err := record.LoadAll(filepath.Join(r.reports, "runs"))
			if err != nil || len(stored) == 0 {
				t.Fatalf("%d scenarios stored, %v", len(stored), err)
			}
			s := stored[0].Scenario
			if s.Outcome != model.Passed && s.Outcome != model.HazardReproduced {
				t.Fatalf("%s: %s %q", s.ID, s.Outcome, s.Reasons)
			}
			if s.Fault == nil || s.Fault.Target != c.target(c.one, c.two) || !slices.Equal(s.Fault.Observers, c.observers(c.one, c.two)) {
				t.Errorf("fault %+v", s.Fault)
			}
			if m := s.Measures.Detection; m == nil || m.Verdict != model.Met {
				t.Errorf("detection %+v", m)
			}
			r.saysInEveryReport(s.Fault.Target, c.one, c.two)
		})
	}
}

// saysInEveryReport demands names, as they are, in JUnit, the summary and the page.
func (r *ginkgoRun) saysInEveryReport(target string, names ...string) {
	r.t.Helper()
	raw, err := os.ReadFile(filepath.Join(r.reports, "junit.xml"))
	if err != nil {
		r.t.Fatal(err)
	}
	var junit struct {
		Properties []struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"value,attr"`
		} `xml:"testsuite>testcase>properties>property"`
	}
	if err := xml.Unmarshal(raw, &junit); err != nil {
		r.t.Fatalf("junit.xml is not valid: %v", err)
	}
	said := false
	for _, property := range junit.Properties {
		said = said || property.Name == "fault" && strings.HasSuffix(property.Value, " "+strings.Join(strings.Fields(target), " "))
	}
	if !said {
		r.t.Errorf("no property of JUnit says what was struck, %q: %+v", target, junit.Properties)
	}
	if raw, err = os.ReadFile(filepath.Join(r.reports, "summary.json")); err != nil {
		r.t.Fatal(err)
	}
	var summary any
	if err := json.Unmarshal(raw, &summary); err != nil {
		r.t.Fatalf("summary.json is not valid: %v", err)
	}
	pages, err := filepath.Glob(filepath.Join(r.reports, "*.html"))
	if err != nil || len(pages) == 0 {
		r.t.Fatalf("no page: %v", err)
	}
	page, err := os.ReadFile(pages[0])
	if err != nil {
		r.t.Fatal(err)
	}
	for _, name := range names {
		if !strings.Contains(html.UnescapeString(string(page)), name) {
			r.t.Errorf("the page does not say %q", name)
		}
		if strings.ContainsAny(name, "<&") && strings.Contains(string(page), name) {
			r.t.Errorf("the page says %q unescaped", name)
		}
	}
}
