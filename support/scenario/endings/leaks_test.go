package endings

import (
	"strings"
	"testing"
)

// TestWhatIsLeftRunningIsNoticed: a suite in which a goroutine never ends is not green, whatever its scenarios say.
func TestWhatIsLeftRunningIsNoticed(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a suite")
	}
	r := ginkgo(t, "leaks", false)
	r.fails()
	r.vanishes()
	if said := r.output.String(); !strings.Contains(said, "everything that the suite started must have ended with it") {
		t.Error("nobody said that something is left running")
	}
}
