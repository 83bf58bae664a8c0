package scenario

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/fault"
)

// Beside puts a fault in force beside the one that the scenario measures, before it or after it. Before it, every "since" counts
// from this one. It ends with Heal, which takes back the newest fault first, or by EndsBeside.
func (d *Drill) Beside(ctx context.Context, f fault.Fault) {
	ginkgo.GinkgoHelper()
	if ok, why := f.Available(d.env); !ok {
		d.skip(fmt.Sprintf("%s is not available here: %s", f.Name, why))
	}
	if d.injected == nil { // what is replicated later may not count any more
		d.awaitLoad(ctx)
		d.monitor.Fast()
		d.anyPhaseOfReplication(ctx)
		d.t0 = time.Now()
	}
	injection, err := d.senses.patience(f).Inject(ctx, d.senses.world(d.env), d.journal)
	if injection != nil {
		d.besides = append(d.besides, injection)
	}
	if err != nil {
		d.notTested(notInjected(f, err))
	}
	if f.Forgets {
		d.ledger.Forgets(f.Struck)
	}
	if d.injected == nil {
		d.t0 = injection.T0.Earliest
	}
	at := d.interval(injection.T0.Earliest, injection.T0.Latest)
	d.phase(f.String(), at, at)
	progress("    injected: %s (%s)", f, injection.Bite)
	d.store()
}

// EndsBeside takes back the faults beside the one that is measured, and verifies that they are gone.
func (d *Drill) EndsBeside(ctx context.Context) {
	ginkgo.GinkgoHelper()
	for _, injection := range slices.Backward(d.besides) {
		if _, healed := injection.Healing(); healed {
			continue
		}
		if f := injection.Fault(); f.Forgets {
			d.ledger.Returns(f.Struck)
		}
		Expect(injection.Heal(ctx)).To(Succeed(), "the fault beside must be gone before the way home can be watched")
		healing, _ := injection.Healing()
		at := d.interval(healing.Span.Earliest, healing.Span.Latest)
		d.phase("heal "+injection.Fault().String(), at, at)
		progress("    healed: %s", healing.Proof)
	}
	d.store()
}
