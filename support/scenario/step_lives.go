package scenario

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
)

// GoesUnmissed expects that a side which was restarted faster than it can be missed is neither declared DOWN nor taken over from (O4,
// S09). A start that took longer than (N-1)*I - D0 was another fault, and proves nothing.
func (d *Drill) GoesUnmissed(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	away := d.toolkit(d.healed().Latest.Sub(d.injected.T0.Earliest))
	if most := d.TolerableOutage() - d.Timing.InitDelay; away > most {
		ended.Inconclusive("the restart of %s took %s; only one of at most (N-1)*I - D0 = %s is certainly not noticed: give CROSSDC_SPEEDUP less, or the toolkit a longer interval",
			survivor.peer.Name(), inSeconds(away), inSeconds(most))
	}
	d.Watch(ctx, d.DetectionIntervals()+2)
	survivor.KeepsItsMind(ctx)
	survivor.TakesOverNothing(ctx)
	survivor.KeepsRunning(ctx)
	progress("    the application of %s was away for at most %s and its heartbeats for D0 more, and nobody missed it", survivor.peer.Name(), inSeconds(away))
}

// ShowsItsRestart expects the restart to be seen from outside all the same: the heartbeats of the restarted side count from the
// beginning again, which nothing in the toolkit heeds (S09).
func (d *Drill) ShowsItsRestart(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	limit := d.wall(3*d.Timing.Interval+metricRefresh) + d.settings.CallTimeout
	d.claims(ctx, sight{since: d.t0}).Eventually(ctx, func(ctx context.Context) bool {
		status, _ := d.env.Client.Status(ctx) // an error speaks of one indicator; what the others show is used
		for _, site := range status.Sites {
			if site.Name == survivor.Name() {
				return site.Conclusion.PeerRestarted
			}
		}
		return false
	}).WithTimeout(limit).WithPolling(d.unhurried()).Should(BeTrue(), "the heartbeat count of %s fell back, and nothing at %s shows it", survivor.peer.Name(), survivor.Name())
}

// ReportsSilentLoss closes the ledger over a side that lost its memory without being missed: whatever it had acknowledged and nobody
// can hand over is lost, which a user does not want (Q17). Its peer must have kept everything of its own.
func (d *Drill) ReportsSilentLoss(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	d.knownToLose("Q17")
	account := d.settle(ctx)
	explained(account)
	Expect(account.LostOf[survivor.Name()]).To(BeZero(), "%s must keep every event of its own", survivor.Name())
	d.assertLedger(account)
	if account.Loss.LatestEvents == 0 {
		progress("    nothing was lost: the state of %s was restored", survivor.peer.Name())
		return
	}
	Expect(account.Loss.EarliestEvents).To(BeNumerically(">", 0), "whether anything was lost is not known: 0 to %d events", account.Loss.LatestEvents)
	d.hazard("Q17", fmt.Sprintf("%d to %d of %d events that %s had acknowledged are gone, and no DOWN told of it", account.Loss.EarliestEvents,
		account.Loss.LatestEvents, account.Loss.Of, survivor.peer.Name()))
}

// knownToLose says that a known hazard takes the state away, whatever the RPO: the loss is reported and held against nothing.
func (d *Drill) knownToLose(quirk string) {
	d.scenario.Objectives.RPOSeconds = 0
	d.scenario.Objectives.Derivation += "; no RPO can hold: " + quirk
}

// BothReturn starts both sides again, the one that the scenario measures first, the other one after a stretch of toolkit time, and
// expects both to hold each other UP within D0 + I of the later start, and neither to declare DOWN before it has
// declared UP (S02, S27).
func (d *Drill) BothReturn(ctx context.Context, later time.Duration) {
	ginkgo.GinkgoHelper()
	d.bothStart(ctx, later)
	d.returnsToNormal(ctx, toolkit.Status{Sites: [2]toolkit.SiteStatus{}})
}

// bothStart is BothReturn until both hold each other UP.
func (d *Drill) bothStart(ctx context.Context, later time.Duration) {
	ginkgo.GinkgoHelper()
	first, second := d.injected.Fault(), d.second().Fault()
	d.ledger.Returns(first.Struck)
	Expect(d.injected.Heal(ctx)).To(Succeed(), "%s must start again", first.Target)
	started, _ := d.injected.Healing()
	progress("    %s is started: %s", first.Target, started.Proof)
	if rest := d.wall(later) - time.Since(started.Span.Latest); rest > 0 {
		d.watchFor(ctx, d.toolkit(rest))
	}
	fact := d.injected.Model(d.instant)
	d.scenario.Fault = &fact
	d.returning = time.Now()
	d.EndsBeside(ctx)
	last, _ := d.second().Healing()
	progress("    %s is started %s after %s", second.Target, inSeconds(d.toolkit(last.Span.Latest.Sub(started.Span.Latest))), first.Target)
	d.upWithin(ctx, "D0 + I", d.Timing.InitDelay+d.Timing.Interval, last.Span.Latest, d.DC1, d.DC2)
	for _, side := range d.sides() {
		up := d.firstUp(side, d.returning)
		for _, s := range d.board.Since(side.Name(), started.Span.Latest) {
			if s.Event == board.PeerDown && s.Latest.Before(up.Earliest) {
				d.claims(ctx, sight{since: d.returning}).Expect(s.Event).NotTo(Equal(board.PeerDown), "%s declared %s DOWN before it had ever heard it, says %s (%s)",
					side.Name(), side.peer.Name(), s.Indicator, s.Evidence)
			}
		}
	}
}

// second is the fault that took the second data center's memory, beside the one that is measured.
func (d *Drill) second() *fault.Injection {
	at := slices.IndexFunc(d.besides, func(in *fault.Injection) bool { return in.Fault().Forgets })
	Expect(at).To(BeNumerically(">=", 0), "the scenario must have taken the second data center away before it asks for it")
	return d.besides[at]
}

// LosesBothReplicas closes the ledger after both sides lost their memory: with default settings each throws the other's replica away
// at its first tick, so that everything acknowledged before is lost (Q22), which is reported.
func (d *Drill) LosesBothReplicas(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	d.knownToLose("Q22")
	account := d.settle(ctx)
	explained(account)
	d.assertLedger(account)
	for _, side := range d.sides() {
		Expect(side.Takeover().Counted).To(BeZero(), "nothing is handed over without a DOWN; %v", side.Takeover())
	}
	if account.Loss.LatestEvents == 0 {
		progress("    nothing was lost: the replicas were kept and returned")
		return
	}
	d.hazard("Q22", fmt.Sprintf("%d to %d acknowledged events of both data centers are in no state any more", account.Loss.EarliestEvents, account.Loss.LatestEvents))
}

// exposure is for how long nothing but one data center held the state, until a second failure took it.
func (d *Drill) exposure() time.Duration {
	return d.toolkit(d.second().T0.Latest.Sub(d.injected.T0.Earliest))
}

// LosesWhatOneSideHeld closes the ledger after a second failure that came before the first side was back: nobody held a replica of the
// survivor, so that what it had is lost, and nothing may claim otherwise. What is reported is for how long the application was
// exposed to it (S54).
func (d *Drill) LosesWhatOneSideHeld(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	d.scenario.Objectives.RPOSeconds = 0
	d.scenario.Objectives.Derivation += "; no RPO holds against a second failure before the first is mended"
	account := d.settle(ctx)
	Expect(account.Ledger.Corrupted).To(BeZero(), "results must carry what was sent")
	Expect(account.Ledger.Resurrected).To(BeZero(), "no event may come back after it was lost")
	for _, anomaly := range account.Ledger.Anomalies {
		Expect(anomaly.Kind).NotTo(Equal(model.KeptEvents), anomaly.Text)
	}
	Expect(account.Loss.EarliestEvents).To(BeNumerically(">", 0), "both data centers lost their memory one after the other, and yet nothing is said to be lost")
	text := fmt.Sprintf("exposed for %s: %d to %d acknowledged events are lost", inSeconds(d.exposure()), account.Loss.EarliestEvents, account.Loss.LatestEvents)
	d.observe(model.Observation{Indicator: "traffic", Event: "exposure to a second failure", When: d.interval(d.injected.T0.Earliest, d.second().T0.Latest), Evidence: text})
	progress("    %s", text)
	d.store()
}
