package specs

import (
	"slices"
	"testing"

	"github.com/crossdc/failover/support/declared"
)

// Every check that a file may claim has a step, and no step is out of reach.
func TestEveryCheckHasItsStep(t *testing.T) {
	for _, name := range declared.Names() {
		if steps[name] == nil {
			t.Errorf("%s has no step", name)
		}
	}
	for name := range steps {
		if !slices.Contains(declared.Names(), name) {
			t.Errorf("no file can claim %s", name)
		}
	}
}
