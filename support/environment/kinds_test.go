package environment

import (
	"testing"

	"github.com/crossdc/failover/support/config"
)

// The two halves of the table name the same kinds, in the same order, and every kind has what is asked of each.
func TestKindsAreThoseThatSettingsKnow(t *testing.T) {
	ours, known := kinds(), config.Kinds()
	if len(ours) != len(known) {
		t.Fatalf("%d kinds can be opened, settings know %d", len(ours), len(known))
	}
	for i, kind := range ours {
		if kind.name != known[i].Name {
			t.Errorf("kind %d is opened as %q and set as %q", i, kind.name, known[i].Name)
		}
		if kind.open == nil || kind.checks == nil || kind.traps == nil || kind.accuracy == nil {
			t.Errorf("%s lacks one of open, checks, traps and accuracy", kind.name)
		}
		if (kind.attach == nil) != known[i].Emulated {
			t.Errorf("%s: emulated data centers end with their run, all others can be reached again; emulated: %t, attach: %t", kind.name, known[i].Emulated, kind.attach != nil)
		}
	}
	if _, err := Attach(&config.Config{Environment: "elsewhere"}); err == nil {
		t.Error("a kind that is not in the table was attached")
	}
}
