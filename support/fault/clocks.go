package fault

import (
	"context"
	"fmt"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// Clocked is an Environment whose hosts' clocks are compared with ours, before and after each fault.
type Clocked interface {
	Clocks(ctx context.Context) []Clock
}

// Clock is how far a host's clock was off ours: the truth lies within Offset +- Bound.
type Clock struct {
	Host          string
	Offset, Bound time.Duration
	Err           error // why it is not known
}

// clockLimit bounds one comparison of all clocks, wall time.
const clockLimit = 5 * time.Second

// readClocks compares the clocks where the environment can.
func readClocks(ctx context.Context, env Environment) []Clock {
	clocked, ok := env.(Clocked)
	if !ok {
		return nil
	}
	clocks, err := within(ctx, clockLimit, func(ctx context.Context) ([]Clock, error) { return clocked.Clocks(ctx), nil })
	if err != nil {
		return nil // whoever compares the two finds that nothing is known
	}
	return clocks
}

// pairs are what is known of each host before and after.
func pairs(before, after []Clock) []model.HostClock {
	var list []model.HostClock
	for _, b := range before {
		pair := model.HostClock{Host: b.Host}
		if b.Err == nil {
			pair.Before = &model.ClockOffset{Offset: b.Offset, Bound: b.Bound}
		}
		for _, a := range after {
			if a.Host == b.Host && a.Err == nil {
				pair.After = &model.ClockOffset{Offset: a.Offset, Bound: a.Bound}
			}
		}
		list = append(list, pair)
	}
	return list
}

// tolerableDrift is how far two clocks that nobody sets come apart: 0.05 %, as far as a kernel slews one, twice.
const tolerableDrift = 0.001

// movedClocks says which clocks were set while a fault lasted.
func movedClocks(list []model.HostClock, lasted time.Duration) (reasons []string) {
	drift := time.Duration(tolerableDrift * float64(lasted))
	for _, c := range list {
		if c.Before == nil || c.After == nil {
			continue
		}
		if moved := c.After.Offset - c.Before.Offset; moved.Abs() > c.Before.Bound+c.After.Bound+drift {
			reasons = append(reasons, fmt.Sprintf("the clock of host %s moved by %v against ours while the fault lasted, so that nothing follows from what it stamped", c.Host, moved.Round(time.Microsecond)))
		}
	}
	return reasons
}
