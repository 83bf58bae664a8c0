package browser

import (
	"strings"
	"testing"
)

// TestAxeFindsWhatIsWrong: a page with a button that has no name is not without violations.
func TestAxeFindsWhatIsWrong(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			source := Axe(t)
			b := Start(t, name)
			b.Open(`<!DOCTYPE html><html lang="en"><title>a page</title><main><h1>A page</h1><button></button></main></html>`, 1280)
			b.Load(source)
			if violations, _ := b.Find(); !strings.HasPrefix(strings.Join(violations, "; "), "button-name") {
				t.Errorf("axe finds %q", violations)
			}
		})
	}
}
