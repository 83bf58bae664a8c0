package scenario

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"
	"github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/process"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario/ended"
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

	unfit string // why the scenario has no place in this environment; empty: it has

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
	signals  chan os.Signal    // one that told this process to end
	turn     turn              // of whoever opens, builds or closes
	failed   bool              // a scenario did not end well
	running  []gleak.Goroutine // before anything was opened
}

// NewSuite registers the nodes that every suite needs: reading the settings, closing the environment, and publishing the
// reports; and it limits how long every step may take. Call it once, at the top level of a suite's test file, and hand
// Given to the scenarios:
//
//	var suite = scenario.NewSuite("outage")
//	var _ = outage.DataCenterCrash(suite.Given)
func NewSuite(family string) *Suite {
	s := &Suite{family: family, roster: &roster.Roster{}, signals: make(chan os.Signal, 1), turn: make(turn, 1)}
	plainly()
	limited, ordered := limits(), s.ordered()
	ginkgo.AddTreeConstructionNodeArgsTransformer(func(node types.NodeType, _ ginkgo.Offset, text string, args []any) (string, []any, []error) {
		ordered()
		return text, limited(node, s.roster.Note(node, text, args)), nil
	})
	ginkgo.ReportBeforeSuite(func(report ginkgo.Report) {
		signal.Notify(s.signals, os.Interrupt, syscall.SIGTERM) // Ginkgo ends its specs at them; a hangup becomes one of them
		s.plan(report)
	})
	ginkgo.BeforeSuite(s.begin)
	ginkgo.AfterSuite(s.end)
	ginkgo.ReportBeforeEach(announce)
	ginkgo.ReportAfterEach(lament)
	ginkgo.ReportAfterSuite("publish the results", s.publish)
	return s
}

// told reports whether a signal told this process to end.
func (s *Suite) told() bool { return len(s.signals) > 0 }

// Given returns what the scenarios need. It is called when specs run, not while Ginkgo builds its tree.
func (s *Suite) Given() Given {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.given
}

func (s *Suite) begin() {
	process.EndOnHangup()
	s.running = gleak.Goroutines()
	if err := s.prepare(); err != nil {
		ended.Refused(causesOf(err))
	}
}

// environment builds the environment of this process when there is none that is fit. Whoever asks meanwhile waits for his turn, as
// long as his context lets him; nobody else is kept waiting.
func (s *Suite) environment(ctx context.Context) (*environment.Environment, error) {
	if err := s.turn.take(ctx); err != nil {
		return nil, err
	}
	defer s.turn.give()
	env, spoiled := s.open()
	if env != nil && spoiled == "" {
		return env, nil
	}
	if env != nil {
		progress("the environment is replaced: %s", spoiled)
		if err := env.Close(ctx); err != nil {
			return nil, fmt.Errorf("close the spoiled environment: %w", err)
		}
		s.opened(nil)
	}
	given := s.Given()
	if err := given.healLeftovers(ctx); err != nil {
		return nil, err
	}
	if err := s.build(given.Config); err != nil {
		return nil, err
	}
	env, err := environment.Open(ctx, given.Config, environment.Options{Progress: progress, Switches: switched(given.Config)})
	if err != nil {
		s.unopened()
		return nil, err
	}
	s.opened(env)
	return env, nil
}

// open returns the environment that is open, and why it is not fit for another scenario.
func (s *Suite) open() (env *environment.Environment, spoiled string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.env, s.spoiled
}

// unopened says that an environment could not be opened: connections to it may be in the middle of something, and that is no leak.
func (s *Suite) unopened() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = true
}

func (s *Suite) opened(env *environment.Environment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.env, s.spoiled = env, ""
}

// build makes the programs of an embedded environment once per process; the caller has the turn.
func (s *Suite) build(settings *config.Config) error {
	if !settings.Kind().Emulated || s.programs != nil {
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
	s.failed = true
	if s.spoiled == "" {
		s.spoiled = reason
	}
}

// closeTimeout bounds the teardown of an environment; the kernel does the rest if it is exceeded.
const closeTimeout = 30 * time.Second

func (s *Suite) end(ctx ginkgo.SpecContext) {
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	if err := s.turn.take(closing); err != nil {
		ginkgo.Fail(err.Error())
	}
	defer s.turn.give()
	defer s.leavesNothingRunning()
	if s.programs != nil {
		defer func() { gomega.Expect(s.programs.Close()).To(gomega.Succeed()) }()
	}
	env, _ := s.open()
	if env == nil {
		return
	}
	gomega.Expect(env.Close(closing)).To(gomega.Succeed(), "the environment must go away without a trace")
	s.opened(nil)
}

// storedAs wraps a scenario for the record folder.
func (g Given) storedAs(scenario model.Scenario, env model.Environment) record.Stored {
	return record.Stored{
		RunID: g.RunID, Suite: g.Suite, Epoch: g.Epoch.UTC().Format(time.RFC3339Nano), Environment: env, Scenario: scenario,
	}
}
