package scenario

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// RecoversContactOrReportsSilence watches both data centers after the link has healed. A user wants them to find each
// other again. Toolkit 1.x never does (Q1): if both stay mute for 20 heartbeat intervals over a link that demonstrably
// works, that is the known hazard. Anything between the two is a failure.
func (d *Drill) RecoversContactOrReportsSilence(ctx context.Context) {
	ginkgo.GinkgoHelper()
	from := time.Now()
	d.await(ctx, "contact comes back by itself or silence is proven", d.wall(silenceFor*d.Timing.Interval))
	if _, err := d.env.Client.Status(ctx); err != nil { // the first of two looks: silence shows between them
		ended.Inconclusive("the data centers must be observable after the heal: %v", err)
	}
	d.Watch(ctx, silenceFor)
	ups := map[string]bool{}
	for _, s := range d.board.Since("", from) {
		if s.Event == board.PeerUp {
			ups[s.Site] = true
		}
	}
	status, err := d.env.Client.Status(ctx)
	if err != nil {
		ended.Inconclusive("the data centers must be observable after the heal: %v", err)
	}
	claim := d.claims(ctx, sight{since: from, shows: toolkit.PeerUp, sites: []*Side{d.DC1, d.DC2}, needed: d.required()})
	switch {
	case len(ups) == 2:
		d.recovered = true
		progress("    both data centers found each other again")
	case len(ups) == 0:
		for _, direction := range fault.Directions() {
			ended.Doubt().Expect(d.env.Link().Probe(ctx, direction, d.env.HeartbeatPort)).To(Succeed(),
				"silence over a link that does not work proves nothing")
		}
		for _, site := range status.Sites {
			claim.Expect(site.Conclusion.State).To(Equal(toolkit.MutualSilence), "%s should be mute after the partition: %v", site.Name, site.Conclusion.Why)
		}
		d.hazard("Q1", fmt.Sprintf("the link answers in both directions, yet no heartbeat was sent for %d intervals after the heal: %s", silenceFor, status))
	default:
		claim.Expect(ups).To(HaveLen(2), "after the heal only one side declared the other UP; %s", status)
	}
	d.store()
}

// RecoversByOneHeartbeat is S55: one heartbeat body POSTed to one side's heartbeat port brings both sides back, the other
// within one heartbeat interval, and nothing is taken over because of it.
func (d *Drill) RecoversByOneHeartbeat(ctx context.Context) {
	ginkgo.GinkgoHelper()
	if d.recovered {
		progress("    nothing to recover: contact came back by itself")
		return
	}
	before, err := d.env.Client.Status(ctx)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "both data centers must be observable before the heartbeat is posted")
	posted := time.Now()
	err = d.env.PostHeartbeat(ctx, d.DC1.DataCenter, d.DC2.Name())
	if errors.Is(err, errors.ErrUnsupported) { // both stay mute: the environment needs somebody who restarts one job
		d.skipUnchecked("whether one heartbeat brings both sides back (S55)", err)
	}
	Expect(err).NotTo(HaveOccurred(), "the way out of mutual silence is one heartbeat body")
	// S55: tU_other - POST <= I + d + e, with one more interval for the first side's own next tick.
	limit := d.wall(2*d.Timing.Interval) + d.allowance()
	d.await(ctx, "both data centers hold each other UP after one heartbeat", limit)
	for _, side := range d.sides() {
		claim := d.claims(ctx, sight{since: posted, shows: toolkit.PeerUp, sites: []*Side{side}, needed: 1})
		claim.Eventually(ctx, func() board.Remote { return d.board.Remote(side.Name(), side.peer.Name(), posted) }).
			WithTimeout(limit).WithPolling(time.Millisecond).
			Should(Satisfy(func(r board.Remote) bool { return r.Count(board.PeerUp) > 0 }), "expected %s to declare %s UP", side.Name(), side.peer.Name())
	}
	for _, s := range d.board.Since("", posted) {
		Expect(s.Event).NotTo(Equal(board.TakenOver), "the recovery itself must not cause a takeover: %s at %s (%s)", s.Subject, s.Site, s.Evidence)
	}
	d.returnsToNormal(ctx, before)
}

// hazard records a reproduced quirk of the toolkit with its row of the table; CROSSDC_HAZARDS=fail makes it a failure.
func (d *Drill) hazard(number, evidence string) {
	ginkgo.GinkgoHelper()
	quirk, ok := crossdc.QuirkOf(number)
	Expect(ok).To(BeTrue(), "%q is no quirk of the toolkit contract", number)
	h := model.Hazard{Quirk: quirk.Number, Title: quirk.Title, Evidence: evidence, Effect: quirk.Effect, Visible: quirk.Visible, Remedy: quirk.Remedy,
		WayOut: quirk.Command, Note: quirk.Note}
	d.scenario.Hazards = append(d.scenario.Hazards, h)
	progress("    known hazard %s: %s", h.Quirk, h.Title)
	d.store()
	if d.settings.Hazards == "fail" {
		d.hazardFailed = append(d.hazardFailed, fmt.Sprintf("%s: %s (%s)", h.Quirk, h.Title, h.Evidence))
	}
}
