package scenario

import (
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/toolkit"
)

// repetitionsNeeded is how many trials a probability needs before anything is said of it (toolkit contract, S14).
const repetitionsNeeded = 30

// TakesOverWhatCameLate expects that after an announced shutdown the survivor takes over nothing but replicas that reached it behind the
// announcement, each once: a round of snapshots was under way, and nothing orders the two (Q13, S14). One trial is no probability:
// the report says how many there were, and that they are too few where they are.
func (d *Drill) TakesOverWhatCameLate(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	d.Watch(ctx, takeoverAllowance)
	survivor.looksUntilNow(ctx, "whether "+survivor.Name()+" took over anything", toolkit.FragmentTakenOver, 1)
	survivor.tookOverOnce()
	taken := survivor.Takeover().Fragments
	lines, err := d.tracesOf(ctx, survivor)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "only the traces of %s tell what came behind the announcement", survivor.Name())
	late, heard := behindTheAnnouncement(lines)
	ended.Doubt().Expect(heard).To(BeTrue(), "%s traced no announced shutdown", survivor.Name())
	for fragment := range taken {
		Expect(late).To(HaveKey(fragment), "%s took fragment %s over, of which no replica came behind the announcement: it must have been deleted (RW1)", survivor.Name(), fragment)
	}
	text := fmt.Sprintf("%d of %d fragments came behind the announcement, and %d were taken over; trials: %d", len(late), d.env.Fragments, len(taken), d.settings.Trials)
	if d.settings.Trials < repetitionsNeeded {
		text += fmt.Sprintf(", too few for a probability (CROSSDC_TRIALS=%d)", repetitionsNeeded)
	}
	d.observe(model.Observation{Site: survivor.Name(), Indicator: string(toolkit.TraceLines), Event: "replicas behind the announcement", When: d.interval(d.t0, time.Now()), Evidence: text})
	progress("    %s", text)
	if len(taken) > 0 {
		d.hazard("Q13", text)
	}
}

// behindTheAnnouncement are the fragments of which a replica was persisted behind the last announced shutdown that was traced; heard is
// false where none was. One operator traces both, in the order in which they came.
func behindTheAnnouncement(lines []toolkit.TraceLine) (late map[string]bool, heard bool) {
	last := -1
	for i, line := range lines {
		if line.Kind() == toolkit.TraceShutdownReceived {
			last = i
		}
	}
	late = map[string]bool{}
	if last < 0 {
		return late, false
	}
	for _, replica := range toolkit.Replicas(lines[last:]) {
		if replica.Persisted {
			late[replica.Name] = true
		}
	}
	return late, true
}
