package endings

import (
	"encoding/xml"
	"os"
	"path/filepath"
	"testing"
)

// TestGinkgosOwnReport reads the JUnit file that ginkgo itself writes: what our file says of a scenario stands there too, on the
// step that ended it, whether it passed or not.
func TestGinkgosOwnReport(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite")
	}
	suite, environ := compiled(t)
	folder := t.TempDir()
	r := start(t, environ, nil, "--label-filter=uneventful || panics", "--output-dir="+folder, "--junit-report=theirs.xml", suite)
	r.fails() // one of the two panics
	raw, err := os.ReadFile(filepath.Join(folder, "theirs.xml"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Name       string `xml:"name,attr"`
			Properties []struct {
				Name  string `xml:"name,attr"`
				Value string `xml:"value,attr"`
			} `xml:"properties>property"`
		} `xml:"testsuite>testcase"`
	}
	if err := xml.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]map[string]string{}
	for _, c := range file.Cases {
		found := map[string]string{}
		for _, p := range c.Properties {
			found[p.Name] = p.Value
		}
		if name := found["scenario.name"]; name != "" {
			verdicts[name] = found
		}
	}
	for name, verdict := range map[string]string{`"A drill in which nothing happens"`: `"passed"`, `"A drill that panics"`: `"panicked"`} {
		found := verdicts[name]
		if found["verdict"] != verdict || found["run"] == "" || found["objective.rpo_s"] != "180" {
			t.Errorf("%s: %v", name, found)
		}
	}
	if found := verdicts[`"A drill in which nothing happens"`]; found["loss.latest_events"] != "0" || found["loss.verdict"] != `"met"` {
		t.Errorf("its loss: %v", found)
	}
}
