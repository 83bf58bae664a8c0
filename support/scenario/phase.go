package scenario

import (
	"context"
	"time"

	"github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
)

// anyPhase waits for a random part of the heartbeat interval. A data center that comes home begins its heartbeats when the
// fault is healed, and a fault is healed when the other side has noticed it, at one of its ticks: without a random wait
// before either, the two would stay in step from one trial to the next (toolkit contract 6.1).
func (d *Drill) anyPhase(ctx context.Context) {
	d.watchFor(ctx, time.Duration(d.random.Float64()*float64(d.Timing.Interval)))
}

// anyPhaseOfReplication waits for a random part of the snapshot period, which is a whole number of heartbeat intervals: how much
// is lost depends on how long ago the last round was, and a fault that always came right after one would never show it.
func (d *Drill) anyPhaseOfReplication(ctx context.Context) {
	if d.aimed {
		return
	}
	if !d.holdsRPO() {
		d.anyPhase(ctx)
		return
	}
	period, err := d.Timing.SnapshotPeriod()
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	d.watchFor(ctx, time.Duration(d.random.Float64()*float64(period)))
}

func (d *Drill) phase(name string, from, to model.Interval) {
	d.scenario.Phases = append(d.scenario.Phases, model.Phase{Name: name, From: from, To: to})
}
