package fleet

import (
	"context"
	"fmt"
	"time"

	"github.com/crossdc/failover/support/environment/ssh"
)

// clockRounds is how many round trips bound a clock.
const clockRounds = 7

// Clock is how far the clock of a host is off ours.
type Clock struct {
	Host string
	ssh.Offset
	Err error // why it is not known
}

// Clocks measures the clocks of all hosts at once.
func (f *Fleet) Clocks(ctx context.Context) []Clock {
	clocks := make([]Clock, len(f.members))
	_ = f.each(func(i int, m *member) error {
		clocks[i].Host = m.host.Address
		clocks[i].Err = m.ask(ctx, func(ctx context.Context, c *conversation) (err error) {
			clocks[i].Offset, err = ssh.Clock(ctx, c.agent, clockRounds)
			return err
		})
		return nil
	})
	return clocks
}

// Common is one offset with a bound that holds for every host of the fleet: whichever of them stamps something, it is within.
func (f *Fleet) Common(ctx context.Context) (ssh.Offset, error) {
	var low, high time.Duration
	for i, c := range f.Clocks(ctx) {
		if c.Err != nil {
			return ssh.Offset{}, fmt.Errorf("measure the clock of host %s: %w", c.Host, c.Err)
		}
		from, to := c.Offset.Offset-c.Bound, c.Offset.Offset+c.Bound
		if i == 0 {
			low, high = from, to
		}
		low, high = min(low, from), max(high, to)
	}
	return ssh.Offset{Offset: low + (high-low)/2, Bound: (high - low + 1) / 2}, nil
}
