package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/toolkit"
)

// LosesAPeerWithACorruptReplica kills the peer of this data center, and then spoils the replica of one of its fragments, before it is read:
// no later round can replace it (S32).
func (s *Side) LosesAPeerWithACorruptReplica(ctx context.Context, fragment int, how fault.Corruption) {
	ginkgo.GinkgoHelper()
	d := s.drill
	pes, err := s.Management().PEs(ctx)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "how many processes %s has must be known before one may be ended", s.Name())
	if len(pes) < 2 {
		d.skip("the application shares its only PE with the toolkit: a replica that ends the process would take the survivor's own state with it")
	}
	Expect(d.env.Fragments).To(BeNumerically(">", fragment), "the fragment whose replica is spoiled must be one of the application's")
	d.Inject(ctx, fault.Crash(s.peer.Name()))
	d.Beside(ctx, fault.CorruptReplica(s.Name(), fragment, how))
}

// saidUnreadable are the traces since the fault in which this data center says that it could not read the replica of a fragment.
func (s *Side) saidUnreadable(ctx context.Context, fragment int) (said []string, err error) {
	lines, err := s.drill.tracesOf(ctx, s)
	for _, line := range lines {
		if name, ok := line.NotRead(); ok && name == s.replica(fragment) && line.At.After(s.drill.t0) {
			said = append(said, line.Text)
		}
	}
	return said, err
}

// replica is the name of the replica of a fragment of the peer.
func (s *Side) replica(fragment int) string { return fmt.Sprintf("%s-%d", s.peer.Name(), fragment) }

// SkipsACorruptReplica expects this data center to hand over every fragment of its peer but one, each once, and to trace an error for the
// one whose replica is corrupt. Toolkit 1.x deletes that replica all the same (Q24), which is reported.
func (s *Side) SkipsACorruptReplica(ctx context.Context, fragment int) {
	ginkgo.GinkgoHelper()
	d := s.drill
	healthy := d.env.Fragments - 1
	limit := d.wall(2*takeoverAllowance*d.Timing.Interval) + d.settings.CallTimeout
	d.await(ctx, fmt.Sprintf("%s has taken over %d fragments, and says which it could not read", s.Name(), healthy), limit)
	byName, byCount := s.showsTakeovers("what " + s.Name() + " took over")
	if !byName || !byCount {
		ended.Inconclusive("which fragment was left out is known only where the application tells what it took over, and the toolkit how much it delivered")
	}
	by := []toolkit.Indicator{toolkit.TakeoverStream, toolkit.OperatorMetrics}
	d.claims(ctx, sight{since: d.t0, shows: toolkit.FragmentTakenOver, sites: []*Side{s}, by: by}).Eventually(ctx, s.Takeover).WithTimeout(limit).WithPolling(time.Millisecond).
		Should(Satisfy(func(t Takeover) bool { return len(t.Fragments) >= healthy && t.Counted >= healthy }), func() string {
			return fmt.Sprintf("expected the %d fragments whose replicas are sound; %v", healthy, s.Takeover())
		})
	var said []string
	d.claims(ctx, sight{since: d.t0}).Eventually(ctx, func(ctx context.Context) (err error) {
		if said, err = s.saidUnreadable(ctx, fragment); err == nil && len(said) == 0 {
			err = fmt.Errorf("%s has traced no error about the replica %s", s.Name(), s.replica(fragment))
		}
		return err
	}).WithTimeout(limit).WithPolling(d.unhurried()).Should(Succeed(), "a replica that cannot be read must be traced as an error")
	s.tookOverOnce()
	taken := s.Takeover()
	Expect(taken.Fragments).NotTo(HaveKey(s.replica(fragment)), "%s was handed the fragment whose replica is corrupt; %v", s.Name(), taken)
	Expect(taken.Counted).To(Equal(healthy), "the toolkit delivers what it can read, and no more; %v", taken)
	d.knowsWhatWasMerged(ctx, s, healthy)
	text := fmt.Sprintf("%s handed over %d of %d fragments and said of the other: %s", s.Name(), healthy, d.env.Fragments, said[0])
	progress("    %s", text)
	d.observe(model.Observation{Site: s.Name(), Indicator: string(toolkit.TraceLines), Event: "replica not readable", When: d.interval(d.t0, time.Now()), Evidence: text})
	d.unread = 1
	if s.hasDeleted(ctx, fragment) {
		d.hazard("Q24", text+"; the replica is deleted")
	}
	d.store()
}

// hasDeleted says that the replica that was corrupted is not there any more. Its peer is dead, so that nobody can have replaced it.
func (s *Side) hasDeleted(ctx context.Context, fragment int) bool {
	ginkgo.GinkgoHelper()
	storage, can := s.Storage().(fault.CorruptibleStorage)
	Expect(can).To(BeTrue(), "a replica of %s was corrupted through its storage", s.Name())
	there, err := storage.Corrupted(ctx, s.replica(fragment))
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "whether %s deletes what it cannot read must be known", s.Name())
	return !there
}

// RejectsACorruptReplica expects this data center to do with a replica that is no message what a user wants, which is to reject it with an
// error and to hand over all the others, or what toolkit 1.x does: the process that reads it dies (Q27), whatever it has not handed over by
// then is purged, and it starts again. Neither may take the corrupt replica for a state, and the process dies once.
func (s *Side) RejectsACorruptReplica(ctx context.Context, fragment int) {
	ginkgo.GinkgoHelper()
	d := s.drill
	limit := d.RTO + d.wall(takeoverAllowance*d.Timing.Interval) + d.settings.CallTimeout
	d.await(ctx, s.Name()+" rejects the replica that is corrupt, or dies of it", limit)
	died := func() (n int) {
		for _, sighting := range d.board.Since(s.Name(), d.t0) {
			if sighting.Event == string(toolkit.PERestarted) {
				n++
			}
		}
		return n
	}
	healthy := d.env.Fragments - 1
	d.claims(ctx, sight{since: d.t0}).Eventually(ctx, func() bool { return died() > 0 || s.Takeover().Counted >= healthy }).WithTimeout(limit).WithPolling(5*time.Millisecond).
		Should(BeTrue(), "%s must read its replicas within (N+1)*I and a heartbeat interval", s.Name())
	if died() == 0 {
		s.SkipsACorruptReplica(ctx, fragment)
		return
	}
	d.watchFor(ctx, 2*d.Timing.Interval) // a process that dies again and again does so by then
	s.tookOverOnce()
	taken := s.Takeover()
	text := fmt.Sprintf("a PE of %s died of the replica %s, %s after the crash of %s; it had handed over %d of %d fragments", s.Name(), s.replica(fragment),
		inSeconds(d.toolkit(time.Since(d.t0))), s.peer.Name(), len(taken.Fragments), d.env.Fragments)
	Expect(died()).To(Equal(1), "one replica may end one process, once: %s", text)
	Expect(taken.Fragments).NotTo(HaveKey(s.replica(fragment)), "%s was handed the fragment whose replica is corrupt; %v", s.Name(), taken)
	Expect(len(taken.Fragments)).To(BeNumerically("<", d.env.Fragments), text)
	d.observe(model.Observation{Site: s.Name(), Indicator: string(toolkit.JobHealth), Event: "died of a replica", When: d.interval(d.t0, time.Now()), Evidence: text})
	if len(taken.Fragments) > 0 {
		d.knowsWhatWasMerged(ctx, s, len(taken.Fragments))
	}
	d.unread = d.env.Fragments - len(taken.Fragments)
	d.hazard("Q27", text)
}

// LosesWhatWasUnreadable closes the ledger after a takeover in which replicas could not be read: lost may be what they held, and of the
// others no more than the RPO allows. The survivor keeps everything of its own, and nothing of what it has is anybody's invention (S32).
func (s *Side) LosesWhatWasUnreadable(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	Expect(d.unread).To(BeNumerically(">", 0), "the scenario must say first what could not be read")
	d.losesFragments(ctx, d.unread, "were not read")
}
