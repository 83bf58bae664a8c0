package scenario

import (
	"fmt"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/record"
	"github.com/crossdc/failover/support/scenario/roster"
)

// planned is what is known of drills before they begin.
func (s *Suite) planned(entries []roster.Drill) []record.Planned {
	var list []record.Planned
	for _, e := range entries {
		list = append(list, record.Planned{Depth: e.Depth(), Scenario: model.Scenario{
			Key: e.Key, ID: e.ID, Name: e.Name, Trial: e.Trial, Family: s.family, Labels: e.Labels, DeclaredSteps: len(e.Steps),
			Seed: s.given.Seed, Outcome: model.Running, Command: s.command(e),
		}})
	}
	return list
}

// command repeats just one drill with its seed.
func (s *Suite) command(e roster.Drill) string {
	return fmt.Sprintf("CROSSDC_SEED=%d go tool ginkgo --label-filter=%s ./suites/...", s.given.Seed, e.ID)
}
