package fault

import (
	"context"
	"fmt"
	"time"
)

// TickClock is the clock on which a data center's toolkit waits between its ticks. Its offset is that from the host's own, in wall time. Calls may
// be repeated.
type TickClock interface {
	// Step sets the clock at once; Slew brings it there little by little, so that no wait becomes longer or shorter. Both return when the
	// toolkit waits on it.
	Step(ctx context.Context, offset time.Duration) error
	Slew(ctx context.Context, offset time.Duration) error
	// Offset is what the toolkit's clock is set to, as its process says.
	Offset(ctx context.Context) (time.Duration, error)
}

// Ticking is a DataCenter whose toolkit's clock can be set; TickClock is nil where it cannot.
type Ticking interface {
	TickClock() TickClock
}

// ClockStep sets the clock of a data center's toolkit by a step, back where it is negative. Back, its tick source waits for so much longer: it is
// mute and blind at once; forward, one tick comes early (Q4, Q45, S39). Healed, it is brought right little by little.
func ClockStep(dc string, by time.Duration) Fault {
	return newFault("clock-step", dc+" (clock)", fmt.Sprintf("the clock of %s is set by %v", dc, by), Parameters{DC: dc, Step: by}, footprint{dc: dc},
		func(_ Fault, env Environment) (action, string) {
			on, reason := side(env, dc)
			switch ticking, ok := on.(Ticking); {
			case reason != "":
				return nil, reason
			case by == 0:
				return nil, "a step of nothing sets no clock"
			case !ok || ticking.TickClock() == nil:
				return nil, dc + ": the clock of a host belongs to everybody on it, and is not set"
			default:
				return &clockStep{on, ticking.TickClock(), by}, ""
			}
		})
}

type clockStep struct {
	dc    DataCenter
	clock TickClock
	by    time.Duration
}

func (c *clockStep) recall(string) {}

// prepare demands a toolkit that runs on the host's own time.
func (c *clockStep) prepare(ctx context.Context) (string, error) {
	if _, err := serving(ctx, c.dc); err != nil {
		return "", err
	}
	return "", c.expect(ctx, 0)
}

func (c *clockStep) act(ctx context.Context) error { return c.clock.Step(ctx, c.by) }

func (c *clockStep) bite(ctx context.Context) (string, error) {
	return fmt.Sprintf("the toolkit of %s waits on a clock that is off by %v", c.dc.Name(), c.by), c.expect(ctx, c.by)
}

func (c *clockStep) heal(ctx context.Context) error { return c.clock.Slew(ctx, 0) }

func (c *clockStep) gone(ctx context.Context) (string, error) {
	return fmt.Sprintf("the clock of %s is right", c.dc.Name()), c.expect(ctx, 0)
}

// expect demands an offset.
func (c *clockStep) expect(ctx context.Context, offset time.Duration) error {
	is, err := c.clock.Offset(ctx)
	if err == nil && is != offset {
		err = fmt.Errorf("the clock of %s is off by %v and not by %v", c.dc.Name(), is, offset)
	}
	return err
}
