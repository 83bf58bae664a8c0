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

	_ = suite.Repeat(partition.ShortPartition)
	_ = suite.Repeat(func(given func() scenario.Given) bool { return partition.LongPartition(given, 1.2, "fast") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return partition.LongPartition(given, 3) })
)
