package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/metrics"
)

// KeepsItsRhythm watches for CROSSDC_STEADY_HEARTBEATS intervals: no status changes and no takeover (O4), the longest
// pause between two heartbeats is at most 2 I, at most one heartbeat waits to be sent, and the snapshot period is P_s
// within half an interval (toolkit contract 10, S01). Meanwhile no process may keep something of every event in memory.
func (d *Drill) KeepsItsRhythm(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	intervals := float64(d.settings.SteadyHeartbeats)
	d.t0 = time.Now()
	d.await(ctx, fmt.Sprintf("%.0f heartbeat intervals have passed without a change", intervals), d.wall(time.Duration(intervals*float64(d.Timing.Interval))))
	memory, since := d.memoryOf(ctx), time.Now()
	beats := d.beats(ctx, time.Duration(intervals*float64(d.Timing.Interval)))
	d.keepsNoEvents(ctx, memory, since)
	d.NothingChanges(ctx)
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	for _, side := range d.sides() {
		d.judgeRhythm(ctx, side, beats[side.Name()], intervals, period)
		d.judgeReplication(side, beats, period)
	}
}

// rhythmPorts are where the rhythm shows (toolkit contract 8.2).
func rhythmPorts(composite string, pairs int) []toolkit.OperatorPort {
	ports := []toolkit.OperatorPort{
		{Operator: composite + ".RemoteDataCenterHeartbeatWatchdog", Port: metrics.In(0, "BinData1")},
		{Operator: composite + ".HeartbeatMessagePreparer", Port: metrics.Out(2, "DataSnapshotSignal")},
		{Operator: composite + ".CrossDataCenterSender1", Port: metrics.In(0, "SerializedHeartbeatMessage")},
	}
	for channel := range pairs {
		ports = append(ports, toolkit.OperatorPort{
			Operator: fmt.Sprintf("%s.CrossDataCenterReceiver[%d]", composite, channel), Port: metrics.Out(0, "BinData2"),
		})
	}
	return ports
}

// beats polls both data centers' counters ten times per heartbeat interval for a stretch of toolkit time.
func (d *Drill) beats(ctx context.Context, stretch time.Duration) map[string][]beat {
	ginkgo.GinkgoHelper()
	beats := map[string][]beat{}
	ports := rhythmPorts(d.settings.Application.Invocation, d.settings.Toolkit.Pairs)
	ticker := time.NewTicker(d.wall(d.Timing.Interval) / 10)
	defer ticker.Stop()
	for end := time.Now().Add(d.wall(stretch)); time.Now().Before(end); {
		for _, side := range d.sides() {
			asked := time.Now()
			set, err := side.Counters(ctx, ports...)
			ended.Doubt().Expect(err).NotTo(HaveOccurred(), "the counters of %s must be readable in steady operation", side.Name())
			b := beat{at: time.Now()}
			read := func(port toolkit.OperatorPort, metric string) metrics.Sample {
				sample, ok := set.Find(port.Operator, port.Port, metric)
				ended.Doubt().Expect(ok).To(BeTrue(), "%s has no metric %s of %s %v", side.Name(), metric, port.Operator, port.Port)
				return sample
			}
			heartbeats := read(ports[0], "nTuplesProcessed")
			b.heartbeats = heartbeats.Value
			b.since, b.until = sampled(heartbeats.At, asked, b.at, d.wall(metricRefresh))
			b.rounds = read(ports[1], "nTuplesSubmitted").Value
			b.backlog = read(ports[2], "nTuplesQueued").Value
			for _, receiver := range ports[3:] {
				b.accepted += read(receiver, "nTuplesSubmitted").Value
			}
			beats[side.Name()] = append(beats[side.Name()], b)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			ginkgo.Fail("interrupted while watching")
		}
	}
	return beats
}

// sampled bounds when the platform sampled a value: it says itself when it began to, by one host's clock, and had ended when
// it began the next time, so that a reading that was slow to come says no less; where it does not say so, up to one refresh
// before the reading.
func sampled(stamp, asked, at time.Time, refresh time.Duration) (since, until time.Time) {
	if stamp.IsZero() {
		return asked.Add(-refresh), at
	}
	return stamp, stamp.Add(refresh)
}

// longestGap bounds the longest pause between two heartbeats: each arrived after the last sample that did not show it, and
// before the first one that did. All samples are of one host's clock.
func longestGap(beats []beat) (least, most time.Duration) {
	before, after := beats[0].since, beats[0].until // around the last heartbeat
	for i := 1; i < len(beats); i++ {
		if beats[i].heartbeats == beats[i-1].heartbeats {
			continue
		}
		begin, end := beats[i-1].since, beats[i].until
		least, most = max(least, begin.Sub(after)), max(most, end.Sub(before))
		before, after = begin, end
	}
	return least, most
}

func (d *Drill) judgeRhythm(ctx context.Context, side *Side, beats []beat, intervals float64, period time.Duration) {
	ginkgo.GinkgoHelper()
	ended.Doubt().Expect(len(beats)).To(BeNumerically(">", int(intervals)), "%s was looked at only %d times in %.0f intervals", side.Name(), len(beats), intervals)
	backlog := int64(0)
	var roundsAt []time.Time
	for i, b := range beats {
		backlog = max(backlog, b.backlog)
		if i > 0 && b.rounds > beats[i-1].rounds {
			roundsAt = append(roundsAt, b.at)
		}
	}
	first, end := beats[0], beats[len(beats)-1]
	claim := d.claims(ctx, sight{since: first.at})
	claim.Expect(float64(end.heartbeats-first.heartbeats)).To(BeNumerically("~", intervals, max(3, intervals*0.1)),
		"%s must receive one heartbeat per interval", side.Name())
	least, most := longestGap(beats)
	claim.Expect(d.toolkit(least)).To(BeNumerically("<=", 2*d.Timing.Interval), "the longest pause between heartbeats at %s", side.Name())
	ended.Doubt().Expect(d.toolkit(most)).To(BeNumerically("<=", 2*d.Timing.Interval), "the longest pause between heartbeats at %s was between %s and %s; at most 2 I are allowed",
		side.Name(), inSeconds(d.toolkit(least)), inSeconds(d.toolkit(most)))
	claim.Expect(backlog).To(BeNumerically("<=", 1), "heartbeats waiting to be sent at %s", side.Name())
	ended.Doubt().Expect(len(roundsAt)).To(BeNumerically(">=", 2), "%s asked for %d rounds of snapshots; watch for longer (CROSSDC_STEADY_HEARTBEATS)", side.Name(), len(roundsAt))
	mean := d.toolkit(roundsAt[len(roundsAt)-1].Sub(roundsAt[0])) / time.Duration(len(roundsAt)-1)
	claim.Expect(mean).To(BeNumerically("~", period, d.Timing.Interval/2), "the snapshot period of %s must be P_s = max(1,k-1)*I", side.Name())
	claim.Expect(end.accepted).To(BeNumerically(">", first.accepted), "%s must go on accepting replicas", side.Name())
	d.observe(model.Observation{
		Site: side.Name(), Indicator: string(toolkit.OperatorMetrics), Event: "rhythm", When: d.interval(first.at, end.at),
		Evidence: fmt.Sprintf("%d heartbeats in %.0f intervals, longest pause %s to %s, %d snapshot rounds %s apart (P_s = %s)",
			end.heartbeats-first.heartbeats, intervals, inSeconds(d.toolkit(least)), inSeconds(d.toolkit(most)), len(roundsAt), inSeconds(mean), inSeconds(period)),
	})
	progress("    %s: longest pause between heartbeats %s to %s (2 I = %s), snapshot period %s (P_s = %s)", side.Name(),
		inSeconds(d.toolkit(least)), inSeconds(d.toolkit(most)), inSeconds(2*d.Timing.Interval), inSeconds(mean), inSeconds(period))
}
