package environment

import (
	"slices"
	"strings"
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/toolkit/crossdc"
)

func loaded(t *testing.T, environ map[string]string) *config.Config {
	t.Helper()
	for name, value := range environ {
		t.Setenv(name, value)
	}
	settings, err := config.Load()
	if err != nil {
		t.Fatal(err)
	}
	return settings
}

// What makes a failover test meaningless is refused before anything is built, by the variable that decides it; what is merely
// not what it seems is said.
func TestConfigurationTrapsAreNamedBeforeAnythingIsBuilt(t *testing.T) {
	for name, c := range map[string]struct {
		environ map[string]string
		refuses string // the variable; empty: nothing is refused
		warns   string
	}{
		"as shipped":            {},
		"never a snapshot (C6)": {map[string]string{"CROSSDC_TOOLKIT_SNAPSHOT_INTERVAL": "500ms"}, "CROSSDC_TOOLKIT_SNAPSHOT_INTERVAL", ""},
		"no multiple (C7)":      {map[string]string{"CROSSDC_TOOLKIT_SNAPSHOT_INTERVAL": "50s"}, "", "C7"},
		"less than a second (C5)": {map[string]string{"CROSSDC_TOOLKIT_HEARTBEAT_INTERVAL": "500ms", "CROSSDC_TOOLKIT_SNAPSHOT_INTERVAL": "5s", "CROSSDC_SPEEDUP": "1",
			"CROSSDC_TOOLKIT_INIT_DELAY": "1s"}, "", "C5"},
	} {
		t.Run(name, func(t *testing.T) {
			traps := TrapsOf(loaded(t, c.environ))
			refused := traps.Refused()
			if c.refuses == "" && len(refused) > 0 || c.refuses != "" && !slices.ContainsFunc(refused, func(cause model.Cause) bool {
				return cause.Setting == c.refuses && cause.Remedy != "" && strings.Contains(cause.Problem, "meaningless")
			}) {
				t.Errorf("refused: %+v", refused)
			}
			if warnings := strings.Join(traps.Warnings(), "; "); !strings.Contains(warnings, c.warns) || c.warns == "" && warnings != "" {
				t.Errorf("warnings: %q, want %q", warnings, c.warns)
			}
		})
	}
}

// The settings of a remote pair do not tell what each side was given: nothing is claimed about that.
func TestTrapsOfARemotePairAreLeftOpenWhereNothingShowsThem(t *testing.T) {
	traps := TrapsOf(&config.Config{Environment: config.Remote})
	if !slices.Contains(traps.Unknown, crossdc.C3) || !strings.Contains(traps.looked(), "C3") {
		t.Errorf("%+v: %s", traps.Unknown, traps.looked())
	}
	for _, finding := range traps.Found {
		if traps.leavesOpen(finding.Trap) {
			t.Errorf("claimed: %+v", finding)
		}
	}
}
