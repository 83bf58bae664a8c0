package fault

import (
	"context"
	"fmt"
)

// Crash kills every process of a data center at once: what a power cut looks like from the peer while the host's kernel
// still answers (connections refused). Healed by starting it again, with empty memory (S03).
func Crash(dc string) Fault {
	return newFault("crash", dc, dc+" crashes: SIGKILL to all of its processes", Parameters{DC: dc}, footprint{dc: dc},
		signalled(dc, func(dc DataCenter) action { return &crash{dc: dc} }, Killing, Starting)).forgetting()
}

type crash struct{ dc DataCenter }

func (c *crash) recall(memory string) { recalled(c.dc.Processes(), memory) }

func (c *crash) prepare(ctx context.Context) (string, error) {
	_, err := serving(ctx, c.dc)
	memory, _ := remembered(c.dc.Processes())
	return memory, err
}

func (c *crash) arm(ctx context.Context) error { return armed(ctx, c.dc, Killing) }

func (c *crash) act(ctx context.Context) error { return c.dc.Processes().Kill(ctx) }

func (c *crash) bite(ctx context.Context) (string, error) {
	left, err := c.dc.Processes().List(ctx)
	if err != nil {
		return "", fmt.Errorf("list the processes of %s: %w", c.dc.Name(), err)
	}
	if len(left) > 0 {
		return "", fmt.Errorf("%s still has %d process(es): %v", c.dc.Name(), len(left), left)
	}
	return shows(ctx, c.dc, refused)
}

func (c *crash) heal(ctx context.Context) error {
	if d, ok := c.dc.Processes().(Deadlined); ok {
		return d.Restore(ctx)
	}
	if c.dc.Management().Reachable(ctx) == nil {
		return nil
	}
	// What a kill that failed half way left over would hold the addresses.
	if err := c.dc.Processes().Kill(ctx); err != nil {
		return fmt.Errorf("clear away what is left of %s: %w", c.dc.Name(), err)
	}
	return c.dc.Processes().Start(ctx)
}

func (c *crash) gone(ctx context.Context) (string, error) { return servesAgain(ctx, c.dc) }

func (c *crash) asLeft(ctx context.Context, _ string) error {
	left, err := c.dc.Processes().List(ctx)
	if err == nil && len(left) > 0 {
		return fmt.Errorf("%s has %d processes again", c.dc.Name(), len(left))
	}
	return err
}
