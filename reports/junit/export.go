package junit

import "github.com/crossdc/failover/reports/model"

// Property is one named value that a report states about a run or a scenario.
type Property struct{ Name, Value string }

// RunProperties are the properties of a testsuite: what holds for the whole run. Other sinks state the same under the same
// names; reports/README.md lists them.
func RunProperties(run model.Run) []Property { return exported(runProperties(run, Options{})) }

// ScenarioProperties are the properties of every test case of one scenario of run.
func ScenarioProperties(run model.Run, scenario model.Scenario) []Property {
	return exported(scenarioProperties(run, scenario, Options{}))
}

func exported(properties []property) []Property {
	out := make([]Property, len(properties))
	for i, p := range properties {
		out[i] = Property{Name: p.name, Value: p.value}
	}
	return out
}
