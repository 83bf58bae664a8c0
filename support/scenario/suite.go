package scenario

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/process"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario/record"
	"github.com/crossdc/failover/support/scenario/roster"
)

// Given is what a scenario is handed: the settings, and a way to get an environment that is fit to be tested.
type Given struct {
	Config  *config.Config
	Suite   string // family, e.g. "outage"
	Seed    int64
	Epoch   time.Time // the zero of every model.Instant
	Records *record.Folder
	RunID   string

	// Environment returns the environment of this process. It is built on first use and shared by the scenarios of a
	// suite for as long as it is healthy.
	Environment func(ctx context.Context) (*environment.Environment, error)
	// Spoiled says that the environment may no longer be fit: the next scenario gets a new one.
	Spoiled func(reason string)

	journals fault.Journals

	drills map[string]model.Scenario // what is known of each drill of the suite before it begins, by key
}

// Suite is one Ginkgo package of scenarios.
type Suite struct {
	family string
	roster *roster.Roster

	mu      sync.Mutex
	given   Given
	env     *environment.Environment
	spoiled string

	programs *environment.Programs
}

// NewSuite registers the nodes that every suite needs: reading the settings, closing the environment, and publishing the
// reports; and it limits how long every step may take. Call it once, at the top level of a suite's test file, and hand
// Given to the scenarios:
//
//	var suite = scenario.NewSuite("outage")
//	var _ = outage.DataCenterCrash(suite.Given)
func NewSuite(family string) *Suite {
	s := &Suite{family: family, roster: &roster.Roster{}}
	limited := limits()
	ginkgo.AddTreeConstructionNodeArgsTransformer(func(node types.NodeType, _ ginkgo.Offset, text string, args []any) (string, []any, []error) {
		return text, limited(node, s.roster.Note(node, text, args)), nil
	})
	ginkgo.BeforeSuite(s.begin)
	ginkgo.AfterSuite(s.end)
	ginkgo.ReportBeforeEach(announce)
	ginkgo.ReportAfterSuite("publish the results", s.publish)
	return s
}

// Given returns what the scenarios need. It is called when specs run, not while Ginkgo builds its tree.
func (s *Suite) Given() Given {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.given
}

func (s *Suite) begin() {
	process.EndOnHangup()
	settings, err := config.Load()
	gomega.Expect(err).NotTo(gomega.HaveOccurred(), "the settings must be right before anything is started")
	runID := settings.RunID
	if runID == "" {
		runID, err = record.RunID()
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
	}
	if settings.RandomSeed() { // one seed for all suites of a run
		settings.Seed = int64(hash(runID) >> 1)
	}
	reports, err := reportsFolder(settings.Reports)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	settings.Reports = reports
	gomega.Expect(store.Claim(reports)).To(gomega.Succeed(), "the reports must not replace files of somebody else")
	if settings.History == "-" {
		settings.History = ""
	} else {
		settings.History, err = reportsFolder(settings.History)
		gomega.Expect(err).NotTo(gomega.HaveOccurred())
	}
	journals, err := journalsOf(settings)
	gomega.Expect(err).NotTo(gomega.HaveOccurred(), "faults must be written down before anything is broken")
	records, err := record.Open(reports, runID, s.family)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given = Given{
		Config: settings, Suite: s.family, Seed: settings.Seed, Epoch: time.Now(), Records: records, RunID: runID,
		Environment: s.environment, Spoiled: s.spoil, journals: journals, drills: map[string]model.Scenario{},
	}
	for _, drill := range s.planned(s.roster.Drills()) {
		s.given.drills[drill.Key] = drill.Scenario
	}
}

// environment builds the environment of this process when there is none that is fit.
func (s *Suite) environment(ctx context.Context) (*environment.Environment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.env != nil && s.spoiled == "" {
		return s.env, nil
	}
	if s.env != nil {
		progress("the environment is replaced: %s", s.spoiled)
		if err := s.env.Close(ctx); err != nil {
			return nil, fmt.Errorf("close the spoiled environment: %w", err)
		}
		s.env, s.spoiled = nil, ""
	}
	if err := s.given.healLeftovers(ctx); err != nil {
		return nil, err
	}
	if err := s.build(); err != nil {
		return nil, err
	}
	env, err := environment.Open(ctx, s.given.Config, environment.Options{Progress: progress, Switches: switched(s.given.Config)})
	if err != nil {
		return nil, err
	}
	s.env = env
	return env, nil
}

// build makes the programs of an embedded environment once per process.
func (s *Suite) build() error {
	settings := s.given.Config
	if settings.Environment != config.Embedded || s.programs != nil {
		return nil
	}
	progress("building the emulator and the relay")
	programs, err := environment.Build(environment.Programs{Emulator: settings.Emulator.Path, Relay: settings.Emulator.Relay})
	if err != nil {
		return err
	}
	s.programs = programs
	settings.Emulator.Path, settings.Emulator.Relay = programs.Emulator, programs.Relay
	return nil
}

func (s *Suite) spoil(reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.spoiled == "" {
		s.spoiled = reason
	}
}

// closeTimeout bounds the teardown of an environment; the kernel does the rest if it is exceeded.
const closeTimeout = 30 * time.Second

func (s *Suite) end(ctx ginkgo.SpecContext) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.programs != nil {
		defer func() { gomega.Expect(s.programs.Close()).To(gomega.Succeed()) }()
	}
	if s.env == nil {
		return
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	gomega.Expect(s.env.Close(closing)).To(gomega.Succeed(), "the environment must go away without a trace")
	s.env = nil
}

// publish runs on one process after all specs of the suite, also when the run was interrupted.
func (s *Suite) publish(report ginkgo.Report) {
	if report.SuiteConfig.DryRun {
		return
	}
	given := s.Given()
	if given.Records == nil { // the settings were wrong: there is no folder to publish to
		return
	}
	stored, problems := record.LoadAll(given.Records.Path())
	selected, err := s.roster.Selected(report)
	if err != nil {
		ginkgo.Fail("publish the results: " + err.Error())
	}
	run := record.Run(report, s.family, s.planned(selected), stored)
	if run.ID == "" {
		run.ID = given.RunID
	}
	run.Seed = given.Seed
	configuration := environment.ToolkitConfig(given.Config)
	summarizeTrials(run.Scenarios, configuration.Timing())
	run.Proving = brokenOnPurpose(given.Config)
	run.Notes = append(run.Notes, run.Proving...)
	if problems != nil {
		run.Notes = append(run.Notes, problems.Error())
	}
	if len(run.Scenarios) == 0 {
		return // every spec of this suite was left out by the filter
	}
	info, _ := debug.ReadBuildInfo()
	run.By, run.Version, run.Built = startedBy(), version(info, "."), built()
	folder := store.Folder{Dir: given.Config.Reports, History: given.Config.History, Redact: given.redact(), Now: time.Now()}
	if len(brokenOnPurpose(given.Config)) > 0 {
		folder.History = "" // what was broken on purpose says nothing about the application
	}
	if err := remember(folder.History, run); err != nil {
		run.Notes = append(run.Notes, err.Error())
	}
	if err := folder.Publish(run); err != nil {
		ginkgo.Fail("publish the results: " + err.Error())
	}
	progress("reports of %s: %s", s.family, given.Config.Reports)
}

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

// storedAs wraps a scenario for the record folder.
func (g Given) storedAs(scenario model.Scenario, env model.Environment) record.Stored {
	return record.Stored{
		RunID: g.RunID, Suite: g.Suite, Epoch: g.Epoch.UTC().Format(time.RFC3339Nano), Environment: env, Scenario: scenario,
	}
}
