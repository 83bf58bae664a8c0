package main

import (
	"strings"
	"testing"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/prove/catalogue"
)

// A scenario is skipped for what it needs and the environment has not; each reason names what would have to change.
func TestAScenarioIsSkippedForAReason(t *testing.T) {
	all, err := catalogue.Scenarios("../..")
	if err != nil {
		t.Fatal(err)
	}
	remote := config.Config{Environment: config.Remote, Topology: "active/active"}
	passive := config.Config{Environment: config.Remote, Topology: environment.ActivePassive}
	everything := map[string]string{}
	for _, s := range all {
		for _, f := range s.Faults {
			everything[f] = "yes"
		}
	}
	nothing := map[string]string{"crash": "its processes cannot be reached", "partition": "there is no relay (CROSSDC_RELAY_URL)"}
	for _, c := range []struct {
		function     string
		settings     config.Config
		capabilities map[string]string
		traffic      string
		says         string // empty: it can run
	}{
		{"DataCenterCrash", config.Config{Environment: config.Embedded}, everything, "", ""},
		{"ActiveCrash", config.Config{Environment: config.Embedded}, everything, "", ""},
		{"DataCenterCrash", remote, everything, "", ""},
		{"DataCenterCrash", remote, nothing, "", "crash cannot be injected: its processes cannot be reached"},
		{"DataCenterCrash", remote, everything, "set CROSSDC_DC1_DATA_URL", "CROSSDC_DC1_DATA_URL"},
		{"ActiveCrash", remote, everything, "", "CROSSDC_TOPOLOGY"},
		{"DataCenterCrash", passive, everything, "", "CROSSDC_TOPOLOGY"},
		{"DifferentPorts", remote, everything, "", "configured by its operators"},
	} {
		found := false
		for _, s := range all {
			if s.Function != c.function {
				continue
			}
			found = true
			why := skipped(&c.settings, s, c.capabilities, c.traffic)
			if (why == "") != (c.says == "") || !strings.Contains(why, c.says) {
				t.Errorf("%s of %s, %s: %q, want %q", c.function, c.settings.Environment, c.settings.Topology, why, c.says)
			}
		}
		if !found {
			t.Errorf("there is no scenario %s", c.function)
		}
	}
}
