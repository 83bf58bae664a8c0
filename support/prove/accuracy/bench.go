package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/fault"
)

// failoversPerEnvironment: every failover has streams of its own, and the application replicates the state of all of them,
// so that it has more and more to take over. A drill has a few.
const failoversPerEnvironment = 20

// share is how many failovers an environment takes. Below level 3 the streams of all of them have the same name, and the truth tells only who
// first got an event of a name.
func (b *bench) share() int {
	if b.settings.Described().Level() < application.Stated {
		return 1
	}
	return failoversPerEnvironment
}

// bench is two emulated data centers that fail over again and again.
type bench struct {
	settings *config.Config
	random   *rand.Rand
	progress func(string, ...any)
	clock    clock
	programs *environment.Programs
	folder   string // of journals
	number   int    // of the next failover

	failovers int // in the present environment
	env       *environment.Environment
	faults    *fault.Journal
	truth     map[string]*journal
	told      string // folder in which the data centers keep the truth anyway; empty: each environment gets one
}

func newBench(settings *config.Config, o options, progress func(string, ...any)) (b *bench, err error) {
	b = &bench{settings: settings, random: rand.New(rand.NewPCG(uint64(o.seed), 3)), progress: progress, told: o.truth}
	if b.clock, err = newClock(); err != nil {
		return nil, err
	}
	if b.told != "" { // they run already
		b.programs = &environment.Programs{}
	} else if b.programs, err = environment.Build(environment.Programs{Emulator: settings.Emulator.Path, Relay: settings.Emulator.Relay}); err != nil {
		return nil, err
	}
	settings.Emulator.Path, settings.Emulator.Relay = b.programs.Emulator, b.programs.Relay
	if b.folder, err = os.MkdirTemp("", "accuracy"); err != nil {
		return nil, errors.Join(fmt.Errorf("keep the truth: %w", err), b.programs.Close())
	}
	return b, nil
}

// open starts an environment, unless there is one that has not had its share yet.
func (b *bench) open(ctx context.Context) error {
	if b.env != nil && b.failovers == b.share() {
		if err := b.shut(ctx); err != nil {
			return err
		}
	}
	if b.env != nil {
		b.failovers++
		return nil
	}
	b.failovers = 1
	folder, err := os.MkdirTemp(b.folder, "truth")
	if err != nil {
		return fmt.Errorf("keep the truth: %w", err)
	}
	if b.env, err = environment.Open(ctx, b.settings, environment.Options{Truth: folder}); err != nil {
		return err
	}
	kept := folder
	if b.told != "" {
		kept = b.told
	}
	b.truth = map[string]*journal{}
	for _, dc := range []*environment.DataCenter{b.env.DC1, b.env.DC2} {
		b.truth[dc.Name()] = &journal{path: filepath.Join(kept, dc.Name()+".jsonl")}
	}
	if b.faults, err = fault.OpenJournal(filepath.Join(folder, "faults.journal"), b.env.Where().Kind); err != nil {
		return err
	}
	return nil
}

// shut takes the environment away; the next failover gets a new one.
func (b *bench) shut(ctx context.Context) error {
	if b.env == nil {
		return nil
	}
	var problems []error
	if b.faults != nil {
		problems = append(problems, b.faults.Close())
	}
	problems = append(problems, b.env.Close(ctx))
	b.env, b.faults = nil, nil
	return errors.Join(problems...)
}

func (b *bench) close(ctx context.Context) error {
	return errors.Join(b.shut(ctx), b.programs.Close(), os.RemoveAll(b.folder))
}

// failoverTimeout bounds one failover with its way home, wall time.
const failoverTimeout = time.Minute

// series makes n failovers. busy is the share of the time in which a process waited for a core, -1 when not known.
func (b *bench) series(ctx context.Context, n int) (list []outcome, busy float64) {
	began := time.Now()
	before, known := pressure()
	defer func() {
		busy = -1
		if after, ok := pressure(); ok && known && n > 0 {
			busy = float64(after-before) / float64(time.Since(began))
		}
	}()
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		o := b.failover(ctx)
		if ctx.Err() != nil {
			break // what was interrupted says nothing
		}
		if o.problem != nil {
			b.progress("%4d/%d %s: not measured: %v", i+1, n, o.name, o.problem)
			closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), failoverTimeout)
			if err := b.shut(closing); err != nil {
				b.progress("          %v", err)
			}
			cancel()
		} else {
			b.progress("%4d/%d %s (%.0f s)", i+1, n, o, time.Since(began).Seconds())
		}
		list = append(list, o)
	}
	return list, busy
}
