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
	_ = replication.SlowReceiver(storing(time.Minute), time.Minute)
	_ = replication.FewerFragments(survivor(func(submission *environment.Submission) { submission.Fragments = 3 }), 3)
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

// storing is a pair whose dc2 takes so long to store one replica, in toolkit time. Five come every P_s = 30 s, and senders wait for R = 30 s.
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
