package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/record"
)

// suiteLimit bounds one suite, wall time; the lab runs at speedup 60.
const suiteLimit = 10 * time.Minute

// atDesk looks at the lab, runs the suites in it, and writes what it found.
func atDesk(ctx context.Context, o options) error {
	r := &report{Started: time.Now().UTC()}
	results := filepath.Join(o.out, "lab")
	if err := os.RemoveAll(filepath.Join(results, "runs")); err != nil {
		return fmt.Errorf("remove what an earlier run stored: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(results, "runs"), 0o755); err != nil {
		return fmt.Errorf("make room for what this run stores: %w", err)
	}
	environ := append(os.Environ(), "CROSSDC_AGENT_PATH="+filepath.Join(o.programs, "agent"), "CROSSDC_REPORTS="+results,
		"CROSSDC_JOURNAL="+filepath.Join(o.programs, "journal"), "CROSSDC_HISTORY=-", "CROSSDC_STEADY_HEARTBEATS=20",
		"CROSSDC_RATE=400", "CROSSDC_MINIMUM_LOAD=0.4") // two hosts, two data centers and the suites share one machine
	before, err := hosts(ctx)
	if err != nil {
		return err
	}
	if r.Doctor, err = doctor(ctx, filepath.Join(o.programs, "doctor"), environ); err != nil {
		return err
	}
	filter := quick
	if o.only != "" {
		filter = "(" + o.only + ") && " + quick
	}
	if err := runSuites(ctx, o, filter, results, environ, r); err != nil {
		return err
	}
	stored, err := record.LoadAll(filepath.Join(results, "runs"))
	if err != nil {
		return err
	}
	for _, s := range stored {
		r.add(s)
	}
	after, err := hosts(ctx)
	if err != nil {
		return err
	}
	r.Hosts = map[string][]string{}
	for name, had := range before {
		r.Hosts[name] = difference(had, after[name])
	}
	if err := r.write(o.out); err != nil { // what follows takes its time
		return err
	}
	if err := os.Setenv("CROSSDC_AGENT_PATH", filepath.Join(o.programs, "agent")); err != nil {
		return fmt.Errorf("name the fault agent: %w", err)
	}
	r.Kills, err = kills(ctx, o.kills)
	return errors.Join(err, r.write(o.out)) // what was seen until then is worth having
}

// runSuites runs them one after the other, and looks for secrets meanwhile.
func runSuites(ctx context.Context, o options, filter, results string, environ []string, r *report) error {
	if len(o.suites) == 0 {
		return nil
	}
	hidden, err := planted(filepath.Join(filepath.Dir(os.Getenv("CROSSDC_DC1_HOSTS_FILE")), "..", "id_ed25519"))
	if err != nil {
		return err
	}
	looking, done := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { hidden.watch(looking) })
	defer func() { done(); watching.Wait() }()
	for _, s := range o.suites {
		if err := runSuite(ctx, s, filter, o.programs, environ, hidden); err != nil {
			r.Problems = append(r.Problems, err.Error())
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	done()
	watching.Wait()
	err = hidden.files(results)
	r.Secrets = hidden.kept()
	return err
}

// doctor returns how often each state was found, and what is wrong.
func doctor(ctx context.Context, program string, environ []string) (found doctored, err error) {
	command := exec.CommandContext(ctx, program, "-json")
	command.Env, command.Stderr = environ, os.Stderr
	out, ended := command.Output()
	var rows []struct{ Where, What, State, Says string }
	if err := json.Unmarshal(out, &rows); err != nil {
		return found, errors.Join(ended, fmt.Errorf("read what the doctor found: %w", err))
	}
	found.States = map[string]int{}
	for _, row := range rows {
		found.States[row.State]++
		if row.State == "wrong" {
			found.Wrong = append(found.Wrong, row.Where+" "+row.What+": "+row.Says)
		}
	}
	return found, nil
}

// runSuite runs one compiled suite where its sources are, as ginkgo does.
func runSuite(ctx context.Context, name, filter, programs string, environ []string, hidden *secrets) error {
	fmt.Printf("\n%s: %s\n", name, filter)
	limited, cancel := context.WithTimeout(ctx, suiteLimit)
	defer cancel()
	command := exec.CommandContext(limited, filepath.Join(programs, name+".test"), "-ginkgo.label-filter="+filter, "-ginkgo.no-color")
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = time.Minute
	command.Dir, command.Env = filepath.Join("suites", name), environ
	command.Stdout, command.Stderr = hidden.output("the output of suite "+name, os.Stdout), hidden.output("the complaints of suite "+name, os.Stderr)
	if err := command.Run(); err != nil {
		return fmt.Errorf("suite %s: %w", name, err)
	}
	return nil
}

// add takes a stored scenario into the report.
func (r *report) add(s record.Stored) {
	one := scenario{
		ID: s.Scenario.ID, Name: s.Scenario.Name, Suite: s.Scenario.Family, Environment: s.Environment.Kind, Verdict: s.Scenario.Outcome, Reasons: s.Scenario.Reasons,
		Seed: s.Scenario.Seed,
	}
	if f := s.Scenario.Fault; f != nil {
		one.Fault, one.Bite, one.HealProof = f.Name, f.Bite, f.HealProof
	}
	if s.Scenario.Cleanup != nil {
		one.Cleanup = s.Scenario.Cleanup.Outcome
	}
	for name, m := range map[string]*model.Measure{
		"detection": s.Scenario.Measures.Detection, "takeover": s.Scenario.Measures.Takeover, "recovery": s.Scenario.Measures.Recovery,
	} {
		if m == nil || m.WallLatest < m.WallEarliest {
			continue
		}
		if one.Measured == nil {
			one.Measured = map[string]bounds{}
		}
		one.Measured[name] = bounds{m.WallEarliest, m.WallLatest, (m.WallLatest - m.WallEarliest) * 1000, m.By}
	}
	r.Scenarios = append(r.Scenarios, one)
}
