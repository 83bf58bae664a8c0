package partition_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/suites/partition"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/fault"
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
	_ = suite.Repeat(partition.HeartbeatPortBlocked)
	_ = suite.Repeat(partition.SnapshotPortsBlocked)
	_ = suite.Repeat(func(given func() scenario.Given) bool { return partition.OneWayBlockHeals(given, 1.5, "slow") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return partition.OneWayBlockHeals(given, 1.9, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return partition.OneWayBlockSilences(given, 2.5, "slow") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return partition.OneWayBlockSilences(given, 4, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return partition.Blackhole(given, 0.9, "slow") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return partition.Blackhole(given, 1.3, "slow") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return partition.Blackhole(given, 1, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return partition.Blackhole(given, 1.1, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return partition.Blackhole(given, 2, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return partition.Blackhole(given, 3, "soak") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return partition.OneWayDrop(given, 1.3, "slow") })
	_ = suite.Repeat(func(given func() scenario.Given) bool { return partition.OneWayDrop(given, 0.9, "soak") })
	_ = partition.DualActive(suite.ActivePassive)
	_ = partition.ReceiverMoves(twoMachines(false), 2, fault.Refuse, "the first one refuses", "slow")
	_ = partition.ReceiverMoves(twoMachines(false), 2, fault.Blackhole, "the first one is gone", "slow")
	_ = partition.ReceiverMoves(twoMachines(true), 2, fault.Refuse, "everybody is sent to all, and one refuses", "soak")
	_ = partition.ReceiverMoves(twoMachines(true), 2, fault.Blackhole, "everybody is sent to all, and one is gone", "soak")
)

// twoMachines is a pair whose dc1 knows two machines of its peer, of which the link reaches the first.
func twoMachines(all bool) func() scenario.Given {
	return suite.Configured(scenario.Configuration{
		Settings: func(settings *config.Config) { settings.Toolkit.SendToAll = all },
		Machines: func(dc, relay, direct string) string {
			if dc == "dc1" {
				return relay + "," + direct
			}
			return relay
		},
	})
}
