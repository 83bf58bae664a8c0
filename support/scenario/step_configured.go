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
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/metrics"
)

// NamesTheTrap expects that what both sides were given steps into a trap of toolkit contract 2.3, and that this is known before
// anything is injected.
func (d *Drill) NamesTheTrap(_ context.Context, trap crossdc.Trap) {
	ginkgo.GinkgoHelper()
	var said []string
	found := slices.ContainsFunc(d.env.Traps(), func(f crossdc.Finding) bool {
		said = append(said, environment.Warning(f))
		return f.Trap == trap
	})
	Expect(found).To(BeTrue(), "the configuration steps into trap %s, and none but these is named: %s", trap, strings.Join(said, "; "))
	for _, text := range said {
		progress("    %s", text)
	}
}

// HasContact waits until both data centers hold each other UP and serve, whatever becomes of that.
func (d *Drill) HasContact(ctx context.Context) {
	ginkgo.GinkgoHelper()
	limit := d.wall(d.Timing.InitDelay+2*d.longestInterval()) + d.allowance() + d.settings.CallTimeout
	d.await(ctx, "both data centers have held each other UP", limit)
	began := time.Now()
	d.beforeAnyFault(ctx, began).Eventually(ctx, func(ctx context.Context) []string {
		var missing []string
		for _, c := range d.monitor.Conclusions() {
			if c.State != toolkit.Up && !d.saw(c.Site, board.PeerUp) {
				missing = append(missing, fmt.Sprintf("%s holds its peer %s: %v", c.Site, c.State, c.Why))
			}
		}
		return missing
	}).WithTimeout(limit).WithPolling(d.unhurried()).Should(BeEmpty())
	d.serveEach(ctx, "in a pair with contact")
	d.markLoad(ctx)
	d.lookedByAll(ctx)
}

// lookedByAll waits until every indicator that shows a status has shown it up to now: what happened before is then seen as before by
// the slow ones too.
func (d *Drill) lookedByAll(ctx context.Context) {
	ginkgo.GinkgoHelper()
	for _, side := range d.sides() {
		shows := len(d.monitor.LookedUntil(side.Name(), toolkit.PeerUp))
		ended.Doubt().Expect(d.looked(ctx, side, toolkit.PeerUp, shows, time.Now())).To(BeEmpty(), "what %s holds of %s must be shown by every indicator before anything is claimed", side.Name(), side.peer.Name())
	}
}

// saw reports whether a site has shown an event since this scenario began to watch.
func (d *Drill) saw(site, event string) bool {
	return slices.ContainsFunc(d.board.Since(site, d.from), func(s board.Sighting) bool { return s.Event == event })
}

// longestInterval is the longer heartbeat interval of the two sides, in toolkit time.
func (d *Drill) longestInterval() time.Duration {
	longest := d.Timing.Interval
	for _, side := range d.sides() {
		longest = max(longest, d.env.IntervalOf(side.DataCenter))
	}
	return longest
}

// FlapsAsPredicted watches for so many of the sender's intervals and expects the receiver to declare DOWN and UP once in each, give or
// take one: the sender beats more slowly than the receiver has patience (toolkit contract 6.5). The sender keeps its mind.
func (s *Side) FlapsAsPredicted(ctx context.Context, cycles int) {
	ginkgo.GinkgoHelper()
	d := s.drill
	senders, patience := d.env.IntervalOf(s.peer.DataCenter), time.Duration(int64(d.Timing.Misses)+1)*d.env.IntervalOf(s.DataCenter)
	ended.Doubt().Expect(senders).To(BeNumerically(">=", patience), "flapping is certain only where the sender's interval is at least (N+1)*I of the receiver")
	d.t0 = time.Now()
	stretch := time.Duration(cycles) * senders
	d.await(ctx, fmt.Sprintf("%d heartbeats of %s have come, each after %s has lost patience", cycles, s.peer.Name(), s.Name()), d.wall(stretch))
	d.monitor.Fast()
	d.watchFor(ctx, stretch)
	s.looksUntilNow(ctx, "how often "+s.Name()+" changed its mind", toolkit.PeerDown, 1)
	seen := s.transitions(d.t0)
	text := fmt.Sprintf("%s declared %s DOWN %d times and UP %d times in %d intervals of the sender (%s against (N+1)*I = %s of the receiver), says the %s",
		s.Name(), s.peer.Name(), seen.down, seen.up, cycles, inSeconds(senders), inSeconds(patience), seen.by)
	progress("    %s", text)
	claim := d.claims(ctx, sight{since: d.t0, shows: toolkit.PeerDown, sites: []*Side{s}, needed: 1})
	claim.Expect(seen.down).To(BeNumerically("~", cycles, 1), "one DOWN for each heartbeat: %s", text)
	claim.Expect(seen.up).To(BeNumerically("~", cycles, 1), "one UP for each heartbeat: %s", text)
	d.observe(model.Observation{Site: s.Name(), Indicator: string(seen.by), Event: "flaps", When: d.interval(d.t0, time.Now()), Evidence: text})
	s.peer.KeepsItsMind(ctx)
	s.peer.KeepsRunning(ctx)
	s.KeepsRunning(ctx)
	d.store()
}

// StaysCalm watches for n heartbeat intervals, with nothing injected, and expects that nothing changes.
func (d *Drill) StaysCalm(ctx context.Context, intervals float64) {
	ginkgo.GinkgoHelper()
	d.t0 = time.Now()
	d.Watch(ctx, intervals)
	d.NothingChanges(ctx)
}

// NeverMeets watches for n heartbeat intervals and expects that neither side ever declares the other UP or DOWN, that both go on
// trying once per interval, and that both go on serving. That a peer which was never heard is never declared DOWN is a hazard of
// toolkit 1.x (Q7): it is reported.
func (d *Drill) NeverMeets(ctx context.Context, intervals float64) {
	ginkgo.GinkgoHelper()
	d.t0 = d.from
	d.await(ctx, fmt.Sprintf("%.0f heartbeat intervals have passed without contact", intervals), d.wall(d.Timing.InitDelay+time.Duration(intervals*float64(d.Timing.Interval))))
	d.watchFor(ctx, d.Timing.InitDelay+d.Timing.Interval)
	before, err := d.env.Client.Status(ctx)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "both data centers must be observable")
	d.watchFor(ctx, time.Duration(intervals*float64(d.Timing.Interval)))
	after, err := d.env.Client.Status(ctx)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "both data centers must be observable")
	for i, side := range d.sides() {
		for _, event := range []toolkit.Event{toolkit.PeerUp, toolkit.PeerDown} {
			side.looksUntilNow(ctx, fmt.Sprintf("whether %s ever said %s", side.Name(), event), event, d.required())
		}
		for _, s := range d.board.Since(side.Name(), d.from) {
			Expect(s.Event).NotTo(BeElementOf(board.PeerUp, board.PeerDown), "%s cannot have heard %s, and yet the %s says %s (%s)", side.Name(), side.peer.Name(),
				s.Indicator, s.Event, s.Evidence)
		}
		d.claims(ctx, sight{since: d.from}).Expect(after.Sites[i].Conclusion.State).To(Equal(toolkit.NeverContacted), "%s: %v", side.Name(), after.Sites[i].Conclusion.Why)
		beats := countOf(after.Sites[i].Evidence, toolkit.HeartbeatsOut) - countOf(before.Sites[i].Evidence, toolkit.HeartbeatsOut)
		seconds := d.toolkit(after.At.Sub(before.At)).Seconds() / d.Timing.Interval.Seconds()
		d.claims(ctx, sight{since: d.from}).Expect(float64(beats)).To(BeNumerically("~", seconds, max(3, seconds/10)), "%s must try once per interval, and tried %d times in %.1f", side.Name(), beats, seconds)
		side.KeepsRunning(ctx)
	}
	d.serveEach(ctx, "although neither side ever heard the other")
	d.hazard("Q7", fmt.Sprintf("neither side ever declared the other UP or DOWN in %.0f intervals: %s", intervals, after))
}

// UsesEveryPair watches for some rounds of snapshots and expects every pair of sender and receiver to carry its share of the replicas,
// round robin (toolkit contract 3.4): all P+1..P+W, none more than one round of fragments ahead of another.
func (d *Drill) UsesEveryPair(ctx context.Context, rounds int) {
	ginkgo.GinkgoHelper()
	since, pairs := time.Now(), d.settings.Toolkit.Pairs
	d.t0 = since
	before := d.perPair(ctx)
	d.WatchSnapshotPeriods(ctx, rounds)
	d.watchFor(ctx, metricRefresh+d.Timing.Interval)
	after := d.perPair(ctx)
	for _, side := range d.sides() {
		carried, total := make([]int64, pairs), int64(0)
		for c := range carried {
			carried[c] = after[side.Name()][c] - before[side.Name()][c]
			total += carried[c]
		}
		text := fmt.Sprintf("%s accepted %v replicas by its %d receivers", side.Name(), carried, pairs)
		progress("    %s", text)
		claim := d.claims(ctx, sight{since: since})
		claim.Expect(total).To(BeNumerically(">=", int64(rounds-1)*int64(d.env.Fragments)), "rounds of snapshots must go on: %s", text)
		claim.Expect(slices.Max(carried)-slices.Min(carried)).To(BeNumerically("<=", max(int64(d.env.Fragments), total/int64(pairs)/4)), "every pair must carry its share: %s", text)
		claim.Expect(slices.Min(carried)).To(BeNumerically(">", 0), "no pair may be idle: %s", text)
		d.observe(model.Observation{Site: side.Name(), Indicator: string(toolkit.OperatorMetrics), Event: "pairs", When: d.interval(since, time.Now()), Evidence: text})
	}
	d.store()
}

// perPair is how many replicas each receiver of a data center has accepted.
func (d *Drill) perPair(ctx context.Context) map[string][]int64 {
	ginkgo.GinkgoHelper()
	counts := map[string][]int64{}
	for _, side := range d.sides() {
		var ports []toolkit.OperatorPort
		for channel := range d.settings.Toolkit.Pairs {
			ports = append(ports, toolkit.OperatorPort{
				Operator: fmt.Sprintf("%s.CrossDataCenterReceiver[%d]", d.settings.Application.Invocation, channel), Port: metrics.Out(0, "BinData2")})
		}
		set, err := side.Counters(ctx, ports...)
		ended.Doubt().Expect(err).NotTo(HaveOccurred(), "the counters of %s must be readable", side.Name())
		for _, port := range ports {
			sample, ok := set.Find(port.Operator, port.Port, "nTuplesSubmitted")
			ended.Doubt().Expect(ok).To(BeTrue(), "%s has no metric nTuplesSubmitted of %s", side.Name(), port.Operator)
			counts[side.Name()] = append(counts[side.Name()], sample.Value)
		}
	}
	return counts
}

// HearsItself waits until this data center, which is configured as its own peer, has declared that peer UP on its own heartbeats, and
// watches for n heartbeat intervals: it hears two in each, its own and those of the other side, which never hears from it. A failure of the real peer cannot show any more: a hazard of toolkit 1.x
// (Q6), which is reported.
func (s *Side) HearsItself(ctx context.Context, intervals float64) {
	ginkgo.GinkgoHelper()
	d := s.drill
	limit := d.wall(d.Timing.InitDelay+2*d.Timing.Interval) + d.allowance() + d.settings.CallTimeout
	d.await(ctx, s.Name()+" hears itself", limit)
	began := time.Now()
	d.beforeAnyFault(ctx, began).Eventually(ctx, func() toolkit.State { return d.monitor.Conclusions()[d.at(s)].State }).
		WithTimeout(limit).WithPolling(d.unhurried()).Should(Equal(toolkit.Up), "%s must hear its own heartbeats", s.Name())
	d.serveEach(ctx, "in a pair of which one side hears itself")
	d.markLoad(ctx)
	d.lookedByAll(ctx)
	d.t0 = time.Now()
	before, err := d.env.Client.Status(ctx)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "both data centers must be observable")
	d.Watch(ctx, intervals)
	after, err := d.env.Client.Status(ctx)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "both data centers must be observable")
	heard := countOf(after.Sites[d.at(s)].Evidence, toolkit.HeartbeatsIn) - countOf(before.Sites[d.at(s)].Evidence, toolkit.HeartbeatsIn)
	text := fmt.Sprintf("%s heard %d heartbeats in %.0f intervals: its own beside those of %s, which heard none", s.Name(), heard, intervals, s.peer.Name())
	progress("    %s", text)
	claim := d.claims(ctx, sight{since: d.t0})
	claim.Expect(float64(heard)).To(BeNumerically("~", 2*intervals, 3), text)
	claim.Expect(after.Sites[d.at(s.peer)].Conclusion.State).To(Equal(toolkit.NeverContacted), "nobody speaks to %s: %v", s.peer.Name(), after.Sites[d.at(s.peer)].Conclusion.Why)
	d.observe(model.Observation{Site: s.Name(), Indicator: string(toolkit.OperatorMetrics), Event: "hears itself", When: d.interval(d.t0, time.Now()), Evidence: text})
	d.NothingChanges(ctx)
	d.hazard("Q6", text)
	d.store()
}

// at is the place of a side in what is said of both.
func (d *Drill) at(s *Side) int {
	if s == d.DC2 {
		return 1
	}
	return 0
}
