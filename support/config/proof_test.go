package config

import (
	"slices"
	"strings"
	"testing"
)

func TestWhatIsBrokenOnPurposeIsForEmulatedDataCentersOnly(t *testing.T) {
	broken := map[string]string{
		"CROSSDC_EMULATOR_SWITCHES_DC1": "mute-after-restart",
		"CROSSDC_EMULATOR_SWITCHES_DC2": "never-notices,drops-fragment",
		"CROSSDC_PROOF_SENSES":          "skewed-clock",
	}
	set(t, broken)
	c := mustLoad(t)
	if !slices.Equal(c.Emulator.Switches.DC2, []string{"never-notices", "drops-fragment"}) || len(c.Emulator.Switches.DC1) != 1 || len(c.Proof.Senses) != 1 {
		t.Errorf("%+v %+v", c.Emulator.Switches, c.Proof)
	}
	for name, value := range broken {
		set(t, map[string]string{"CROSSDC_ENVIRONMENT": "remote", name: value})
		if _, err := Load(); err == nil || !strings.Contains(err.Error(), "CROSSDC_PROOF_SENSES") {
			t.Errorf("%s against remote data centers: %v", name, err)
		}
	}
}
