package scenario

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/scenario/record"
)

// prepare reads the settings and makes what every scenario is given, once.
func (s *Suite) prepare() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.given.Config != nil {
		return nil
	}
	settings, err := config.Load()
	if err != nil {
		return err
	}
	runID := settings.RunID
	if runID == "" {
		if runID, err = record.RunID(); err != nil {
			return err
		}
	}
	if settings.RandomSeed() { // one seed for all suites of a run
		settings.Seed = seedOf(runID)
	}
	if settings.Reports, err = reportsFolder(settings.Reports); err != nil {
		return err
	}
	if err := store.Claim(settings.Reports); err != nil {
		return fmt.Errorf("the reports must not replace files of somebody else: %w", err)
	}
	if settings.History == "-" {
		settings.History = ""
	} else if settings.History, err = reportsFolder(settings.History); err != nil {
		return err
	}
	journals, err := journalsOf(settings)
	if err != nil {
		return fmt.Errorf("faults must be written down before anything is broken: %w", err)
	}
	records, err := record.Open(settings.Reports, runID, s.family)
	if err != nil {
		return err
	}
	s.given = Given{
		Config: settings, Suite: s.family, Seed: settings.Seed, Epoch: time.Now(), Records: records, RunID: runID,
		Environment: s.environment, Spoiled: s.spoil, journals: journals, drills: map[string]model.Scenario{},
	}
	for _, drill := range s.planned(s.roster.Drills()) {
		s.given.drills[drill.Key] = drill.Scenario
	}
	return nil
}

// refusal is the cause of a run that could not even begin, on one line.
func refusal(err error) model.Cause {
	return model.Cause{Kind: model.CauseSettings, Problem: "refused before anything was started: " + strings.ReplaceAll(err.Error(), "\n", "; ")}
}

// seedOf is the seed of a run that was given none: the same for all its suites and processes.
func seedOf(runID string) int64 { return int64(hash(runID) >> 1) }

// reportsFolder makes a relative folder relative to the module that the suites are run from, because every suite runs
// in a folder of its own.
func reportsFolder(configured string) (string, error) {
	if filepath.IsAbs(configured) {
		return configured, nil
	}
	folder, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the folder for reports: %w", err)
	}
	for at := folder; ; at = filepath.Dir(at) {
		_, err := os.Stat(filepath.Join(at, "go.mod"))
		switch {
		case err == nil:
			return filepath.Join(at, configured), nil
		case !errors.Is(err, os.ErrNotExist):
			return "", fmt.Errorf("find the folder for reports: %w", err)
		case filepath.Dir(at) == at:
			return filepath.Join(folder, configured), nil
		}
	}
}
