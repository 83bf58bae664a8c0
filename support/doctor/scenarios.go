package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/prove/catalogue"
)

// scenarios says which scenarios can run here, and of each other one why it would be skipped. They are read from the sources of the
// suites in a module's folder; a repository with suites of its own has none of ours.
func scenarios(settings *config.Config, env *environment.Environment, module string) []environment.Finding {
	all, err := catalogue.Scenarios(module)
	if err != nil {
		return []environment.Finding{{Where: "scenarios", What: "of this module", State: environment.NotLooked, Says: err.Error()}}
	}
	can, capabilities, traffic := []string{}, env.Describe().Capabilities, env.CannotSend()
	var findings []environment.Finding
	for _, s := range all {
		name := strings.Join(append(s.Numbers(), s.Suite+"."+s.Function), " ")
		if why := skipped(settings, s, capabilities, traffic); why != "" {
			findings = append(findings, environment.Finding{Where: "scenarios", What: name, State: environment.Notable, Says: "is skipped here: " + why})
			continue
		}
		can = append(can, name)
	}
	text := fmt.Sprintf("%d of %d: %s", len(can), len(all), strings.Join(can, ", "))
	return append([]environment.Finding{{Where: "scenarios", What: "can run", State: environment.Fits, Says: text}}, findings...)
}

// skipped says why a scenario cannot run; empty when it can.
func skipped(settings *config.Config, s catalogue.Scenario, capabilities map[string]string, traffic string) string {
	if traffic != "" {
		return traffic
	}
	if !settings.Kind().Emulated {
		passive := slices.Contains(s.Labels, "active-passive")
		switch {
		case passive != (settings.Topology == environment.ActivePassive):
			return fmt.Sprintf("this environment is %s (CROSSDC_TOPOLOGY)", settings.Topology)
		case s.Suite == "configuration":
			return "it configures the toolkit in a way of its own, and a remote pair is configured by its operators"
		}
	}
	for _, f := range s.Faults {
		if why := capabilities[f]; why != "yes" {
			return fmt.Sprintf("%s cannot be injected: %s", f, why)
		}
	}
	return ""
}
