package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/watch"
	"github.com/crossdc/failover/toolkit"
)

// limit bounds one row with start and end of its data centers, wall time.
const limit = 90 * time.Second

// measure does a row to two data centers of its own and returns what each side declared.
func measure(ctx context.Context, settings *config.Config, r row) (seen [2]statuses, err error) {
	whole := ctx
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	folder, err := os.MkdirTemp("", "witness")
	if err != nil {
		return seen, fmt.Errorf("keep the journal of faults: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	env, err := environment.Open(ctx, settings, r.options(settings))
	if err != nil {
		return seen, err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(whole), limit)
		defer cancel()
		err = errors.Join(err, env.Close(closing))
	}()
	journal, err := fault.OpenJournal(filepath.Join(folder, "faults.journal"), env.Where().Kind)
	if err != nil {
		return seen, err
	}
	defer func() { err = errors.Join(err, journal.Close()) }()
	session, err := watch.Open(ctx, env, watch.Options{Epoch: time.Now(), Rate: settings.Rate / 10})
	if err != nil {
		return seen, err
	}
	defer session.Close()
	if err := steady(ctx, env, session); err != nil {
		return seen, err
	}
	interval := environment.ToolkitConfig(settings)
	wall := func(n float64) time.Duration { return settings.Wall(intervals(n, interval.Timing().Interval)) }
	session.Monitor.Fast()
	f := r.fault(wall)
	if r.length > 0 {
		f = f.For(wall(r.length))
	}
	injection, err := f.Inject(ctx, env, journal)
	if err != nil {
		return seen, err
	}
	defer func() {
		healing, cancel := context.WithTimeout(context.WithoutCancel(whole), limit)
		defer cancel()
		err = errors.Join(err, injection.Heal(healing))
	}()
	if err := wait(ctx, time.Until(injection.T0.Earliest.Add(wall(r.watched)))); err != nil {
		return seen, err
	}
	return declared(env, session.Monitor.Changes(), injection.T0, time.Now()), nil
}

// steady waits until both sides hold each other UP and replicate.
func steady(ctx context.Context, env *environment.Environment, session *watch.Session) error {
	for {
		missing := append(session.Unsteady(ctx), session.Unready(min(2, env.StatusIndicators))...)
		if len(missing) == 0 {
			return nil
		}
		if err := wait(ctx, 20*time.Millisecond); err != nil {
			return fmt.Errorf("wait for steady operation: %w; missing: %s", err, strings.Join(missing, "; "))
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

// declared is what the status streams said since the fault, in toolkit time.
func declared(env *environment.Environment, changes []toolkit.Change, t0 fault.Span, until time.Time) (seen [2]statuses) {
	toolkitTime := func(d time.Duration) time.Duration { return time.Duration(float64(d) * env.Speedup) }
	for _, c := range changes {
		if c.Indicator != toolkit.StatusStream || c.Event != toolkit.PeerUp && c.Event != toolkit.PeerDown || !c.Latest.After(t0.Latest) || c.Earliest.After(until) {
			continue
		}
		side := 0
		if c.Site == env.DC2.Name() {
			side = 1
		}
		seen[side] = append(seen[side], status{c.Event == toolkit.PeerUp, max(toolkitTime(c.Earliest.Sub(t0.Latest)), 0), toolkitTime(c.Latest.Sub(t0.Earliest))})
	}
	return seen
}
