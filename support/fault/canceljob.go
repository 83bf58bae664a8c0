package fault

import (
	"context"
	"fmt"
)

// CancelJob cancels the application's job without an orderly shutdown; its listeners are closed, so that the peer is
// refused (S08). Healed by submitting it again.
func CancelJob(dc string) Fault {
	return newFault("cancel-job", dc, "the application's job in "+dc+" is cancelled", Parameters{DC: dc}, footprint{dc: dc},
		resubmitted(dc, func(dc DataCenter) action { return &cancelJob{dc: dc} })).forgetting().closingListeners()
}

type cancelJob struct {
	dc  DataCenter
	job string // before
}

func (c *cancelJob) recall(memory string) { c.job = memory }

func (c *cancelJob) prepare(ctx context.Context) (string, error) {
	var err error
	c.job, err = serving(ctx, c.dc)
	return c.job, err
}

func (c *cancelJob) act(ctx context.Context) error { return c.dc.Management().CancelJob(ctx) }

func (c *cancelJob) bite(ctx context.Context) (string, error) {
	job, err := listed(ctx, c.dc)
	if err != nil {
		return "", err
	}
	if job != "" {
		return "", fmt.Errorf("%s still lists job %s", c.dc.Name(), job)
	}
	return fmt.Sprintf("%s no longer lists job %s", c.dc.Name(), c.job), nil
}

func (c *cancelJob) heal(ctx context.Context) error { return resubmit(ctx, c.dc) }

func (c *cancelJob) gone(ctx context.Context) (string, error) { return servesAgain(ctx, c.dc) }

func (c *cancelJob) asLeft(ctx context.Context, _ string) error {
	if err := c.dc.Management().Reachable(ctx); err != nil {
		return fmt.Errorf("the fault cancelled a job only, and now %s itself does not answer as it should: %w", c.dc.Name(), err)
	}
	job, err := listed(ctx, c.dc)
	if err == nil && job != "" {
		return fmt.Errorf("%s lists job %s, which is not healthy; the fault left no job", c.dc.Name(), job)
	}
	return err
}
