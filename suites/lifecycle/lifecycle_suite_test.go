package lifecycle_test

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/suites/lifecycle"
	"github.com/crossdc/failover/support/scenario"
)

func TestLifecycle(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "lifecycle")
}

var (
	suite = scenario.NewSuite("lifecycle")

	_ = suite.Repeat(lifecycle.RestartUnmissed)
	_ = suite.Repeat(lifecycle.BothCrash)
	_ = suite.Repeat(lifecycle.SecondFailure)
	_ = suite.Repeat(staggered("I/2", false, func(d *scenario.Drill) time.Duration { return d.Timing.Interval / 2 }, "slow"))
	_ = suite.Repeat(staggered("D0", true, func(d *scenario.Drill) time.Duration { return d.Timing.InitDelay }, "slow"))
	_ = suite.Repeat(staggered("0", true, func(*scenario.Drill) time.Duration { return 0 }, "soak"))
	_ = suite.Repeat(staggered("10 D0", false, func(d *scenario.Drill) time.Duration { return 10 * d.Timing.InitDelay }, "soak"))
)

// staggered is one row of the table of starts.
func staggered(what string, reverse bool, stagger func(*scenario.Drill) time.Duration, labels ...string) func(func() scenario.Given) bool {
	return func(given func() scenario.Given) bool {
		return lifecycle.StaggeredStart(given, stagger, what, reverse, labels...)
	}
}
