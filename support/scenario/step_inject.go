package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/traffic"

	"github.com/crossdc/failover/reports/model"
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

// notInjected is the cause of a fault that did not come about: nothing is known then of how the application meets it.
func notInjected(f fault.Fault, err error) model.Cause {
	why, known := environment.KnownCause(err)
	if !known { // the error names the fault, its target and what was attempted
		return model.Cause{Kind: model.CauseFault, Problem: "the fault could not be injected: " + err.Error(), Object: f.Target}
	}
	return model.Cause{Kind: model.CauseFault, Problem: fmt.Sprintf("the fault could not be injected (%s): %s", f, why.Sentence()), Object: f.Target,
		Setting: why.Setting, Detail: err.Error()}
}

// notTested ends the step and the scenario for a cause that is not the application's.
func (d *Drill) notTested(cause model.Cause) {
	ginkgo.GinkgoHelper()
	d.scenario.Outcome, d.scenario.Cause, d.scenario.Reasons = model.NotTested, &cause, []string{cause.Sentence()}
	d.store()
	ended.NotTested(cause)
}

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
	Expect(err).NotTo(HaveOccurred())
	d.watchFor(ctx, time.Duration(d.random.Float64()*float64(period)))
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

func windowOf(phase string, from, to model.Instant) traffic.Window {
	return traffic.Window{Phase: phase, From: from, To: to, Served: true}
}
