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
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/prove/built"
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

// trialLimit bounds one trial of each of the two scenarios of a suite, wall time.
const trialLimit = 2 * time.Minute

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
	suites *built.Suites
	commit string
}

// commitNow names the sources; "unknown" outside of a checkout.
func commitNow(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

func newPlayer(ctx context.Context) (*player, error) {
	settings, err := config.Load()
	if err != nil {
		return nil, err
	}
	var names []string
	for _, r := range runs {
		names = append(names, r.suite)
	}
	suites, err := built.Compile(ctx, settings, names...)
	return &player{suites: suites, commit: commitNow(ctx)}, err
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
	reports, err := os.MkdirTemp(p.suites.Folder(), suite)
	if err != nil {
		return nil, fmt.Errorf("keep what %s finds: %w", suite, err)
	}
	_, err = p.suites.Run(ctx, built.Run{
		Suite: suite, Filter: filter, Reports: reports, Limit: time.Duration(2*trials) * trialLimit,
		Settings: append([]string{"CROSSDC_HISTORY=-", fmt.Sprintf("CROSSDC_TRIALS=%d", trials)}, c.settings...),
	})
	if err != nil {
		return nil, err
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
