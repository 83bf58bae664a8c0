package fault

import (
	"context"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

// persist asks again while somebody else answers "not now" or the connection is lost half way: a call that was lost on its
// way says nothing about the target.
func persist[T any](ctx context.Context, ask func(context.Context) (T, error)) (T, error) {
	for {
		answer, err := ask(ctx)
		wait, transient := access.Transient(err)
		if !transient {
			return answer, err
		}
		rest(ctx, max(pollEvery, wait))
		if ctx.Err() != nil {
			return answer, err
		}
	}
}

// askedToWait is how long the error asked to be left alone, 0 when it did not.
func askedToWait(err error) time.Duration {
	wait, _ := access.Transient(err)
	return wait
}

// rest pauses, but never beyond ctx. A pause that would end just as ctx does ends with ctx: one more question at that instant could only
// be cut off, and its error would stand for the last one that says something.
func rest(ctx context.Context, pause time.Duration) {
	if pause <= 0 {
		return
	}
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Add(pause).Before(deadline) {
		<-ctx.Done()
		return
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
