package fault

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestEveryConstructorIsInTheCatalogue reads the sources: whoever adds a fault and forgets its line is told.
func TestEveryConstructorIsInTheCatalogue(t *testing.T) {
	made := make(map[string]bool)
	for _, kind := range Kinds() {
		if made[kind.Name] {
			t.Errorf("%s is in the catalogue twice", kind.Name)
		}
		made[kind.Name] = true
		if kind.Summary == "" || kind.Make(Parameters{}).Name != kind.Name {
			t.Errorf("%s: summary %q, makes %q", kind.Name, kind.Summary, kind.Make(Parameters{}).Name)
		}
	}
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	constructor := regexp.MustCompile(`(?s)\nfunc [A-Z]\w*\([^\n]*\) Fault \{.*?(?:newFault|linkFault)\("([a-z-]+)"`)
	found := 0
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		source, err := os.ReadFile(entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range constructor.FindAllSubmatch(source, -1) {
			found++
			if !made[string(match[1])] {
				t.Errorf("%s makes %q, which is not in the catalogue", entry.Name(), match[1])
			}
		}
	}
	if found != len(made) {
		t.Errorf("found %d constructors for %d lines of the catalogue", found, len(made))
	}
	if _, err := Make("earthquake", Parameters{}); err == nil || !strings.Contains(err.Error(), "there are no-op, crash") {
		t.Errorf("error %v", err)
	}
}
