package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/toolkit"
)

// beat is one look at the counters that show a data center's rhythm.
type beat struct {
	at         time.Time // between asking and answering; half of that is its error
	heartbeats int64     // received
	rounds     int64     // snapshot rounds requested
	accepted   int64     // snapshots accepted from the peer
	backlog    int64     // heartbeats waiting to be sent
}

// KeepsItsRhythm watches for CROSSDC_STEADY_HEARTBEATS intervals: no status changes and no takeover (O4), the longest
// pause between two heartbeats is at most 2 I, at most one heartbeat waits to be sent, and the snapshot period is P_s
// within half an interval (toolkit contract 10, S01).
func (d *Drill) KeepsItsRhythm(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	intervals := float64(d.settings.SteadyHeartbeats)
	d.t0 = time.Now()
	d.await(ctx, fmt.Sprintf("%.0f heartbeat intervals have passed without a change", intervals), d.wall(time.Duration(intervals*float64(d.Timing.Interval))))
	beats := d.beats(ctx, time.Duration(intervals*float64(d.Timing.Interval)))
	d.NothingChanges()
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	for _, side := range d.sides() {
		d.judgeRhythm(side, beats[side.Name()], intervals, period)
	}
}

// beats polls both data centers' counters ten times per heartbeat interval for a stretch of toolkit time.
func (d *Drill) beats(ctx context.Context, stretch time.Duration) map[string][]beat {
	ginkgo.GinkgoHelper()
	beats := map[string][]beat{}
	ticker := time.NewTicker(d.wall(d.Timing.Interval) / 10)
	defer ticker.Stop()
	for end := time.Now().Add(d.wall(stretch)); time.Now().Before(end); {
		metrics, err := d.env.Client.Status(ctx)
		Expect(err).NotTo(HaveOccurred(), "both data centers must be observable in steady operation")
		for _, site := range metrics.Sites {
			e := site.Evidence
			at := metrics.At
			for _, source := range e.Metrics {
				at = source.Answered
			}
			beats[site.Name] = append(beats[site.Name], beat{
				at: at, heartbeats: countOf(e, toolkit.HeartbeatsIn), rounds: countOf(e, toolkit.SnapshotRounds),
				accepted: countOf(e, toolkit.SnapshotsIn), backlog: countOf(e, toolkit.Backlog),
			})
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			ginkgo.Fail("interrupted while watching")
		}
	}
	return beats
}

func (d *Drill) judgeRhythm(side *Side, beats []beat, intervals float64, period time.Duration) {
	ginkgo.GinkgoHelper()
	Expect(len(beats)).To(BeNumerically(">", int(intervals)), "inconclusive: %s was looked at only %d times in %.0f intervals", side.Name(), len(beats), intervals)
	gap, backlog := time.Duration(0), int64(0)
	last := beats[0]
	var roundsAt []time.Time
	for i, b := range beats {
		backlog = max(backlog, b.backlog)
		if b.heartbeats > last.heartbeats {
			gap = max(gap, b.at.Sub(last.at))
			last = b
		}
		if i > 0 && b.rounds > beats[i-1].rounds {
			roundsAt = append(roundsAt, b.at)
		}
	}
	first, end := beats[0], beats[len(beats)-1]
	Expect(float64(end.heartbeats-first.heartbeats)).To(BeNumerically("~", intervals, max(3, intervals*0.1)),
		"%s must receive one heartbeat per interval", side.Name())
	Expect(d.toolkit(gap)).To(BeNumerically("<=", 2*d.Timing.Interval), "the longest pause between heartbeats at %s", side.Name())
	Expect(backlog).To(BeNumerically("<=", 1), "heartbeats waiting to be sent at %s", side.Name())
	Expect(len(roundsAt)).To(BeNumerically(">=", 2), "inconclusive: %s asked for %d rounds of snapshots; watch for longer (CROSSDC_STEADY_HEARTBEATS)", side.Name(), len(roundsAt))
	mean := d.toolkit(roundsAt[len(roundsAt)-1].Sub(roundsAt[0])) / time.Duration(len(roundsAt)-1)
	Expect(mean).To(BeNumerically("~", period, d.Timing.Interval/2), "the snapshot period of %s must be P_s = max(1,k-1)*I", side.Name())
	Expect(end.accepted).To(BeNumerically(">", first.accepted), "%s must go on accepting replicas", side.Name())
	d.observe(model.Observation{
		Site: side.Name(), Indicator: string(toolkit.OperatorMetrics), Event: "rhythm", When: d.interval(first.at, end.at),
		Evidence: fmt.Sprintf("%d heartbeats in %.0f intervals, longest pause %s, %d snapshot rounds %s apart (P_s = %s)",
			end.heartbeats-first.heartbeats, intervals, inSeconds(d.toolkit(gap)), len(roundsAt), inSeconds(mean), inSeconds(period)),
	})
	progress("    %s: longest pause between heartbeats %s (2 I = %s), snapshot period %s (P_s = %s)", side.Name(),
		inSeconds(d.toolkit(gap)), inSeconds(2*d.Timing.Interval), inSeconds(mean), inSeconds(period))
}
