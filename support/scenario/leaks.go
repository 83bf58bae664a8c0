package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"
)

// joinLimit is how long what was told to end may take, wall time.
const joinLimit = 10 * time.Second

// leavesNothingRunning expects that every goroutine which the suite started has ended with it. Where a scenario did not end well, or
// somebody ended the run, a step may be left in the middle of something: that is said elsewhere.
func (s *Suite) leavesNothingRunning() {
	ginkgo.GinkgoHelper()
	s.mu.Lock()
	failed, before := s.failed, s.running
	s.mu.Unlock()
	if failed || before == nil || s.told() {
		return
	}
	gomega.Eventually(gleak.Goroutines).WithTimeout(joinLimit).WithPolling(50*time.Millisecond).ShouldNot(gleak.HaveLeaked(before),
		"everything that the suite started must have ended with it")
}

// turn lets one at a time do what takes long, and the others wait only as long as their context lets them.
type turn chan struct{}

func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait until the environment is opened for another scenario, or closed: %w", context.Cause(ctx))
	}
}

func (t turn) give() { <-t }
