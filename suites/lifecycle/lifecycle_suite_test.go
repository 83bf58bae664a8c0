package lifecycle_test

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/suites/lifecycle"
	"github.com/crossdc/failover/support/config"
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
	_ = suite.Repeat(lifecycle.SurvivorDiesHalfway)
	_ = lifecycle.BothCrashAndReturn(returning("additive")) // what is returned comes after the first new events
	_ = lifecycle.BothCrashAndRetain(retaining())
	_ = lifecycle.OneReturnsOldReplicas(returning("keyed")) // as applications should merge while Q23 may strike
	_ = suite.Repeat(func(given func() scenario.Given) bool { return lifecycle.RestartStorm(given, 5, "slow") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return lifecycle.RestartStorm(given, 20, "soak") })
	_ = suite.Repeat(staggered("I/2", false, func(d *scenario.Drill) time.Duration { return d.Timing.Interval / 2 }, "slow"))
	_ = suite.Repeat(staggered("D0", true, func(d *scenario.Drill) time.Duration { return d.Timing.InitDelay }, "slow"))
	_ = suite.Repeat(staggered("0", true, func(*scenario.Drill) time.Duration { return 0 }, "soak"))
	_ = suite.Repeat(staggered("10 D0", false, func(d *scenario.Drill) time.Duration { return 10 * d.Timing.InitDelay }, "soak"))
)

// returning is a pair that sends stored replicas back at first contact, and whose application merges what it is handed by a policy.
//
// S is 4 I. Each fragment that is returned counts as a heartbeat, so that with five of them and the shipped S = 6 I a round of
// snapshots is due at the first tick: the state of a data center that has hardly begun then overwrites its only good replica before that
// can be returned, as toolkit contract 6.6 and HP7 have it.
func returning(merge string) func() scenario.Given {
	return suite.Configured(scenario.Configuration{Settings: func(settings *config.Config) {
		settings.Toolkit.ReturnSnapshots, settings.Application.Merge = true, merge
		settings.Toolkit.SnapshotInterval = 4 * settings.Toolkit.HeartbeatInterval
	}})
}

// retaining is a pair that purges nothing when it starts; its first round of snapshots comes late enough to be asked before.
func retaining() func() scenario.Given {
	return suite.Configured(scenario.Configuration{Settings: func(settings *config.Config) {
		settings.Toolkit.RetainSnapshots, settings.Toolkit.SnapshotInterval = true, 6*settings.Toolkit.HeartbeatInterval
	}})
}

// staggered is one row of the table of starts.
func staggered(what string, reverse bool, stagger func(*scenario.Drill) time.Duration, labels ...string) func(func() scenario.Given) bool {
	return func(given func() scenario.Given) bool {
		return lifecycle.StaggeredStart(given, stagger, what, reverse, labels...)
	}
}
