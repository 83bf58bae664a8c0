package browser

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Axe is the source of axe-core, found where node looks for modules. It skips the test, with the reason, where there is none.
func Axe(t *testing.T) string {
	t.Helper()
	for _, folder := range filepath.SplitList(os.Getenv("NODE_PATH")) {
		if source, err := os.ReadFile(filepath.Join(folder, "axe-core", "axe.min.js")); err == nil {
			return string(source)
		}
	}
	t.Skip("there is no axe-core in NODE_PATH (npm install axe-core): accessibility was not checked")
	return ""
}

// Load makes axe-core known to the page that is open.
func (b *Browser) Load(axe string) {
	b.t.Helper()
	b.Eval(axe + `; ""`)
}

// Unfold opens everything that is folded.
func (b *Browser) Unfold() {
	b.t.Helper()
	b.Eval(`document.querySelectorAll("details").forEach((d) => { d.open = true; }); ""`)
}

// Find is what axe-core finds on the page as it is shown now, and how many of its rules pass. Axe must have been loaded.
func (b *Browser) Find() (violations []string, passes int) {
	b.t.Helper()
	found := b.Eval(`axe.run(document, {resultTypes: ["violations"]}).then((r) => JSON.stringify({passes: r.passes.length,
		violations: r.violations.map((v) => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200)).join(" | "))}))`)
	var result struct {
		Passes     int
		Violations []string
	}
	if err := json.Unmarshal([]byte(found), &result); err != nil {
		b.t.Fatalf("%v: %s", err, found)
	}
	return result.Violations, result.Passes
}

// Violations makes an error of everything that axe-core finds.
func (b *Browser) Violations(what string) {
	b.t.Helper()
	violations, passes := b.Find()
	if passes < 20 {
		b.t.Errorf("%s: axe looked at %d rules only", what, passes)
	}
	for _, violation := range violations {
		b.t.Errorf("%s: %s", what, violation)
	}
	b.t.Logf("%s: %d rules of axe-core pass, %d violations", what, passes, len(violations))
}
