package scenario

import (
	"context"
	"errors"

	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/fault"
)

// healLeftovers takes back what runs that died have left in the environment that is about to be opened, or says why this
// run must not begin. Emulated data centers died with their run; only their journals are left.
func (g Given) healLeftovers(ctx context.Context) (err error) {
	if err := environment.Bury(g.journals, progress); err != nil {
		return err
	}
	if g.Config.Kind().Emulated {
		return nil
	}
	env, err := environment.Attach(g.Config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, env.Close(context.WithoutCancel(ctx))) }()
	journal, err := g.journals.Open(env.Where())
	if err != nil {
		return err
	}
	return errors.Join(fault.HealLeftovers(ctx, env, journal, progress), journal.Close(), fault.Discard(journal.Path()))
}
