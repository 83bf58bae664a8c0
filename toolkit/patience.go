package toolkit

import (
	"context"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

// firstRetry is the pause before the first repetition; it doubles.
const firstRetry = 50 * time.Millisecond

// lenience is how many CallTimeouts long a probe goes on asking a service that refuses for a moment, whatever moment it is: one
// refusal in ten, with a pause of a second asked for each time, must not look like an application that takes nothing.
const lenience = 3

// patiently repeats what failed for a moment only, until ctx ends, with the pauses that the service asks for. It returns the last
// error. Monitors do not use it: they ask again soon anyway, and a repetition would blur when something was seen.
func patiently(ctx context.Context, try func(ctx context.Context) error) error {
	for wait := firstRetry; ; {
		err := try(ctx)
		after, transient := access.Transient(err)
		if !transient || ctx.Err() != nil {
			return err
		}
		if after == 0 { // a pause that is asked for is kept as it is asked for
			after = wait
			wait *= 2
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < after || pause(ctx, after) != nil {
			return err
		}
	}
}
