package partition_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/suites/partition"
	"github.com/crossdc/failover/support/scenario"
)

func TestPartition(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "partition")
}

var (
	suite = scenario.NewSuite("partition")

	_ = partition.ShortPartition(suite.Given)
	_ = partition.LongPartition(suite.Given, 1.2, "fast")
	_ = partition.LongPartition(suite.Given, 3)
)
