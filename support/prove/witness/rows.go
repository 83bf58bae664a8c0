package main

import (
	"fmt"
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

	timed  func(wall func(intervals float64) time.Duration) fault.Fault // in place of real, for faults that have lengths of their own
	delay  float64                                                      // of the link each way, in intervals
	step   float64                                                      // of a clock, in intervals
	spread bool                                                         // each group of the toolkit's operators in a PE of its own
}

// rows is the table: lengths on both sides of the bounds of toolkit contract 6.2 to 6.5. Where the outcome hangs on the phase the
// model gives several orders.
func rows() []row {
	list := []row{
		done("heartbeat port refused", 7, 13, func() fault.Fault { return fault.Block(fault.HeartbeatPort, fault.Refuse) },
			[]model.Action{{What: model.Refuse, Ports: model.HeartbeatPort}, {What: model.Refuse, Target: 1, Ports: model.HeartbeatPort}}),
		done("snapshot ports refused", 7, 13, func() fault.Fault { return fault.Block(fault.SnapshotPorts, fault.Refuse) },
			[]model.Action{{What: model.Refuse, Ports: model.SnapshotPorts}, {What: model.Refuse, Target: 1, Ports: model.SnapshotPorts}}),
	}
	for _, length := range []float64{1, 2.5, 3.5, 4.5, 5.5, 7} {
		list = append(list, done(fmt.Sprintf("partition %g I", length), length, length+6.5, func() fault.Fault { return fault.Partition(fault.Refuse) },
			[]model.Action{{What: model.Refuse}, {What: model.Refuse, Target: 1}}))
	}
	for _, length := range []float64{2.5, 7} {
		list = append(list,
			done(fmt.Sprintf("swallowed %g I", length), length, length+6.5, func() fault.Fault { return fault.Partition(fault.HangUp) },
				[]model.Action{{What: model.Swallow}, {What: model.Swallow, Target: 1}}),
			done(fmt.Sprintf("black hole %g I", length), length, length+6.5, func() fault.Fault { return fault.Partition(fault.Blackhole) },
				[]model.Action{{What: model.Drop}, {What: model.Drop, Target: 1}}))
	}
	for side, dc := range []string{"dc1", "dc2"} {
		list = append(list,
			done("cancel job "+dc, 0, 7, func() fault.Fault { return fault.CancelJob(dc) }, []model.Action{{What: model.Crash, Target: side}}),
			done("stop instance "+dc, 0, 7, func() fault.Fault { return fault.StopInstance(dc) }, []model.Action{{What: model.Crash, Target: side}}),
			done("crash "+dc, 0, 7, func() fault.Fault { return fault.Crash(dc) }, []model.Action{{What: model.Crash, Target: side}}),
			done("orderly shutdown "+dc, 0, 9, func() fault.Fault { return fault.OrderlyShutdown(dc) },
				[]model.Action{{What: model.Special, Target: side, Text: crossdc.OrderlyShutdownText}}))
		for _, length := range []float64{2.5, 4.5, 6, 12} {
			list = append(list, done(fmt.Sprintf("one-way %s %g I", dc, length), length, length+6.5, func() fault.Fault { return fault.OneWay(dc, fault.Refuse) },
				[]model.Action{{What: model.Refuse, Target: side}}))
		}
		for _, length := range []float64{1, 3, 5, 7} {
			list = append(list, done(fmt.Sprintf("drop %s %g I", dc, length), length, length+6.5, func() fault.Fault { return fault.Drop(dc) },
				[]model.Action{{What: model.Drop, Target: side}}))
		}
		for _, length := range []float64{1, 2.5, 4, 8} {
			list = append(list, done(fmt.Sprintf("hang %s %g I", dc, length), length, length+6.5, func() fault.Fault { return fault.Hang(dc, 0) },
				[]model.Action{{What: model.Hang, Target: side}}))
		}
	}
	return append(list, disturbed()...)
}

func intervals(n float64, interval time.Duration) time.Duration {
	return time.Duration(n * float64(interval))
}
