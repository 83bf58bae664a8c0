package environment

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

func TestAWaitToleratesWhatPassesAndReportsTheLastAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := &access.Error{Op: "list jobs", Status: 503, Class: access.ErrBusy, RetryAfter: 3 * time.Second}
		answers := []error{busy, &access.Error{Op: "list jobs", Class: access.ErrUnreachable, Err: syscall.ECONNRESET}, nil}
		start := time.Now()
		err := await(t.Context(), "the job", func(context.Context) (bool, error) {
			next := answers[0]
			answers = answers[1:]
			return next == nil, next
		})
		if err != nil || time.Since(start) < 3*time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		err = await(ctx, "the job", func(context.Context) (bool, error) { return false, busy })
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "the last answer was: list jobs: 503") {
			t.Errorf("error %v", err)
		}
		refused := &access.Error{Op: "list jobs", Status: 401, Class: access.ErrUnauthorized}
		start = time.Now()
		err = await(t.Context(), "the job", func(context.Context) (bool, error) { return false, refused })
		if !errors.Is(err, access.ErrUnauthorized) || time.Since(start) > 0 {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

func TestInsistingEndsWithTheContextAndNamesTheLastError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second) // between two attempts, so that no two timers are due at once
		defer cancel()
		calls := 0
		err := insist(ctx, func(context.Context) error {
			calls++
			return &access.Error{Op: "submit", Status: 503, Class: access.ErrBusy, RetryAfter: 20 * time.Second}
		})
		if !errors.Is(err, access.ErrBusy) || calls != 3 {
			t.Errorf("%d calls: %v", calls, err)
		}
		calls = 0
		if err := insist(t.Context(), func(context.Context) error { calls++; return errors.New("wrong bundle") }); err == nil || calls != 1 {
			t.Errorf("%d calls: %v", calls, err)
		}
	})
}
