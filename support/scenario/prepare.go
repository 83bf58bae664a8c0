package scenario

import (
	"errors"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/record"
	"github.com/crossdc/failover/support/scenario/refusal"
)

// prepare reads the settings and makes what every scenario is given, once: Ginkgo runs the nodes that call it one after another.
func (s *Suite) prepare() error {
	if s.Given().Config != nil {
		return nil
	}
	settings, causes := refusal.Check()
	if len(causes) > 0 {
		return refused(causes)
	}
	var err error
	runID := settings.RunID
	if runID == "" {
		if runID, err = record.RunID(); err != nil {
			return err
		}
	}
	if settings.RandomSeed() { // one seed for all suites of a run
		settings.Seed = seedOf(runID)
	}
	journals, err := refusal.Journals(settings)
	if err != nil {
		return err
	}
	records, err := record.Open(settings.Reports, runID, s.family)
	if err != nil {
		return err
	}
	given := Given{
		Config: settings, Suite: s.family, Seed: settings.Seed, Epoch: time.Now(), Records: records, RunID: runID,
		Environment: s.environment, Spoiled: s.spoil, journals: journals, drills: map[string]model.Scenario{},
	}
	for _, drill := range s.planned(s.roster.Drills(), given.Seed) {
		given.drills[drill.Key] = drill.Scenario
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given = given
	return nil
}

// refused is the error of a run that cannot begin.
type refused []model.Cause

// Error says all that is wrong, one a line.
func (r refused) Error() string { return refusal.Sentence(r) }

// causesOf says why the suite could not be prepared.
func causesOf(err error) []model.Cause {
	var known refused
	if errors.As(err, &known) {
		return known
	}
	return []model.Cause{{Kind: model.CauseMachine, Problem: "the run could not be prepared: " + err.Error()}}
}

// seedOf is the seed of a run that was given none: the same for all its suites and processes.
func seedOf(runID string) int64 { return int64(hash(runID) >> 1) }
