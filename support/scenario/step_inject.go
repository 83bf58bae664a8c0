package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/fault"
)

// Inject applies the fault at a random phase of the heartbeat interval, verifies that it bites, and from then on looks
// closely. t0 is the interval between the call and its verified effect.
func (d *Drill) Inject(ctx context.Context, f fault.Fault) {
	ginkgo.GinkgoHelper()
	if ok, why := f.Available(d.env); !ok {
		d.skip(fmt.Sprintf("%s is not available here: %s", f.Name, why))
	}
	d.awaitLoad(ctx)
	d.monitor.Fast()
	d.anyPhaseOfReplication(ctx) // detection and loss depend on it, and the last heartbeat before the fault is seen
	d.controlListeners(ctx, f)
	d.followListeners()
	d.t0 = time.Now()
	injection, err := d.senses.patience(f).Inject(ctx, d.senses.world(d.env), d.journal)
	if err != nil {
		d.halfDone = injection // nothing is concluded from it, but the teardown takes it back
		d.notTested(notInjected(f, err))
	}
	d.injected = injection
	d.senses.begins(injection)
	Expect(injection.T0.Earliest).To(BeTemporally("<=", injection.Acted), "the fault is said to begin after it was done: every time since it would be too short")
	if f.Forgets {
		d.ledger.Forgets(f.Struck)
	}
	if d.loadBefore != nil {
		d.loadBefore.Seconds = d.toolkit(time.Duration(d.instant(injection.T0.Earliest) - d.traffic.Started())).Seconds()
	}
	d.senses.injected(d.session.Halt, d.monitor.Close)
	d.t0 = injection.T0.Earliest
	fact := injection.Model(d.instant)
	d.scenario.Fault = &fact
	d.phase("fault", fact.Injected, fact.Injected)
	progress("    injected: %s (%s)", f, fact.Bite)
	if !d.unnoticed {
		d.await(ctx, "every survivor declares the other side DOWN", d.RTO)
	}
	d.store()
}

// Heal ends the fault and verifies that it is gone.
func (d *Drill) Heal(ctx context.Context) {
	ginkgo.GinkgoHelper()
	Expect(d.injected).NotTo(BeNil(), "there is no fault to heal: the scenario must inject one first")
	if f := d.injected.Fault(); f.Forgets {
		d.ledger.Returns(f.Struck)
	}
	d.lastsUntilNow(ctx)
	Expect(d.injected.Heal(ctx)).To(Succeed(), "the fault must be gone before the way home can be watched")
	fact := d.injected.Model(d.instant)
	d.scenario.Fault = &fact
	if fact.Healed != nil {
		d.phase("heal", *fact.Healed, *fact.Healed)
	}
	progress("    healed: %s", fact.HealProof)
	d.lastedAsReported(ctx)
	d.EndsBeside(ctx)
	d.store()
}

// DeclaresDownAfter is the step that injects a fault of a data center and expects its peer to declare it DOWN within the RTO:
//
//	It("is declared DOWN by the survivor within the RTO", drill.DeclaresDownAfter(fault.Crash, drill.DC1))
func (d *Drill) DeclaresDownAfter(of func(dc string) fault.Fault, struck *Side) func(ginkgo.SpecContext) {
	return func(ctx ginkgo.SpecContext) {
		ginkgo.GinkgoHelper()
		d.Inject(ctx, of(struck.Name()))
		struck.peer.DeclaresDown(ctx)
	}
}
