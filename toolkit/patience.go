package toolkit

import (
	"context"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

// firstRetry is the pause before the first repetition; it doubles.
const firstRetry = 50 * time.Millisecond

// patiently repeats what failed for a moment only, until ctx ends, with the pauses that the service asks for. It returns the last
// error. Monitors do not use it: they ask again soon anyway, and a repetition would blur when something was seen.
func patiently(ctx context.Context, try func(ctx context.Context) error) error {
	for wait := firstRetry; ; wait *= 2 {
		err := try(ctx)
		after, transient := access.Transient(err)
		if !transient || ctx.Err() != nil {
			return err
		}
		wait = max(wait, after)
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait || pause(ctx, wait) != nil {
			return err
		}
	}
}
