package fault

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// grace is how long a step may go on after its context ended, to return its own error.
const grace = time.Second

// pollEvery is how often a state is asked for while it is awaited.
const pollEvery = 25 * time.Millisecond

// within runs one step for at most limit. A step that ignores its context is left behind, so that a target that hangs
// cannot hang the healing.
func within[T any](ctx context.Context, limit time.Duration, step func(context.Context) (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	done := make(chan result, 1)
	go func() {
		value, err := step(ctx)
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case r := <-done:
		return r.value, r.err
	case <-late.C:
		var zero T
		return zero, fmt.Errorf("no answer within %v: %w", limit, ctx.Err())
	}
}

// until asks again and again until there is an answer without error. It waits for as long as an error asks it to (HTTP's
// Retry-After). When ctx ends it returns the last error that says something about the target.
func until(ctx context.Context, ask func(context.Context) (string, error)) (string, error) {
	var last error
	for {
		answer, err := ask(ctx)
		if err == nil {
			return answer, nil
		}
		if last == nil || ctx.Err() == nil { // the error of a cancelled question says nothing about the target
			last = err
		}
		rest(ctx, max(pollEvery, askedToWait(err)))
		if ctx.Err() != nil {
			return "", errors.Join(last, ctx.Err())
		}
	}
}
