package replication_test

import (
	"strconv"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/suites/replication"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario"
)

func TestReplication(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "replication")
}

var (
	suite = scenario.NewSuite("replication")

	_ = suite.Repeat(replication.CrashAfterRestart)
	_ = suite.Repeat(replication.HostileRequests)
	_ = suite.Repeat(replication.StorageMissing)
	_ = replication.StorageHangs(storing(0))
	_ = replication.StorageHangsAtTakeover(adding())
	_ = suite.Repeat(replication.EmptyReplica)
	_ = replication.CorruptReplica(suite.Given, fault.Truncated, "replica-truncated", "slow")
	_ = replication.CorruptReplica(suite.Given, fault.WrongLength, "replica-length", "slow")
	_ = replication.CorruptReplica(suite.Given, fault.Garbage, "replica-garbage", "slow")
	_ = replication.SlowReceiver(storing(time.Minute), time.Minute)
	_ = replication.FewerFragments(survivor(func(submission *environment.Submission) { submission.Fragments = 3 }), 3)
	_ = replication.OperatorsRestart(spread(), "the preparer", 5, scenario.Effects{StopsReplicas: true}, "slow", "Q19")
	_ = replication.OperatorsRestart(spread(), "the heartbeat watchdog", 4, scenario.Effects{RepeatsUp: true}, "slow", "Q20")
	_ = replication.OperatorsRestart(spread(), "the receiver of heartbeats", 2, scenario.Effects{}, "soak")
	_ = replication.OperatorsRestart(spread(), "the sender of heartbeats", 3, scenario.Effects{}, "soak")
	_ = replication.OperatorsRestart(spread(), "the watchdog of the remote data center", 6, scenario.Effects{}, "soak", "Q21")
	_ = replication.OperatorsRestart(spread(), "the source of ticks", 7, scenario.Effects{}, "soak")
	_ = replication.OperatorsRestart(spread(), "the sender of snapshots", 8, scenario.Effects{}, "soak")
	_ = replication.OperatorsRestart(spread(), "the receiver of snapshots", 9, scenario.Effects{}, "soak")
	_ = replication.SnapshotSize(sized(65<<20), 65<<20, "65 MiB", "slow")
	_ = replication.SnapshotSize(sized(1<<10), 1<<10, "1 KiB", "soak")
	_ = replication.SnapshotSize(sized(64<<10), 64<<10, "64 KiB", "soak")
	_ = replication.SnapshotSize(sized(1<<20), 1<<20, "1 MiB", "soak")
	_ = replication.SnapshotSize(sized(16<<20), 16<<20, "16 MiB", "soak")
	_ = replication.SnapshotSize(sized(256<<20), 256<<20, "256 MiB", "soak")
	_ = replication.RegionReset(survivor(func(submission *environment.Submission) { submission.Parameters["checkpoint"] = "600" }))
	_ = replication.CrashOverDatabase(suite.Stored)
	_ = replication.DatabaseDown(suite.Stored)
	_ = replication.DatabaseSlow(suite.Stored)
	_ = replication.DatabaseDownAtTakeover(suite.Stored)
	_ = replication.DatabaseSlowAtTakeover(suite.StoredAdditive)
)

// survivor is a pair whose dc2 is submitted in a way of its own.
func survivor(change func(*environment.Submission)) func() scenario.Given {
	return suite.Configured(scenario.Configuration{Submit: func(dc string, submission *environment.Submission) {
		if dc == "dc2" {
			change(submission)
		}
	}})
}

// storing is a pair whose dc2 takes so long to store one replica, in toolkit time; 0 is no time. Five come every P_s = 30 s, and senders wait for R = 30 s.
func storing(each time.Duration) func() scenario.Given {
	return suite.Configured(scenario.Configuration{
		Settings: func(settings *config.Config) {
			settings.Toolkit.SnapshotInterval, settings.Toolkit.ReadTimeout = 60*time.Second, 30*time.Second
		},
		Submit: func(dc string, submission *environment.Submission) {
			if dc == "dc2" {
				submission.Parameters["storeDelay"] = strconv.FormatFloat(each.Seconds(), 'f', -1, 64)
			}
		},
	})
}

// adding is a pair whose application adds up what it is handed, so that a replica that comes late is no less worth.
func adding() func() scenario.Given {
	return suite.Configured(scenario.Configuration{Settings: func(settings *config.Config) { settings.Application.Merge = "additive" }})
}

// sized is a pair of whose fragments the first has so many bytes of ballast in its snapshots. It runs more slowly: bytes pass at the speed of the
// machine, and timeouts at that of the toolkit.
func sized(bytes int64) func() scenario.Given {
	return suite.Configured(scenario.Configuration{
		Settings: func(settings *config.Config) {
			settings.Speedup = min(settings.Speedup, 15)
		},
		Submit: func(_ string, submission *environment.Submission) {
			submission.Parameters["snapshotPadding"], submission.Parameters["paddedFragments"] = strconv.FormatInt(bytes, 10), "1"
		},
	})
}

// spread is a pair whose dc2 has a PE for each group of the toolkit's operators: behind the composite and the application come the receiver of
// heartbeats, their sender, the heartbeat watchdog, the preparer, the watchdog of the remote data center, the source of ticks, the sender
// of snapshots and their receiver.
func spread() func() scenario.Given {
	return survivor(func(submission *environment.Submission) { submission.PEs = 10 })
}
