package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

func busyFor(wait time.Duration) error {
	return fmt.Errorf("submit: %w", &access.Error{Op: "submit a job", Status: 503, Class: access.ErrBusy, RetryAfter: wait})
}

func reset() error {
	return &access.Error{Op: "submit a job", Class: access.ErrUnreachable, Err: syscall.ECONNRESET}
}

// TestHealingIsRepeatedUntilItsLimit: nobody is left without a job because a call was turned away.
func TestHealingIsRepeatedUntilItsLimit(t *testing.T) {
	for name, failures := range map[string][]error{
		"busy once": {busyFor(0)}, "busy with Retry-After": {busyFor(7 * time.Second)}, "reset": {reset(), reset()},
		"turned away ten times": slices.Repeat([]error{busyFor(0)}, 10),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, j := newWorld(), newJournal(t)
				in, err := CancelJob(dc1).Inject(t.Context(), w, j)
				if err != nil {
					t.Fatal(err)
				}
				w.acts()
				w.one.turnedAway = map[string][]error{"submit": failures}
				if err := in.Heal(t.Context()); err != nil {
					t.Fatal(err)
				}
				if acts := w.acts(); !slices.Equal(acts, []string{"submit dc1"}) || w.one.job == "" {
					t.Errorf("did %v, job %q", acts, w.one.job)
				}
				if h, _ := in.Healing(); name == "busy with Retry-After" && h.Span.Latest.Sub(w.one.asked[0]) < 7*time.Second {
					t.Errorf("asked again %v after it was told to wait 7s", h.Span.Latest.Sub(w.one.asked[0]))
				}
			})
		})
	}
}

// TestHealingThatFailsToTheEndNamesTheCauseFirst also stays within its limit, give or take the last look.
func TestHealingThatFailsToTheEndNamesTheCauseFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, j := newWorld(), newJournal(t)
		in, err := CancelJob(dc1).Inject(t.Context(), w, j)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		w.one.turnedAway = map[string][]error{"submit": append([]error{errors.New("the bundle is gone")}, slices.Repeat([]error{busyFor(time.Second)}, 10_000)...)}
		err = in.Heal(t.Context())
		if !errors.Is(err, ErrNotHealed) || !strings.HasPrefix(err.Error(), "heal cancel-job of dc1: not healed: healing it failed: submit the application to dc1 again: the bundle is gone") {
			t.Errorf("error %v", err)
		}
		if !strings.Contains(err.Error(), "503") || !strings.Contains(err.Error(), "dc1 lists no job") {
			t.Errorf("neither the last answer nor what is left stands in %v", err)
		}
		if took := time.Since(start); took > 2*in.fault.Limits.Heal+2*time.Second {
			t.Errorf("took %v with a limit of %v", took, in.fault.Limits.Heal)
		}
	})
}

// TestEveryFaultBitesThroughABusyProxy turns away the first call of each kind, once on every step.
func TestEveryFaultBitesThroughABusyProxy(t *testing.T) {
	for _, c := range lives {
		t.Run(c.fault.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				turnAway := func() {
					for _, dc := range []*fakeDC{w.one, w.two} {
						dc.mu.Lock()
						dc.turnedAway = map[string][]error{"reachable": {busyFor(0), reset()}, "job": {busyFor(0), reset()}, "pes": {busyFor(0)}}
						dc.mu.Unlock()
					}
				}
				turnAway()
				calls := 0
				w.one.onAct = func() { // the lock is held
					if calls++; calls == 1 {
						w.one.turnedAway = map[string][]error{"reachable": {busyFor(0)}, "job": {busyFor(0)}, "pes": {busyFor(0)}}
					}
				}
				in, err := c.fault.Inject(t.Context(), w, newJournal(t))
				if err != nil {
					t.Fatal(err)
				}
				turnAway()
				if err := in.Heal(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestSomebodyElsesNotNowIsNoSilence: a proxy that says 503 for a data center that runs is no evidence of a crash.
func TestSomebodyElsesNotNowIsNoSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.one.stuck = "stop instance"
		w.one.onAct = func() {
			w.one.turnedAway = map[string][]error{"reachable": slices.Repeat([]error{busyFor(time.Second)}, 10_000)}
		}
		in, err := StopInstance(dc1).Inject(t.Context(), w, newJournal(t))
		if !errors.Is(err, ErrDidNotBite) || !strings.Contains(err.Error(), "fails in another way than this fault can cause") {
			t.Errorf("error %v", err)
		}
		w.one.mu.Lock()
		w.one.turnedAway = nil
		w.one.mu.Unlock()
		if err := in.Heal(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
