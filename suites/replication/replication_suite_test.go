package replication_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/suites/replication"
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
)
