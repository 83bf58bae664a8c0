package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// LeavesInTime cancels the job of a side whose announcement cannot get through and expects it not to hang longer than its senders may
// try, M*(C+R) (S13). What it acknowledged since the link was cut could not be replicated, so that the RPO is longer by as much.
func (s *Side) LeavesInTime(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	began := time.Now()
	s.Cancels(ctx)
	took := time.Since(began)
	limit := d.wall(time.Duration(d.Timing.Machines)*(d.settings.Toolkit.ConnectTimeout+d.settings.Toolkit.ReadTimeout)) + d.settings.CallTimeout
	d.claims(ctx, sight{since: began}).Expect(took).To(BeNumerically("<=", limit), "the shutdown of %s must not hang longer than M*(C+R)", s.Name())
	if d.scenario.Objectives.RPOSeconds > 0 {
		d.blocked = d.toolkit(time.Since(d.injected.T0.Earliest))
		d.scenario.Objectives.RPOSeconds += d.blocked.Seconds()
		d.scenario.Objectives.Derivation += fmt.Sprintf("; and %s for which no replica could get through", inSeconds(d.blocked))
	}
	progress("    the job of %s was gone after %s", s.Name(), inSeconds(d.toolkit(took)))
	d.store()
}

// TakesOverDespiteTheAnnouncement expects what toolkit 1.x does when the announcement of a shutdown is lost on its way: the survivor
// knows nothing of it and takes everything over (Q14), which is reported. Nothing at all would be what was announced; anything
// between the two is a failure.
func (d *Drill) TakesOverDespiteTheAnnouncement(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	Expect(survivor.announcements(d.t0)).To(BeEmpty(), "the announcement was to be lost on its way, but %s heard it", survivor.Name())
	d.Watch(ctx, takeoverAllowance)
	if taken := survivor.Takeover(); len(taken.Fragments) == 0 && taken.Counted == 0 {
		survivor.TakesOverNothing(ctx)
		progress("    nothing was taken over, as announced")
		return
	}
	survivor.TakesOverEveryReplica(ctx)
	d.hazard("Q14", fmt.Sprintf("the announcement of %s was lost, and %s took over %d fragments", survivor.peer.Name(), survivor.Name(), len(survivor.Takeover().Fragments)))
}
