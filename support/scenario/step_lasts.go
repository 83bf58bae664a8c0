package scenario

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario/ended"
)

// lookAgain is how long before its planned end a fault is looked at again, in wall time, but no more than a third of its life: the
// look must have ended before the fault does, or it proves nothing.
const lookAgain = 400 * time.Millisecond

// lastsUntilNow shows that the fault is still in force on everything that it covers; one that ended earlier was not the fault that the
// scenario is about, and nothing follows from it.
func (d *Drill) lastsUntilNow(ctx context.Context) {
	ginkgo.GinkgoHelper()
	if _, healed := d.injected.Healing(); healed {
		return
	}
	evidence, err := d.injected.Still(ctx)
	if err == nil {
		err = d.cutEverywhere(ctx)
	}
	if err != nil {
		ended.Inconclusive("%v", err)
	}
	if evidence != "" {
		progress("    still in force %s after it was injected: %s", inSeconds(d.toolkit(time.Since(d.t0))), evidence)
	}
}

// lastedAsReported holds a fault of the link against what the relay reports of its rules once they ended. A relay that reports
// nothing leaves it to the probes.
func (d *Drill) lastedAsReported(ctx context.Context) {
	ginkgo.GinkgoHelper()
	report, err := d.injected.Lasted(ctx)
	switch {
	case errors.Is(err, fault.ErrDidNotLast):
		ended.Inconclusive("%v", err)
	case err != nil:
		progress("    how long the link was cut is known from probes only: %v", err)
	case report != "":
		progress("    the relay reports that its rules held: %s", report)
	}
}

// cutEverywhere probes a partition from outside the fault itself: each direction and each port must be dead, because the scenario
// says that the link is. What was found after the planned end says nothing.
func (d *Drill) cutEverywhere(ctx context.Context) error {
	link := d.env.Link()
	if link == nil || !d.injected.Fault().CutsLink {
		return nil
	}
	probing, cancel := context.WithTimeout(ctx, lookAgain/2)
	defer cancel()
	var alive []string
	for _, direction := range fault.Directions() {
		for port := range d.settings.Toolkit.Pairs + 1 {
			if link.Probe(probing, direction, port) == nil {
				alive = append(alive, fmt.Sprintf("%s port %d", direction, d.settings.Toolkit.Port+port))
			}
		}
	}
	if len(alive) == 0 || !time.Now().Before(d.injected.Deadline) {
		return nil
	}
	return fmt.Errorf("%s: %w on all that it covers: %s answers through the link", d.injected.Fault(), fault.ErrDidNotLast, strings.Join(alive, ", "))
}
