package scenario

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/metrics"
)

// fillingAllowance is how many times longer than calculated a queue may take to fill.
const fillingAllowance = 2

// HoldsSendersBack expects the queue behind this data center's snapshot receiver to fill, because it takes so long, toolkit time, to store
// one replica, or for ever where it is 0, and its peer's senders to give up on snapshots after their read timeout R. What has been
// acknowledged by then and is not stored yet would be lost with a crash, which is reported (Q33, S36, S34).
func (s *Side) HoldsSendersBack(ctx context.Context, each time.Duration) {
	ginkgo.GinkgoHelper()
	d := s.drill
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	since := d.from
	if d.injected == nil {
		d.t0 = time.Now() // from here on nothing may change
	} else {
		since = d.t0
	}
	growth, stored := float64(d.env.Fragments)/period.Seconds(), "none is stored" // replicas a second
	if each > 0 {
		growth, stored = growth-1/each.Seconds(), "each takes "+inSeconds(each)+" to be stored"
	}
	Expect(growth).To(BeNumerically(">", 0), "replicas must come faster than %s stores them", s.Name())
	filling := time.Duration(crossdc.ReceiverQueue / growth * float64(time.Second))
	limit := d.wall(fillingAllowance*filling+2*each+2*d.settings.Toolkit.ReadTimeout) + d.settings.CallTimeout
	d.await(ctx, fmt.Sprintf("%d snapshots wait at %s, and their senders give up", crossdc.ReceiverQueue, s.Name()), limit)
	var waiting int64
	var gaveUp string
	d.claims(ctx, sight{since: since}).Eventually(ctx, func(ctx context.Context) []string {
		waiting = max(waiting, s.waiting(ctx))
		gaveUp = s.peer.gaveUp(ctx, since)
		var missing []string
		if waiting < crossdc.ReceiverQueue {
			missing = append(missing, fmt.Sprintf("%d snapshots wait at %s", waiting, s.Name()))
		}
		if gaveUp == "" {
			missing = append(missing, fmt.Sprintf("%s has traced no snapshot that it gave up", s.peer.Name()))
		}
		return missing
	}).WithTimeout(limit).WithPolling(d.unhurried()).Should(lackNothing(), "replicas come every %s and %s: the queue of %d must fill within about %s",
		inSeconds(period/time.Duration(d.env.Fragments)), stored, crossdc.ReceiverQueue, inSeconds(filling))
	text := fmt.Sprintf("%d snapshots that %s has acknowledged are in its memory only; its peer gave up: %s", waiting, s.Name(), gaveUp)
	d.observe(model.Observation{Site: s.Name(), Indicator: string(toolkit.OperatorMetrics), Event: "snapshots wait to be stored", When: d.interval(since, time.Now()), Evidence: text})
	d.hazard("Q33", text)
}

// waiting is how many snapshots wait behind this data center's receivers.
func (s *Side) waiting(ctx context.Context) int64 {
	ginkgo.GinkgoHelper()
	port := toolkit.OperatorPort{Operator: s.drill.settings.Application.Invocation + ".RemoteDataCenterWatchdog", Port: metrics.In(0, "BinData2")}
	set, err := s.Counters(ctx, port)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "how many snapshots wait at %s is known from its counters only", s.Name())
	sample, ok := set.Find(port.Operator, port.Port, "nTuplesQueued")
	ended.Doubt().Expect(ok).To(BeTrue(), "%s has no metric nTuplesQueued of %s %v", s.Name(), port.Operator, port.Port)
	return sample.Value
}

// gaveUp is a trace of this data center about a snapshot that it could not send since an instant; empty where there is none.
func (s *Side) gaveUp(ctx context.Context, since time.Time) string {
	ginkgo.GinkgoHelper()
	lines, err := s.drill.tracesOf(ctx, s)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "what %s could not send is known from its traces only", s.Name())
	senders := s.drill.settings.Application.Invocation + ".CrossDataCenterSender2["
	at := slices.IndexFunc(lines, func(line toolkit.TraceLine) bool {
		return line.Kind() == toolkit.TraceSendFailed && line.At.After(since) && strings.HasPrefix(line.Operator, senders)
	})
	if at < 0 {
		return ""
	}
	return lines[at].Text
}

// StoresEachOnce expects that this data center has stored no snapshot of its peer twice, whatever its sender did when it got no answer in
// time: each (data center, fragment, count) at most once (S36).
func (s *Side) StoresEachOnce(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	lines, err := d.tracesOf(ctx, s)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "what %s stores is known from its traces only", s.Name())
	type round struct {
		name  string
		count uint64
	}
	times, came := map[round]int{}, cameUp(lines)
	stored := 0
	for _, replica := range toolkit.Replicas(lines) {
		if !replica.Of(s.peer.Name()) || !replica.Persisted || replica.At.Before(came) { // an earlier life of its peer counted from the beginning too
			continue
		}
		stored++
		one := round{replica.Name, replica.Count}
		times[one]++
		Expect(times[one]).To(Equal(1), "%s stored %s of round %d more than once", s.Name(), one.name, one.count)
	}
	ended.Doubt().Expect(stored).To(BeNumerically(">", 0), "no trace tells of a replica that %s stored: tracing at level info is needed", s.Name())
	progress("    %s stored %d replicas of %s, no round of a fragment twice", s.Name(), stored, s.peer.Name())
}
