package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/toolkit"
)

const (
	// tuplesBefore is over how long before the fault, in heartbeat intervals, the rate of tuples is taken that the rate after it is held
	// against.
	tuplesBefore = 10
	// tuplesShare is the share of the lost side's tuples that must come on top of the survivor's own where an upstream reroutes them.
	tuplesShare = 0.6
	// tuplesKept is the share of the survivor's own tuples that must go on where nobody reroutes. A load that is not ours has ups and downs.
	tuplesKept = 0.7
	// tuplesFewest is how many tuples each side must have counted within tuplesSteady heartbeat intervals before the fault, for their rate to
	// mean anything.
	tuplesFewest = 20
	tuplesSteady = 3
	// tuplesStep is the part of a window by which windows follow each other.
	tuplesStep = 20
)

// byCounters reports whether the counters of operators that the application's file names tell that it serves, because no traffic of ours does.
func (d *Drill) byCounters() bool {
	described := d.settings.Described()
	return described.Carries(application.Tuples) && !described.Carries(application.Service)
}

// tuples is how many tuples a side counted in a stretch, at least and at most, per second of wall time.
type tuples struct{ least, most float64 }

// times is a share of a rate.
func (t tuples) times(share float64) tuples { return tuples{t.least * share, t.most * share} }

func (t tuples) plus(o tuples) tuples { return tuples{t.least + o.least, t.most + o.most} }

func (t tuples) String() string { return fmt.Sprintf("%.1f to %.1f tuples/s", t.least, t.most) }

// against is whether a rate reaches a level: met where it does in any case, missed where it cannot.
func (t tuples) against(level tuples) model.Verdict {
	switch {
	case t.least >= level.most:
		return model.Met
	case t.most < level.least:
		return model.Missed
	}
	return model.Inconclusive
}

// tupleRate is the rate at which a side counted tuples; known is false where its counters were not read before and after.
func (d *Drill) tupleRate(side *Side, from, to time.Time) (rate tuples, known bool) {
	least, most, known := d.monitor.Counted(side.Name(), from, to)
	seconds := to.Sub(from).Seconds()
	if !known || seconds <= 0 {
		return tuples{}, false
	}
	return tuples{float64(least) / seconds, float64(most) / seconds}, true
}

// countsTooFew says what is missing until each side's own load can be told by its counters; empty where that is not asked.
func (d *Drill) countsTooFew() (missing []string) {
	if !d.byCounters() {
		return nil
	}
	for _, side := range d.sides() {
		if d.passive && side == d.DC2 {
			continue
		}
		until := d.monitor.LookedUntil(side.Name(), toolkit.TuplesStopped)[toolkit.ServingCounters]
		least, _, known := d.monitor.Counted(side.Name(), until.Add(-tuplesSteady*d.wall(d.Timing.Interval)), until)
		switch {
		case !known:
			missing = append(missing, fmt.Sprintf("how many tuples the operators under serving of %s counted within %s is not known: their counters were not read all the time, or a process of them was started",
				side.Name(), inSeconds(tuplesSteady*d.Timing.Interval)))
		case least < tuplesFewest:
			missing = append(missing, fmt.Sprintf("the operators under serving of %s have counted %d tuples within %s, and %d are needed to tell their rate: nothing of ours is sent, so the application's own load must run",
				side.Name(), least, inSeconds(tuplesSteady*d.Timing.Interval), tuplesFewest))
		}
	}
	return missing
}

// countedBefore is the rate of a side in the minutes before the fault. What a side counted last before it was lost may not have been read.
func (d *Drill) countedBefore(side *Side) tuples {
	ginkgo.GinkgoHelper()
	to := d.t0
	if looked := d.monitor.LookedUntil(side.Name(), toolkit.TuplesStopped)[toolkit.ServingCounters]; looked.Before(to) {
		to = looked
	}
	for from := to.Add(-d.wall(tuplesBefore * d.Timing.Interval)); from.Before(to); from = from.Add(d.wall(d.Timing.Interval) / 4) {
		if rate, known := d.tupleRate(side, from, to); known { // else the first reading came later
			return rate
		}
	}
	ended.Inconclusive("how many tuples %s counted before the fault is not known: its counters under serving were not read", side.Name())
	return tuples{}
}

// servesByCounters expects of the counters under serving what no traffic of ours tells: where an upstream reroutes, the lost side's tuples come
// on top of the survivor's own within the RTO; where nobody does, the survivor's own go on.
func (d *Drill) servesByCounters(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	own, lost := d.countedBefore(survivor), d.countedBefore(survivor.peer)
	if d.settings.Described().Reroutes != application.ReroutedByUpstream {
		d.leavesOut(fmt.Sprintf("Not judged: when the tuples of %s are processed by %s (nothing reroutes them); that %s goes on with its own is judged.", survivor.peer.Name(), survivor.Name(), survivor.Name()))
		d.keepsCounting(ctx, time.Now(), own.times(tuplesKept))
		return
	}
	level := own.plus(lost.times(tuplesShare))
	if own.against(level) != model.Missed {
		d.leavesOut(fmt.Sprintf("Not judged: when the tuples of %s are processed by %s (before the fault they counted %s and %s, which is too little or too uneven to tell one from the other).",
			survivor.peer.Name(), survivor.Name(), lost, own))
		d.keepsCounting(ctx, time.Now(), own.times(tuplesKept))
		return
	}
	keep := d.wall(d.Timing.Interval)
	limit := max(d.RTO-time.Since(d.t0), 0) + 3*keep
	d.await(ctx, fmt.Sprintf("the counters under serving of %s show the tuples of %s as well", survivor.Name(), survivor.peer.Name()), limit)
	var back model.Interval
	d.claims(ctx, d.countersLook(survivor, d.t0)).Eventually(ctx, func() error {
		var ok bool
		if back, ok = d.backByCounters(survivor, level, keep); !ok {
			now := "what was not read"
			if rate, known := d.tupleRate(survivor, time.Now().Add(-2*keep), time.Now().Add(-keep)); known {
				now = rate.String()
			}
			return fmt.Errorf("%s counts %s; before the fault it counted %s and %s counted %s", survivor.Name(), now, own, survivor.peer.Name(), lost)
		}
		return nil
	}).WithTimeout(limit).WithPolling(keep/tuplesStep).Should(gomega.Succeed(), "the tuples of both sides must be processed within the RTO of %s", inSeconds(d.toolkit(d.RTO)))
	d.observe(model.Observation{Site: survivor.Name(), Indicator: string(toolkit.ServingCounters), Event: timeline.Served, Subject: survivor.peer.Name(), When: back,
		Evidence: fmt.Sprintf("at least %.1f tuples/s for %s; before the fault %s, and %s at %s", level.most, inSeconds(d.Timing.Interval), own, lost, survivor.peer.Name())})
	d.store()
}

// backByCounters bounds when a side's rate reached a level: not before the first window that may have it, not after the end of the first that
// has it in any case.
func (d *Drill) backByCounters(side *Side, level tuples, keep time.Duration) (when model.Interval, ok bool) {
	step := keep / tuplesStep
	possible := time.Time{}
	for from := d.t0; from.Add(keep).Before(time.Now()); from = from.Add(step) {
		rate, known := d.tupleRate(side, from, from.Add(keep))
		if !known {
			continue
		}
		reached := rate.against(level)
		if reached != model.Missed && possible.IsZero() {
			possible = from.Add(-step)
		}
		if reached == model.Met {
			return model.Interval{Earliest: max(d.instant(possible), d.instant(d.t0)), Latest: d.instant(from.Add(keep))}, true
		}
	}
	return model.Interval{}, false
}

// countersLook is the sight of a claim that rests on a side's serving counters.
func (d *Drill) countersLook(side *Side, since time.Time) sight {
	return sight{since: since, shows: toolkit.TuplesStopped, sites: []*Side{side}, needed: 1, by: []toolkit.Indicator{toolkit.ServingCounters}}
}

// keepsCounting expects of the survivor's serving counters that they reached a level from an instant until now.
func (d *Drill) keepsCounting(ctx context.Context, since time.Time, level tuples) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	if least := d.wall(d.Timing.Interval); time.Since(since) < least {
		d.watchFor(ctx, d.toolkit(least-time.Since(since)))
	}
	to := time.Now()
	claim := d.claims(ctx, d.countersLook(survivor, since))
	ended.Doubt().Expect(d.looked(ctx, survivor, toolkit.TuplesStopped, 1, to, toolkit.ServingCounters)).To(gomega.BeEmpty(), "the counters under serving of %s must be read", survivor.Name())
	rate, known := d.tupleRate(survivor, since, to)
	ended.Doubt().Expect(known).To(gomega.BeTrue(), "how many tuples %s counted is not known: its counters were not read all the time, or a process of it was started again", survivor.Name())
	verdict := rate.against(level)
	claim.Expect(verdict).NotTo(gomega.Equal(model.Missed), "%s counts %s in %s; %s are expected from before the fault", survivor.Name(), rate, inSeconds(d.toolkit(to.Sub(since))), level)
	ended.Doubt().Expect(verdict).To(gomega.Equal(model.Met), "whether %s goes on cannot be told: it counts %s, and %s are expected", survivor.Name(), rate, level)
	d.observe(model.Observation{Site: survivor.Name(), Indicator: string(toolkit.ServingCounters), Event: "goes on", Subject: survivor.Name(), When: d.interval(since, to),
		Evidence: fmt.Sprintf("%s, where %s are expected", rate, level)})
	progress("    %s counts %s", survivor.Name(), rate)
	d.store()
}

// staysByCounters watches for one snapshot period while the fault is in force, and expects that the survivor's serving counters keep the level
// of before the fault.
func (d *Drill) staysByCounters(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	period, err := d.Timing.SnapshotPeriod()
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	began := time.Now()
	d.watchFor(ctx, max(period, d.Timing.Interval))
	level := d.countedBefore(survivor).times(tuplesKept)
	d.keepsCounting(ctx, began, level)
	for _, seen := range d.board.Since(survivor.Name(), began) {
		d.claims(ctx, d.countersLook(survivor, began)).Expect(seen.Event).NotTo(gomega.Equal(string(toolkit.TuplesStopped)), "the tuples of %s stopped while the fault lasted: %s", survivor.Name(), seen.Evidence)
	}
}
