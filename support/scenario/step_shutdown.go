package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/metrics"
)

// AnnouncesNoShutdown expects that no orderly shutdown (type 3) reached the survivor: a stopped instance or a cancelled
// job looks like a crash from its peer (S07).
func (d *Drill) AnnouncesNoShutdown(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	status, err := d.env.Client.Status(ctx) // DOWN is past, so what was announced before it has been traced by now
	if err != nil {
		progress("    the other side is gone: %v", err)
	}
	facts := survivor.trace(status)
	ended.Doubt().Expect(facts).NotTo(BeNil(), "the traces of %s cannot be read, and only they tell of an announcement", survivor.Name())
	Expect(survivor.announcements(d.t0)).To(BeEmpty(), "nobody announced a shutdown, but %s heard one", survivor.Name())
}

// trace is what this data center's traces tell; nil when they could not be read.
func (s *Side) trace(status toolkit.Status) *toolkit.TraceFacts {
	for _, site := range status.Sites {
		if site.Name == s.Name() {
			return site.Evidence.Trace
		}
	}
	return nil
}

// announcements are the orderly shutdowns that this data center has received since an instant, by its traces.
func (s *Side) announcements(since time.Time) []board.Sighting {
	var found []board.Sighting
	for _, sighting := range s.drill.board.Since(s.Name(), since) {
		if sighting.Event == string(toolkit.ShutdownReceived) {
			found = append(found, sighting)
		}
	}
	return found
}

// AwaitsSnapshotRound waits until this data center has asked its application for a round of snapshots, so that the next
// one is a whole period away: what follows does not race with replicas on their way (that race is Q13's, S14).
func (s *Side) AwaitsSnapshotRound(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	port := toolkit.OperatorPort{Operator: d.settings.Application.Invocation + ".HeartbeatMessagePreparer", Port: metrics.Out(2, "DataSnapshotSignal")}
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	limit := d.wall(2*period + 2*d.Timing.Interval)
	before := s.submitted(ctx, port)
	d.await(ctx, s.Name()+" begins a round of snapshots", limit)
	d.beforeAnyFault(ctx, time.Now()).Eventually(ctx, func(ctx context.Context) int64 { return s.submitted(ctx, port) }).WithTimeout(limit).
		WithPolling(d.wall(d.Timing.Interval)/20).Should(BeNumerically(">", before), "expected a round of snapshots every P_s = %s", inSeconds(period))
}

// submitted is the number of tuples that an output port has submitted.
func (s *Side) submitted(ctx context.Context, port toolkit.OperatorPort) int64 {
	ginkgo.GinkgoHelper()
	set, err := s.Counters(ctx, port)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "the counters of %s must be readable", s.Name())
	sample, ok := set.Find(port.Operator, port.Port, "nTuplesSubmitted")
	ended.Doubt().Expect(ok).To(BeTrue(), "%s has no metric nTuplesSubmitted of %s %v", s.Name(), port.Operator, port.Port)
	return sample.Value
}

// HearsTheAnnouncement expects that the orderly shutdown (type 3) reached this data center, within one heartbeat interval.
func (s *Side) HearsTheAnnouncement(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	limit := d.wall(d.Timing.Interval) + d.settings.CallTimeout
	d.await(ctx, s.Name()+" has traced the announced shutdown", limit)
	heeds := sight{since: d.t0, shows: toolkit.ShutdownReceived, sites: []*Side{s}, needed: 1}
	d.claims(ctx, heeds).Eventually(ctx, func() []board.Sighting { return s.announcements(d.t0) }).WithTimeout(limit).WithPolling(10*time.Millisecond).
		ShouldNot(BeEmpty(), "type 3 must be delivered: %s has not traced that it received an orderly shutdown message", s.Name())
	heard := s.announcements(d.t0)[0]
	progress("    %s heard it at most %v after it was sent: %s", s.Name(), heard.Latest.Sub(d.t0).Round(time.Millisecond), heard.Evidence)
}

// Cancels cancels the application's job of this data center.
func (s *Side) Cancels(ctx context.Context) {
	ginkgo.GinkgoHelper()
	if all := s.drill.inForce(); len(all) > 0 {
		Expect(all[0].GoesOn("its job is cancelled as planned")).To(Succeed(), "what the scenario breaks itself must be written down first")
	}
	for _, injection := range s.drill.inForce() {
		injection.Ended(s.Name())
	}
	at := time.Now()
	Expect(s.Management().CancelJob(ctx)).To(Succeed(), "the job of %s must be cancelled as planned", s.Name())
	s.drill.observe(model.Observation{
		Site: s.Name(), Indicator: string(toolkit.JobHealth), Event: "job cancelled as planned", When: s.drill.interval(at, time.Now()),
		Evidence: "cancelled by this scenario",
	})
	progress("    the job of %s is cancelled, %s after the announcement", s.Name(), inSeconds(s.drill.toolkit(time.Since(s.drill.t0))))
}

// TakesOverNothingOnDown expects that after DOWN no replica is handed to the application: the announced shutdown has
// emptied the list of replicas (RW1), so there is nothing to take over.
func (s *Side) TakesOverNothingOnDown(ctx context.Context) {
	ginkgo.GinkgoHelper()
	s.drill.Watch(ctx, takeoverAllowance)
	s.TakesOverNothing(ctx)
}

// HoldsNoReplica expects that no replica is left on the disk of this data center. It is asked the public way, with the
// toolkit's own special message that hands every stored replica to the application whatever the list in memory says (SF).
func (s *Side) HoldsNoReplica(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	port := toolkit.OperatorPort{Operator: d.settings.Application.Invocation + ".HeartbeatMessagePreparer", Port: metrics.Out(3, "ProcessDataFromSnapshotFiles")}
	before := s.submitted(ctx, port)
	ended.Doubt().Expect(s.Management().SpecialMessage(ctx, "SendMeDataFromSnapshotFiles")).To(Succeed(), "%s must be asked to look through its replicas", s.Name())
	ended.Doubt().Eventually(ctx, func(ctx context.Context) int64 { return s.submitted(ctx, port) }).WithTimeout(d.wall(2*d.Timing.Interval)+d.settings.CallTimeout).
		WithPolling(d.wall(metricRefresh)).Should(Equal(before+1), "%s has not looked through its replicas", s.Name())
	d.Watch(ctx, takeoverAllowance)
	Expect(s.Takeover().Counted).To(BeZero(), "the announced shutdown must delete every replica at the peer (RW1), but %s still had some; %v", s.Name(), s.Takeover())
	s.TakesOverNothing(ctx)
	progress("    %s looked through its replicas on request and found none", s.Name())
}

// DiscardsAsAnnounced closes the ledger of a scenario in which one side gave its state up on purpose: the survivor's own
// events must all be there, every state must be explained, and what was given up is reported.
func (d *Drill) DiscardsAsAnnounced(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	account := d.settle(ctx)
	survivor := d.survivor()
	explained(account)
	Expect(account.LostOf[survivor.Name()]).To(BeZero(), "%s must keep every event of its own", survivor.Name())
	d.assertLedger(account)
	d.observe(model.Observation{
		Site: survivor.peer.Name(), Indicator: "traffic", Event: "state given up", When: d.interval(d.t0, d.stoppedAt),
		Evidence: fmt.Sprintf("%d..%d events that %s had processed went with its announced shutdown, as the toolkit documents",
			account.Loss.EarliestEvents, account.Loss.LatestEvents, survivor.peer.Name()),
	})
	d.store()
}
