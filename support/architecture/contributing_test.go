package architecture

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	inBackticks = regexp.MustCompile("`([^`\n]+)`")
	pathOfOurs  = regexp.MustCompile(`^(suites|support|toolkit|fixtures|reports|\.ci|\.github)(/[A-Za-z0-9_.-]+)+$`)
)

// TestWhatContributingNamesExists looks for every file and folder that CONTRIBUTING.md names in backticks.
func TestWhatContributingNamesExists(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, ".github", "CONTRIBUTING.md"))
	if err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	paths, targets := 0, 0
	for _, match := range inBackticks.FindAllStringSubmatch(string(text), -1) {
		name := match[1]
		if target, ok := strings.CutPrefix(name, "make "); ok {
			targets++
			if !strings.Contains(string(makefile), "\n"+target+": ##") {
				t.Errorf("CONTRIBUTING.md names %q, and the Makefile has no such target", name)
			}
			continue
		}
		if !pathOfOurs.MatchString(name) {
			continue
		}
		paths++
		if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(name))); err != nil {
			t.Errorf("CONTRIBUTING.md names %s: %v", name, err)
		}
	}
	if paths < 20 || targets < 5 {
		t.Errorf("found %d paths and %d targets only; the search is broken", paths, targets)
	}
}
