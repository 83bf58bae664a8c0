package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crossdc/failover/reports/store"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/prove/built"
)

// bench runs specs as processes of their own, with everything built once.
type bench struct {
	reports string // folder that prove.json goes to; runs have folders of their own below it
	suites  *built.Suites
}

// runLimit bounds one run, wall time: far beyond what a fast scenario takes with a bug that makes it wait in vain.
const runLimit = 3 * time.Minute

// attempts is how often a spec may try: a busy machine can keep it from getting as far as the fault (minimum load), and a
// few bugs hide at some phases between the two data centers' ticks, of which each environment has another one.
const defaultAttempts = 6

func newBench(ctx context.Context, settings *config.Config, reports string, todo []proof) (*bench, error) {
	var names []string
	for _, p := range todo {
		if !slices.Contains(names, p.suite) {
			names = append(names, p.suite)
		}
	}
	suites, err := built.Compile(ctx, settings, names...)
	return &bench{reports: reports, suites: suites}, err
}

// inParallel runs as many proofs at once as allowed and returns their results in the order of todo. Each is shown to done as
// soon as it is there, one at a time.
func inParallel(todo []proof, parallel int, run func(proof) result, done func(result)) []result {
	results := make([]result, len(todo))
	free := make(chan struct{}, parallel)
	var running sync.WaitGroup
	var showing sync.Mutex
	for i, p := range todo {
		free <- struct{}{}
		running.Go(func() {
			defer func() { <-free }()
			results[i] = run(p)
			showing.Lock()
			defer showing.Unlock()
			done(results[i])
		})
	}
	running.Wait()
	return results
}

// rounds runs each spec until it catches its bug, or has made its attempts: in the first round as many at once as allowed,
// with one less in each round after it, and in the last ones alone, where nothing keeps it from a core. A control must find
// nothing, ever: it is repeated only when it proved nothing, as on a busy machine. What is final is shown at once.
func rounds(ctx context.Context, todo []proof, parallel, attempts int, once func(context.Context, proof, int) result, show func(result)) []result {
	results := make([]result, len(todo))
	open := make([]int, len(todo)) // indexes of those without a final result
	for i := range todo {
		open[i] = i
	}
	for attempt := 1; attempt <= attempts && len(open) > 0 && ctx.Err() == nil; attempt++ {
		batch := make([]proof, len(open))
		for i, at := range open {
			batch[i] = todo[at]
		}
		final := func(r result) bool { return !r.again() || attempt == attempts }
		made := inParallel(batch, max(1, parallel-attempt+1), func(p proof) result { return once(ctx, p, attempt) }, func(r result) {
			if ctx.Err() == nil && final(r) {
				show(r)
			}
		})
		var left []int
		for i, r := range made {
			results[open[i]] = r
			if !final(r) {
				left = append(left, open[i])
			}
		}
		open = left
	}
	return results
}

func (b *bench) once(ctx context.Context, p proof, attempt int) result {
	name := p.bug
	if name == "" {
		name = "control"
	}
	name = fmt.Sprintf("%s-%s-%d", name, p.id, attempt)
	_, file := p.place()
	if file != "" {
		name = fmt.Sprintf("%s-%s", strings.TrimSuffix(filepath.Base(file), ".yaml"), name)
	}
	folder := filepath.Join(b.reports, "proof", name)
	if err := emptyFolder(folder); err != nil {
		return p.failed(attempt, fmt.Errorf("make a folder for the reports of %s: %w", name, err))
	}
	run := built.Run{Suite: p.suite, Filter: p.filter(), Reports: folder, Limit: runLimit, Environ: sound(os.Environ())}
	run.Settings = append([]string{"CROSSDC_RUN_ID=proof-" + name, "GOGC=400"}, everyRunWith...) // memory is there; processors are what specs that run beside each other lack
	run.Settings = append(run.Settings, runsWith[p.id]...)
	if file != "" {
		run.Settings = append(run.Settings, config.Prefix+"_APPLICATION_FILE="+file)
	}
	if p.bug != "" {
		run.Settings = append(run.Settings, p.setting()+"="+p.bug)
	}
	green, err := b.suites.Run(ctx, run)
	if err != nil {
		return p.failed(attempt, err)
	}
	return p.judge(attempt, folder, green)
}

// emptyFolder makes a results folder without results of earlier proofs. Whatever else somebody keeps in it stays.
func emptyFolder(path string) error {
	if _, err := store.Clear(path); err != nil {
		return err
	}
	return os.MkdirAll(path, 0o755)
}

// filter selects the scenario, and the one beside it.
func (p proof) filter() string {
	if other := beside[p.bug]; other != "" {
		return p.id + " || " + other
	}
	for _, key := range []string{p.key(), p.id} {
		if variant := narrowed[key]; variant != "" {
			return p.id + " && " + variant
		}
	}
	return p.id + " && !soak"
}

// setting is the variable that switches a bug on.
func (p proof) setting() string {
	at, _ := p.place()
	if at == senses {
		return config.Prefix + "_PROOF_SENSES"
	}
	return config.Prefix + "_EMULATOR_SWITCHES_" + strings.ToUpper(at)
}

// sound is the environment of this process without what a proof sets itself.
func sound(environ []string) []string {
	var kept []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		switch {
		case name == config.Prefix+"_REPORTS", name == config.Prefix+"_RUN_ID", name == config.Prefix+"_JOURNAL", name == config.Prefix+"_SPEEDUP", name == config.Prefix+"_PROOF_SENSES", name == config.Prefix+"_APPLICATION_FILE",
			strings.HasPrefix(name, config.Prefix+"_EMULATOR_"), strings.HasPrefix(name, config.Prefix+"_TOOLKIT_"):
		default:
			kept = append(kept, entry)
		}
	}
	return kept
}
