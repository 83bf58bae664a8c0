package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario/refusal"
)

// held is how long a fault stays before it is healed, wall time.
const held = 700 * time.Millisecond

// injectOnce is a run of one fault without a scenario: it injects, waits, and heals, unless it is killed.
func injectOnce(ctx context.Context, name string) error {
	settings, err := config.Load()
	if err != nil {
		return err
	}
	journals, err := refusal.Journals(settings)
	if err != nil {
		return err
	}
	env, err := environment.Open(ctx, settings, environment.Options{})
	if err != nil {
		return err
	}
	defer func() { _ = env.Close(context.WithoutCancel(ctx)) }()
	journal, err := journals.Open(env.Where())
	if err != nil {
		return err
	}
	defer func() { _ = journal.Close() }()
	f, err := fault.Make(name, fault.Sample(env.DC1.Name()))
	if err != nil {
		return err
	}
	rest(ctx, 3*time.Second) // a job that has just started has no listeners yet
	injection, err := f.Inject(ctx, env, journal)
	if err != nil {
		return err
	}
	rest(ctx, held)
	if err := injection.Heal(ctx); err != nil {
		return errors.Join(fmt.Errorf("the run itself could not heal %s", f), err)
	}
	return nil
}
