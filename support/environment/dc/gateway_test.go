package main

import (
	"maps"
	"path/filepath"
	"testing"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/environment/gateway"
	"github.com/crossdc/failover/support/scenario/record"
)

// behind puts every HTTP service of both data centers behind one misbehaving proxy, and aims the settings at it.
func (d *dataCenters) behind(t *testing.T, rules string) *gateway.Gateway {
	t.Helper()
	folder := t.TempDir()
	path, err := gateway.Build(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	settings := maps.Clone(d.settings)
	var services []gateway.Service
	for _, dc := range []string{"DC1", "DC2"} {
		for _, url := range []string{"ROOT", "DATA_URL", "METRICS_URL"} {
			name := "CROSSDC_" + dc + "_" + url
			services = append(services, gateway.Service{Name: name, Target: settings[name], TargetCA: settings["CROSSDC_"+dc+"_CA_FILE"]})
		}
	}
	g, err := gateway.Start(t.Context(), path, folder, services, rules)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close() })
	for _, service := range services {
		settings[service.Name] = g.URLs[service.Name]
	}
	settings["CROSSDC_DC1_CA_FILE"], settings["CROSSDC_DC2_CA_FILE"] = g.CAFile, g.CAFile
	d.settings = settings
	return g
}

// TestRemoteRunThroughMisbehavingProxies runs scenarios by URL through what a tired service and the proxies in front of it do.
// None of it is the application's doing, so none of it may fail a scenario.
func TestRemoteRunThroughMisbehavingProxies(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a minute for each misbehaviour")
	}
	for _, test := range []struct{ name, suite, filter, rules string }{
		{"every tenth call is refused for a second", "outage", "S08", `[{"do":"status","status":503,"retryAfter":"1","every":10}]`},
		{"all at once, a little", "preflight", "control", `[{"do":"session","valid":20},
			{"do":"compress","encoding":"gzip","every":2},
			{"do":"retype","fields":["productVersion","startedBy","tracingLevel","description"],"as":{"unexpected":[1]}},
			{"do":"append","service":"CROSSDC_DC1_METRICS_URL","body":"# TYPE foreign gauge\nforeign 1\n# TYPE foreign counter\nforeign{a=\"\\x\"} NaN\n"},
			{"do":"partial","method":"POST","path":"/inject/Events","every":150},
			{"do":"reset","method":"GET","every":40}]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			data := startDataCenters(t)
			g := data.behind(t, test.rules)
			reports := t.TempDir()
			output := runSuite(t, test.suite, test.filter, append(data.environ(), "CROSSDC_REPORTS="+reports, "CROSSDC_HISTORY=-", "CROSSDC_RATE=400", "CROSSDC_MINIMUM_LOAD=0.4"))
			t.Logf("%s", output)
			usage, err := g.Rules("")
			if err != nil {
				t.Fatal(err)
			}
			for i, rule := range usage {
				if rule.Applied == 0 {
					t.Errorf("rule %d was never applied to one of %d calls: nothing was tried", i, rule.Seen)
				}
			}
			stored, err := record.LoadAll(filepath.Join(reports, "runs"))
			if err != nil || len(stored) != 1 {
				t.Fatalf("%d scenarios, %v", len(stored), err)
			}
			s := stored[0].Scenario
			if s.Outcome != model.Passed && s.Outcome != model.HazardReproduced {
				t.Errorf("%s: %s %q", s.ID, s.Outcome, s.Reasons)
			}
			if s.Cleanup == nil || s.Cleanup.Outcome != model.Passed {
				t.Errorf("%s: cleanup %+v", s.ID, s.Cleanup)
			}
			data.end(t)
		})
	}
}
