package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/lease"
)

// While a run has two data centers that are known by URL, a second one is refused with the name of the first, and nothing is broken.
func TestASecondRunByURLIsRefused(t *testing.T) {
	if testing.Short() {
		t.Skip("starts two data centers and compiles a suite: make test-long runs it")
	}
	data := startDataCenters(t)
	reports := t.TempDir()
	environ := append(data.environ(), "CROSSDC_REPORTS="+reports, "CROSSDC_JOURNAL="+filepath.Join(reports, "journal"), "CROSSDC_HISTORY=-")
	for _, pair := range environ {
		if name, value, _ := strings.Cut(pair, "="); strings.HasPrefix(name, config.Prefix) {
			t.Setenv(name, value)
		}
	}
	settings, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	first, err := environment.Open(t.Context(), settings, environment.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := first.Describe().Capabilities["refuse a second run"]; got != "yes" {
		t.Errorf("the report says: %s", got)
	}
	output, err := trySuite(t, "preflight", "control", environ)
	if err == nil || !strings.Contains(output, "not tested") || !strings.Contains(output, "is taken by another run of the suite (run of process") {
		t.Errorf("%v:\n%s", err, output)
	}
	if _, err := environment.Open(t.Context(), settings, environment.Options{}); !errors.As(err, new(*lease.HeldError)) {
		t.Errorf("opened twice: %v", err)
	}
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	second, err := environment.Open(t.Context(), settings, environment.Options{}) // nothing of the first is left
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
