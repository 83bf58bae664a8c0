package environment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

// Pauses between attempts of insist: the first, doubled each time up to the longest.
const (
	firstPause   = 50 * time.Millisecond
	longestPause = 2 * time.Second
)

// askedToWait is how long an error asked to be left alone (HTTP's Retry-After), 0 when it did not.
func askedToWait(err error) time.Duration {
	wait, _ := access.Transient(err)
	return wait
}

// passing reports whether an error may well be gone later, while something is awaited: what is transient, and a service
// that cannot be reached because it is just restarting.
func passing(err error) bool {
	_, transient := access.Transient(err)
	return transient || errors.Is(err, access.ErrUnreachable)
}

// await polls until reached, an error that will not pass, or the end of ctx; the last error then says why.
func await(ctx context.Context, what string, reached func(context.Context) (bool, error)) error {
	var last error
	for {
		done, err := reached(ctx)
		switch {
		case err == nil && done:
			return nil
		case err != nil && ctx.Err() == nil && !passing(err):
			return fmt.Errorf("wait for %s: %w", what, err)
		case err == nil:
			last = nil
		case ctx.Err() == nil || last == nil: // the error of a cancelled question says nothing
			last = err
		}
		pause(ctx, max(listPoll, askedToWait(err)))
		if ctx.Err() != nil {
			if last != nil {
				return fmt.Errorf("wait for %s: %w: the last answer was: %w", what, context.Cause(ctx), last)
			}
			return fmt.Errorf("wait for %s: %w", what, context.Cause(ctx))
		}
	}
}

// insist repeats do while its error is transient, until ctx ends; it returns the last error. do must look at the state it
// finds: an attempt whose answer was lost may have had its effect.
func insist(ctx context.Context, do func(context.Context) error) error {
	for wait := firstPause; ; wait = min(2*wait, longestPause) {
		err := do(ctx)
		after, transient := access.Transient(err)
		if !transient || ctx.Err() != nil {
			return err
		}
		pause(ctx, max(wait, after))
		if ctx.Err() != nil {
			return err
		}
	}
}

// pause waits, but never beyond ctx; a pause that would end just as ctx does ends with ctx, because a question at that instant
// could only be cut off.
func pause(ctx context.Context, length time.Duration) {
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Add(length).Before(deadline) {
		<-ctx.Done()
		return
	}
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
