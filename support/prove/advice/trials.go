package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/process"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// Scenarios by their numbers.
const (
	crash          = "S03"
	shortPartition = "S15"
	longPartition  = "S16"
)

// runs are the suites that trials are made with.
var runs = []struct{ suite, filter string }{
	{"outage", crash + " && fast"},
	{"partition", "(" + shortPartition + " || " + longPartition + ") && fast"},
}

// Limits of the trials of one suite, wall time.
const (
	trialLimit = 2 * time.Minute
	stopLimit  = 45 * time.Second // for the teardown of a run that is interrupted
)

// trial is what one trial of a scenario came to. Spans are in toolkit seconds.
type trial struct {
	Scenario  string      `json:"scenario"`
	Outcome   string      `json:"outcome"`
	Detection *[2]float64 `json:"detection_s,omitempty"`
	Loss      *[2]float64 `json:"loss_s,omitempty"`
	Silent    bool        `json:"silent,omitempty"` // Q1: both stayed silent
	Reasons   []string    `json:"reasons,omitempty"`
}

// counts says whether the trial says something of the application.
func (t trial) counts() bool {
	switch model.Outcome(t.Outcome) {
	case model.Passed, model.HazardReproduced, model.Failed:
		return true
	}
	return false
}

// result is what trials with one configuration came to.
type result struct {
	Name    string         `json:"configuration"`
	Toolkit crossdc.Config `json:"-"`
	Timing  string         `json:"timing"`
	Commit  string         `json:"commit"`
	Trials  []trial        `json:"trials"`
	Rows    []row          `json:"rows"`
}

// player runs suites with everything built once.
type player struct {
	work     *process.Folder
	programs *environment.Programs
	commit   string
}

// commitNow names the sources; "unknown" outside of a checkout.
func commitNow(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

func newPlayer(ctx context.Context) (_ *player, err error) {
	p := &player{commit: commitNow(ctx)}
	settings, err := config.Load()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if p.work, err = process.NewFolder(); err != nil {
		return nil, err
	}
	if p.programs, err = environment.Build(environment.Programs{Emulator: settings.Emulator.Path, Relay: settings.Emulator.Relay}); err != nil {
		return nil, err
	}
	for _, r := range runs {
		if output, err := exec.CommandContext(ctx, "go", "test", "-c", "-o", p.binary(r.suite), "./suites/"+r.suite).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build ./suites/%s (run this in the module's folder): %w\n%s", r.suite, err, output)
		}
	}
	return p, nil
}

func (p *player) binary(suite string) string { return filepath.Join(p.work.Path, suite+".test") }

func (p *player) close() error {
	var problems []error
	if p.programs != nil {
		problems = append(problems, p.programs.Close())
	}
	if p.work != nil {
		problems = append(problems, p.work.Close())
	}
	return errors.Join(problems...)
}

// begun is the result of a configuration before its trials.
func begun(c configuration, commit string) (result, error) {
	r := result{Name: c.name, Commit: commit}
	settings, err := with(c)
	if err != nil {
		return r, err
	}
	r.Toolkit = environment.ToolkitConfig(settings)
	t := r.Toolkit.Timing()
	r.Timing = fmt.Sprintf("I = %s, N = %d, S = %s, C = %s, R = %s", t.Interval, t.Misses, t.SnapshotInterval, t.ConnectTimeout, t.ReadTimeout)
	return r, nil
}

// play makes the trials of one configuration.
func (p *player) play(ctx context.Context, c configuration, trials int) (result, error) {
	r, err := begun(c, p.commit)
	if err != nil {
		return r, err
	}
	for _, run := range runs {
		stored, err := p.run(ctx, c, run.suite, run.filter, trials)
		if err != nil {
			return r, err
		}
		r.Trials = append(r.Trials, stored...)
	}
	return r, nil
}

// decisive are the keys that tell configurations apart.
var decisive = []string{"heartbeatExchangeInterval", "consecutiveHeartbeatMissesAllowed", "dataSnapshotExchangeInterval"}

// fromStored takes the trials of every stored run below a folder. Those of another configuration are refused.
func fromStored(ctx context.Context, c configuration, folder string) (result, error) {
	r, err := begun(c, commitNow(ctx))
	if err != nil {
		return r, err
	}
	err = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() != store.RunFile {
			return err
		}
		run, err := store.Read(path)
		if err != nil {
			return err
		}
		for _, key := range crossdc.Keys() {
			has, told := run.Environment.Toolkit[key.Name]
			if want := key.Get(&r.Toolkit); told && slices.Contains(decisive, key.Name) && has != want {
				return fmt.Errorf("%s was made with %s = %s, and %s has %s", path, key.Name, has, c.name, want)
			}
		}
		r.Trials = append(r.Trials, trialsOf(run)...)
		return nil
	})
	if err != nil {
		return r, fmt.Errorf("read stored runs: %w", err)
	}
	if len(r.Trials) == 0 {
		return r, fmt.Errorf("below %s no stored run (%s) has a trial of %s, %s or %s", folder, store.RunFile, crash, shortPartition, longPartition)
	}
	return r, nil
}

// with loads the settings that a configuration's trials run with.
func with(c configuration) (settings *config.Config, err error) {
	for _, pair := range c.settings {
		name, value, _ := strings.Cut(pair, "=")
		before, set := os.LookupEnv(name)
		if err := os.Setenv(name, value); err != nil {
			return nil, fmt.Errorf("set %s: %w", name, err)
		}
		defer func() {
			if set {
				err = errors.Join(err, os.Setenv(name, before))
			} else {
				err = errors.Join(err, os.Unsetenv(name))
			}
		}()
	}
	return config.Load()
}

func (p *player) run(ctx context.Context, c configuration, suite, filter string, trials int) ([]trial, error) {
	reports, err := os.MkdirTemp(p.work.Path, suite)
	if err != nil {
		return nil, fmt.Errorf("keep what %s finds: %w", suite, err)
	}
	log, err := os.Create(filepath.Join(reports, "output.txt"))
	if err != nil {
		return nil, fmt.Errorf("keep the output of %s: %w", suite, err)
	}
	defer log.Close() //nolint:errcheck // nothing of ours is in it
	limited, cancel := context.WithTimeout(ctx, time.Duration(2*trials)*trialLimit)
	defer cancel()
	spec := exec.CommandContext(limited, p.binary(suite), "--ginkgo.no-color", "--ginkgo.label-filter="+filter)
	spec.Dir, spec.Stdout, spec.Stderr = filepath.Join("suites", suite), log, log
	spec.Env = append(os.Environ(), "CROSSDC_REPORTS="+reports, "CROSSDC_HISTORY=-", "CROSSDC_JOURNAL="+filepath.Join(p.work.Path, "journal"),
		"CROSSDC_EMULATOR_PATH="+p.programs.Emulator, "CROSSDC_EMULATOR_RELAY="+p.programs.Relay, fmt.Sprintf("CROSSDC_TRIALS=%d", trials))
	spec.Env = append(spec.Env, c.settings...)
	spec.Cancel = func() error { return spec.Process.Signal(syscall.SIGINT) } // so that it takes its data centers away
	spec.WaitDelay = stopLimit
	var exit *exec.ExitError
	if err := spec.Run(); err != nil && !errors.As(err, &exit) {
		return nil, fmt.Errorf("run the suite %s: %w", suite, err)
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("interrupted: %w", context.Cause(ctx))
	}
	stored, err := store.Read(filepath.Join(reports, store.RunFile))
	if err != nil {
		return nil, fmt.Errorf("the suite %s left no results: %w", suite, err)
	}
	return trialsOf(stored), nil
}

// trialsOf are the trials in a stored run that advice can be held against.
func trialsOf(run model.Run) (list []trial) {
	for _, s := range run.Scenarios {
		if (s.ID == crash || s.ID == shortPartition || s.ID == longPartition) && slices.Contains(s.Labels, "fast") {
			list = append(list, tried(s))
		}
	}
	return list
}

// tried is what a stored scenario came to.
func tried(s model.Scenario) trial {
	t := trial{Scenario: s.ID, Outcome: string(s.Outcome), Reasons: s.Reasons}
	if d := s.Measures.Detection; d != nil {
		t.Detection = &[2]float64{d.EarliestSeconds, d.LatestSeconds}
	}
	if l := s.Measures.Loss; l != nil {
		t.Loss = &[2]float64{l.EarliestSeconds, l.LatestSeconds}
	}
	for _, h := range s.Hazards {
		t.Silent = t.Silent || h.Quirk == "Q1"
	}
	return t
}
