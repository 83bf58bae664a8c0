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

// LosesAPeerWithStalledStorage kills the peer of this data center, and lets its own storage keep whoever reads the replica in the middle
// waiting: a takeover comes as far as that one (S53).
func (s *Side) LosesAPeerWithStalledStorage(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	Expect(d.env.Fragments).To(BeNumerically(">=", 2), "a takeover of one fragment has no middle")
	d.Inject(ctx, fault.Crash(s.peer.Name()))
	d.Beside(ctx, fault.StallStorage(s.Name(), d.env.Fragments/2))
}

// TakesOverInPart expects this data center's application to be handed some of the fragments, each once, and then no more, because the
// toolkit waits for a replica that it cannot read. A takeover that goes on, or never begins, proves nothing.
func (s *Side) TakesOverInPart(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	limit := d.wall(takeoverAllowance*d.Timing.Interval) + d.settings.CallTimeout
	d.await(ctx, s.Name()+" has taken over some fragments", limit)
	ended.Doubt().Eventually(ctx, func() int { return len(s.Takeover().Fragments) }).WithTimeout(limit).WithPolling(time.Millisecond).
		Should(BeNumerically(">", 0), "no fragment was handed over before the one that cannot be read; %s", func() string { return s.Takeover().String() })
	d.watchFor(ctx, 2*d.Timing.Interval)
	s.tookOverOnce()
	taken := s.Takeover()
	ended.Doubt().Expect(len(taken.Fragments)).To(BeNumerically("<", d.env.Fragments), "the takeover went on although a replica cannot be read: %v", taken)
	progress("    %s was handed %d of %d fragments, and waits for the next", s.Name(), len(taken.Fragments), d.env.Fragments)
}

// DiesHalfway kills this data center while its takeover waits, and lets its storage work again, for the life that follows.
func (s *Side) DiesHalfway(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	d.halfway = len(s.Takeover().Fragments)
	d.scenario.Objectives.RTOSeconds = 0
	d.scenario.Objectives.Derivation += "; no RTO holds: the survivor was lost before it could serve"
	d.Beside(ctx, fault.Crash(s.Name()))
	for _, injection := range d.besides {
		if injection.Fault().Forgets {
			continue
		}
		Expect(injection.Heal(ctx)).To(Succeed(), "the storage of %s must work again before it is started", s.Name())
	}
}

// TookOverHalfway expects that the fragments which this data center was handed before it died are not handed to it again, and that those
// which were left come once or never (S53): toolkit 1.x throws them away at its start.
func (s *Side) TookOverHalfway(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	s.looksUntilNow(ctx, "whether "+s.Name()+" was handed a fragment twice", toolkit.FragmentTakenOver, 1)
	s.tookOverOnce()
	taken := s.Takeover()
	text := fmt.Sprintf("%s was handed %d of %d fragments before it died and %d after it", s.Name(), d.halfway, d.env.Fragments, len(taken.Fragments)-d.halfway)
	d.observe(model.Observation{Site: s.Name(), Indicator: string(toolkit.TakeoverStream), Event: "takeover in two lives",
		When: d.interval(d.injected.T0.Earliest, time.Now()), Evidence: text})
	progress("    %s", text)
	d.store()
}
