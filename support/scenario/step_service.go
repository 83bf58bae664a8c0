package scenario

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/support/traffic"
)

// backShare is the share of a stream's rate at which its service counts as restored.
const backShare = 0.9

// ServesTheLostSide expects the survivor to serve the events of the data center that was lost, within the RTO, and to
// bring them back to their rate. Both instants are measured from results that the survivor really produced.
func (d *Drill) ServesTheLostSide(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	if d.byCounters() {
		d.leavesOut(d.settings.Described().NotSaid(application.Service))
		d.servesByCounters(ctx)
		return
	}
	if !d.judges(application.Service) {
		return
	}
	survivor, lost := d.survivor(), d.survivor().peer
	evidence := "first result of an event of "
	if !d.judges(application.Served) {
		evidence = "more results than those of its own events, so some of "
	}
	limit := max(d.RTO-time.Since(d.t0), d.wall(d.Timing.Interval))
	d.await(ctx, survivor.Name()+" serves the events of "+lost.Name(), limit)
	claim := d.claims(ctx, sight{since: d.t0, serves: true})
	claim.Eventually(ctx, func() error {
		if _, ok := d.session.FirstServed(lost.Name(), survivor.Name(), d.t0); !ok {
			return fmt.Errorf("%s has not served any event of %s yet; %s", survivor.Name(), lost.Name(), d.reroutes())
		}
		return nil
	}).WithTimeout(limit).WithPolling(time.Millisecond).Should(Succeed(), "service must be back within the RTO of %s", inSeconds(d.toolkit(d.RTO)))
	served, _ := d.session.FirstServed(lost.Name(), survivor.Name(), d.t0)
	d.observe(model.Observation{
		Site: survivor.Name(), Indicator: timeline.TrafficIndicator, Event: timeline.Served, Subject: lost.Name(), When: served,
		Evidence: evidence + lost.Name(),
	})
	keep := d.loadWindow()
	level := d.together(backShare) * d.settings.Rate / 2
	limit = 4*keep + d.wall(d.Timing.Interval)
	d.await(ctx, "the events of "+lost.Name()+" are served at their rate again", limit)
	claim.Eventually(ctx, func() bool {
		_, ok := d.ledger.BackToLevel(lost.Name(), d.instant(d.t0), level, keep)
		return ok
	}).WithTimeout(limit).WithPolling(5*time.Millisecond).Should(BeTrue(), "expected at least %.0f events/s of %s at %s for %s", level, lost.Name(), survivor.Name(), keep)
	steady, _ := d.ledger.BackToLevel(lost.Name(), served.Earliest, level, keep)
	d.observe(model.Observation{
		Site: survivor.Name(), Indicator: timeline.TrafficIndicator, Event: timeline.Steady, Subject: lost.Name(), When: steady,
		Evidence: fmt.Sprintf("at least %.0f events/s for %s", level, keep),
	})
	d.remembersWhatIsLost(ctx)
	d.store()
}

func (d *Drill) reroutes() string {
	text := "the traffic was not rerouted"
	for _, r := range d.traffic.Reroutes() {
		text = fmt.Sprintf("the traffic of %s went from %s to %s (%s)", r.Stream, r.From, r.To, r.Why)
	}
	return text
}

// drainAllowance is how long, after the traffic stopped, results of accepted events may still arrive (wall time).
const drainAllowance = 2 * time.Second

// LosesNoMoreThanRPO stops the traffic, inspects the state of the surviving data centers, accounts for every event, and
// holds the loss against the RPO.
func (d *Drill) LosesNoMoreThanRPO(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	account := d.settle(ctx)
	if !d.judges(application.Loss) {
		return
	}
	loss := account.Loss
	explained(account)
	objective := d.scenario.Objectives.RPOSeconds
	switch timeline.VerdictOf(loss.EarliestSeconds, loss.LatestSeconds, objective) {
	case model.Missed:
		ginkgo.Fail(fmt.Sprintf("lost between %d and %d acknowledged events, at least %.1f s of traffic; the RPO allows %.4g s (%s)",
			loss.EarliestEvents, loss.LatestEvents, loss.EarliestSeconds, objective, d.scenario.Objectives.Derivation))
	case model.Inconclusive:
		ended.Inconclusive("lost between %.1f s and %.1f s of traffic; the RPO of %.4g s lies between (%s)",
			loss.EarliestSeconds, loss.LatestSeconds, objective, loss.Why)
	}
	d.assertLedger(account)
}

// LosesNothing stops the traffic and expects every acknowledged event in a surviving state.
func (d *Drill) LosesNothing(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	account := d.settle(ctx)
	if !d.judges(application.Loss) {
		return
	}
	explained(account)
	if d.session.Level < application.Stated && account.Loss.EarliestEvents == 0 && account.Loss.LatestEvents > 0 {
		ended.Inconclusive("whether an event was lost cannot be told: between none and %d were (%s)", account.Loss.LatestEvents, account.Loss.Why)
	}
	Expect(account.Loss.LatestEvents).To(BeZero(), "no acknowledged event may be lost; lost are %d to %d (%s)",
		account.Loss.EarliestEvents, account.Loss.LatestEvents, account.Loss.Why)
	d.assertLedger(account)
}

// explained expects that the events which a state was sent explain it.
func explained(account traffic.Account) {
	ginkgo.GinkgoHelper()
	Expect(account.Contradictions).To(BeEmpty(), "the survivors' state must be explained by the events that they were sent; %s",
		strings.Join(account.Contradictions, "; "))
	texts := make([]string, len(account.Ledger.Anomalies))
	for i, anomaly := range account.Ledger.Anomalies {
		texts[i] = anomaly.Text
	}
	Expect(texts).To(BeEmpty(), "only the newest events that a data center took with it may be missing, and nothing that it lost may be back")
	Expect(account.Ledger.Resurrected).To(BeZero(), "no event may come back after it was lost")
}

func (d *Drill) assertLedger(account traffic.Account) {
	ginkgo.GinkgoHelper()
	if !d.judges(application.Once) {
		return
	}
	ledger := account.Ledger
	Expect(ledger.Corrupted).To(BeZero(), "results must carry what was sent")
	Expect(ledger.Reordered).To(BeZero(), "every channel must process its events in order")
	Expect(ledger.Duplicated-account.SplitBrain).To(BeZero(), "no data center may process an event twice")
}

// settle stops the traffic once, waits until the results of what was accepted have arrived, and closes the ledger over
// the state of every data center that serves.
func (d *Drill) settle(ctx context.Context) traffic.Account {
	ginkgo.GinkgoHelper()
	if d.account != nil {
		return *d.account
	}
	d.stoppedAt = time.Now()
	d.session.Drain()
	if d.session.Level < application.Stated {
		return d.settleByResults(ctx)
	}
	limit := drainAllowance + 2*d.settings.CallTimeout // both data centers are asked for their state, and may ask to be left alone for a while
	d.await(ctx, "the last accepted events are processed", limit)
	var account traffic.Account
	ended.Doubt().Eventually(ctx, func(ctx context.Context) error {
		if err := d.inspect(ctx); err != nil {
			return err
		}
		account = d.traffic.Account()
		return d.unsettled(account)
	}).WithTimeout(limit).WithPolling(20*time.Millisecond).Should(Succeed(), "the ledger could not be closed")
	d.account = &account
	d.store()
	return account
}

// settleByResults waits until the results of what was accepted have arrived, or had their time, and closes the ledger over them. Where nothing
// can be accounted for, the account is empty, and no step judges it.
func (d *Drill) settleByResults(ctx context.Context) traffic.Account {
	ginkgo.GinkgoHelper()
	if !d.settings.Described().Carries(application.Loss) {
		return traffic.Account{}
	}
	limit := d.session.Within() + drainAllowance
	d.await(ctx, "the results of the last accepted events have arrived, or their time is over", limit)
	ended.Doubt().Eventually(ctx, func() bool { return d.session.Awaits(d.stoppedAt) }).WithTimeout(limit).WithPolling(20*time.Millisecond).Should(BeFalse(),
		"the ledger could not be closed")
	account := d.session.Account()
	d.account = &account
	d.store()
	return account
}

// unsettled says what keeps the account from being final: a state that is still moving.
func (d *Drill) unsettled(account traffic.Account) error {
	previous := d.lastTally
	d.lastTally = fmt.Sprint(account.Ledger.InState, account.Ledger.ProcessedBy)
	if d.lastTally != previous {
		return fmt.Errorf("the states are still moving: %s", d.lastTally)
	}
	return nil
}
