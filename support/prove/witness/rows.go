package main

import (
	"time"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/crossdc/model"
)

// row is one thing that is done, in both worlds. Lengths are in heartbeat intervals.
type row struct {
	name    string
	length  float64 // of the fault; 0: until the end
	watched float64 // since the fault
	real    func() fault.Fault
	model   []model.Action // without times
}

const (
	dc1 = "dc1"
)

// rows is the table. Lengths lie where the model's outcome does not hang on the phase by a hair (toolkit contract 6.2 to 6.5).
func rows() []row {
	both := func(what model.What) []model.Action { return []model.Action{{What: what}, {What: what, Target: 1}} }
	return []row{
		{"crash", 0, 7, func() fault.Fault { return fault.Crash(dc1) }, []model.Action{{What: model.Crash}}},
		{"short partition", 2.5, 9, func() fault.Fault { return fault.Partition(fault.Refuse) }, both(model.Refuse)},
		{"long partition", 7, 13, func() fault.Fault { return fault.Partition(fault.Refuse) }, both(model.Refuse)},
		{"short one-way", 2.5, 9, func() fault.Fault { return fault.OneWay(dc1, fault.Refuse) }, []model.Action{{What: model.Refuse}}},
		{"long one-way", 12, 18, func() fault.Fault { return fault.OneWay(dc1, fault.Refuse) }, []model.Action{{What: model.Refuse}}},
		{"long drop", 7, 13, func() fault.Fault { return fault.Drop(dc1) }, []model.Action{{What: model.Drop}}},
		{"short hang", 2.5, 9, func() fault.Fault { return fault.Hang(dc1, 0) }, []model.Action{{What: model.Hang}}},
		{"orderly shutdown", 0, 9, func() fault.Fault { return fault.OrderlyShutdown(dc1) },
			[]model.Action{{What: model.Special, Text: crossdc.OrderlyShutdownText}}},
		{"heartbeat port refused", 7, 13, func() fault.Fault { return fault.Block(fault.HeartbeatPort, fault.Refuse) },
			[]model.Action{{What: model.Refuse, Ports: model.HeartbeatPort}, {What: model.Refuse, Target: 1, Ports: model.HeartbeatPort}}},
		{"snapshot ports refused", 7, 13, func() fault.Fault { return fault.Block(fault.SnapshotPorts, fault.Refuse) },
			[]model.Action{{What: model.Refuse, Ports: model.SnapshotPorts}, {What: model.Refuse, Target: 1, Ports: model.SnapshotPorts}}},
	}
}

func intervals(n float64, interval time.Duration) time.Duration {
	return time.Duration(n * float64(interval))
}
