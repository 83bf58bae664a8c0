package scenario

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/metrics"
)

// IsSteadyWithStandby waits until both data centers hold each other UP, the passive one has a replica of every fragment,
// and the active one serves the traffic; the failover script has not run.
func (d *Drill) IsSteadyWithStandby(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	d.awaitStandby(ctx, "expected steady operation")
	quiet := time.Now()
	d.Watch(ctx, steadyFor)
	for _, change := range d.board.Since("", quiet) {
		d.claims(ctx, sight{since: quiet}).Expect(change.Event).NotTo(BeElementOf(string(toolkit.PeerDown), string(toolkit.PeerUp)),
			"the environment was not steady: %s at %s by %s (%s)", change.Event, change.Site, change.Indicator, change.Evidence)
	}
	d.wasLoadedSince(quiet)
	d.phase("steady before", d.interval(d.from, quiet), d.interval(quiet, time.Now()))
	d.scriptsBefore, _ = d.scriptRuns()
}

func (d *Drill) awaitStandby(ctx context.Context, what string) {
	ginkgo.GinkgoHelper()
	limit := d.wall(d.firstReplication())
	d.await(ctx, "both data centers hold each other UP and the passive one has a replica of every fragment", limit)
	d.beforeAnyFault(ctx, time.Now()).Eventually(ctx, func(ctx context.Context) []string {
		return append(d.notOnStandby(ctx), d.loadTrouble("before", time.Now().Add(-d.loadWindow()), time.Now())...)
	}).WithTimeout(limit).WithPolling(d.unhurried()).Should(lackNothing(), what)
}

// notOnStandby says in words what is missing for operation with a standby; empty when nothing is.
func (d *Drill) notOnStandby(ctx context.Context) []string {
	status, err := d.env.Client.Status(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	var missing []string
	for _, site := range status.Sites {
		if site.Conclusion.State != toolkit.Up {
			missing = append(missing, fmt.Sprintf("%s holds its peer %s: %v", site.Name, site.Conclusion.State, site.Conclusion.Why))
		}
		if replicas := countOf(site.Evidence, toolkit.SnapshotsIn); site.Name == d.DC2.Name() && replicas < int64(d.env.Fragments) {
			missing = append(missing, fmt.Sprintf("%s has accepted %d replicas of %d fragments", site.Name, replicas, d.env.Fragments))
		}
	}
	return missing
}

// scriptRuns is how often the monitor's script was started, and its log; a remote environment does not know.
func (d *Drill) scriptRuns() (times int, log string) {
	ginkgo.GinkgoHelper()
	times, log, err := d.DC2.FailoverRuns()
	if errors.Is(err, errors.ErrUnsupported) {
		ended.Inconclusive("%v", err)
	}
	Expect(err).NotTo(HaveOccurred())
	return times - d.scriptsBefore, log
}

// StartsTheApplicationOnce expects the monitor to start its script exactly once and the script to bring the application
// up in the passive data center.
func (d *Drill) StartsTheApplicationOnce(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	limit := max(d.RTO-time.Since(d.t0), d.wall(d.Timing.Interval))
	d.await(ctx, "the script has brought the application up in "+d.DC2.Name(), limit)
	claim := d.claims(ctx, sight{since: d.t0})
	claim.Eventually(ctx, func(context.Context) int { times, _ := d.scriptRuns(); return times }).WithTimeout(limit).WithPolling(5*time.Millisecond).
		Should(BeNumerically(">=", 1), "the monitor must start its script on DOWN")
	started := time.Now()
	var before, ready time.Time
	claim.Eventually(ctx, func(ctx context.Context) error {
		asked := time.Now()
		job, running, err := d.DC2.StandbyRunning(ctx)
		switch {
		case err != nil:
			return err
		case !running:
			before = asked
			_, log := d.scriptRuns()
			return fmt.Errorf("job %q of the application does not run in %s; the script's log:\n%s", job, d.DC2.Name(), log)
		}
		ready = time.Now()
		return nil
	}).WithTimeout(limit).WithPolling(10*time.Millisecond).Should(Succeed(), "the application must come up within the RTO of %s", inSeconds(d.toolkit(d.RTO)))
	if before.IsZero() {
		before = started
	}
	d.launched = ready
	times, log := d.scriptRuns()
	Expect(times).To(Equal(1), "the script must be started exactly once; its log:\n%s", log)
	d.observe(model.Observation{
		Site: d.DC2.Name(), Indicator: string(toolkit.JobHealth), Event: "application started by script", When: d.interval(before, ready),
		Evidence: "script started once; " + log,
	})
	progress("    script started once; the application was up between %v and %v after it was seen to start", before.Sub(started).Round(time.Millisecond),
		ready.Sub(started).Round(time.Millisecond))
	d.store()
}

// HandsNoDataOver expects that neither the monitor nor the application that it started was given any replica: nothing
// does that by itself (RW6). What the active side held is lost to the new one, which a user does not want (Q32).
func (d *Drill) HandsNoDataOver(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	d.DC2.TakesOverNothing(ctx)
	port := toolkit.OperatorPort{Operator: d.settings.Application.Invocation + ".RemoteDCDataMerger", Port: metrics.Out(0, "ProcessDataFromRemoteDC")}
	set, err := d.DC2.StandbyCounters(ctx, port)
	Expect(err).NotTo(HaveOccurred())
	sample, ok := set.Find(port.Operator, port.Port, "nTuplesSubmitted")
	ended.Doubt().Expect(ok).To(BeTrue(), "the new application shows no count of fragments handed over")
	Expect(sample.Value).To(BeZero(), "nothing hands replicas over by itself in a passive data center (RW6)")
	d.hazard("Q32", "the application was started by the script, and 0 fragments were handed to it")
}

// AddsUp expects the measured recovery to be no longer than the longest detection time plus what script, submission and
// start took, RTO(AP) of the toolkit contract, 6.7: once the application is up, nothing else keeps its events waiting.
func (d *Drill) AddsUp(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	d.store()
	m := d.scenario.Measures
	ended.Doubt().Expect(m.Detection).NotTo(BeNil(), "detection was not measured")
	ended.Doubt().Expect(m.Recovery).NotTo(BeNil(), "recovery was not measured")
	launch := d.launched.Sub(d.t0).Seconds() - m.Detection.WallEarliest
	bound := (d.Timing.CertainGap() + 2*d.toolkit(d.allowance())).Seconds() + launch*d.env.Speedup // e for detection, e for the first event
	text := fmt.Sprintf("recovery took %.1f..%.1f s; (N+1)*I + script, submission and start (at most %.3f s wall) + 2e = %.1f s",
		m.Recovery.EarliestSeconds, m.Recovery.LatestSeconds, launch, bound)
	late := timeline.VerdictOf(m.Recovery.WallEarliest, m.Recovery.WallLatest, d.launched.Sub(d.t0).Seconds()+2*d.allowance().Seconds())
	progress("    %s", text)
	claim := d.claims(ctx, sight{since: d.t0, serves: true})
	claim.Expect(timeline.VerdictOf(m.Recovery.EarliestSeconds, m.Recovery.LatestSeconds, bound)).To(Equal(model.Met), text)
	claim.Expect(late).NotTo(Equal(model.Missed), "the application was up %.3f s after the fault, but no event was served until %.3f s (wall)",
		d.launched.Sub(d.t0).Seconds(), m.Recovery.WallEarliest)
}

// FallsSilent expects this data center to send no heartbeat any more, because it holds its peer DOWN (HP3).
func (s *Side) FallsSilent(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	limit := d.wall(6 * d.Timing.Interval) // two ticks without a heartbeat prove it
	d.await(ctx, s.Name()+" has stopped its heartbeats", limit)
	d.claims(ctx, sight{since: time.Now(), shows: toolkit.PeerDown, sites: []*Side{s}, needed: 1}).Eventually(ctx, func(ctx context.Context) toolkit.State {
		status, _ := d.env.Client.Status(ctx) // an error speaks of the side that is gone
		for _, site := range status.Sites {
			if site.Name == s.Name() {
				return site.Conclusion.State
			}
		}
		return toolkit.Unknown
	}).WithTimeout(limit).WithPolling(d.unhurried()).Should(Equal(toolkit.DownMute), "%s must stop its heartbeats to a peer that is DOWN", s.Name())
}

// StartsNothing expects that the script was not started.
func (d *Drill) StartsNothing(ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	times, log := d.scriptRuns()
	Expect(times).To(BeZero(), "the script must not be started; its log:\n%s", log)
}

// StartsNothingOnAPlannedShutdown holds the monitor against the documented intent, that an announced shutdown starts no
// failover. Toolkit 1.x starts it all the same (Q12), once.
func (d *Drill) StartsNothingOnAPlannedShutdown(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	d.Watch(ctx, 2)
	times, log := d.scriptRuns()
	if times == 0 {
		progress("    the script was not started, as documented")
		return
	}
	Expect(times).To(Equal(1), "the script was started more than once; its log:\n%s", log)
	d.hazard("Q12", "the announced shutdown was received, DOWN came all the same, and the script was started once: "+log)
}

// ReturnsToStandby goes back to where the scenario began: the application that the script started is cancelled, the
// fault healed, and the monitor submitted again where it is gone.
func (d *Drill) ReturnsToStandby(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	d.startsNothingMore(ctx)
	if job, _, err := d.DC2.StandbyRunning(ctx); err == nil && job != "" {
		Expect(d.DC2.CancelStandby(ctx)).To(Succeed(), "the application in %s must go before the active side comes back", d.DC2.Name())
	}
	began := time.Now()
	d.Heal(ctx)
	if job, _, err := d.DC2.Management().JobRunning(ctx); err == nil && job == "" {
		_, err := d.DC2.Management().SubmitJob(ctx)
		Expect(err).NotTo(HaveOccurred(), "the monitor must be submitted again")
	}
	d.awaitHome(ctx)
	d.phase("home", d.interval(began, began), d.interval(began, time.Now()))
	d.store()
}

// startsNothingMore expects a script that was started once not to be started again: a second start may come late, after the
// application is up.
func (d *Drill) startsNothingMore(ctx context.Context) {
	ginkgo.GinkgoHelper()
	if d.launched.IsZero() {
		return
	}
	if rest := d.wall(scriptWatch*d.Timing.Interval) - time.Since(d.launched); rest > 0 {
		d.await(ctx, "the script is not started a second time", rest)
		d.watchFor(ctx, d.toolkit(rest))
	}
	times, log := d.scriptRuns()
	Expect(times).To(Equal(1), "the script was started again after the application was up; its log:\n%s", log)
}

// scriptWatch is for how many heartbeat intervals after the application is up a second start is looked for.
const scriptWatch = 3

// awaitHome is awaitStandby where the traffic may have been stopped.
func (d *Drill) awaitHome(ctx context.Context) {
	ginkgo.GinkgoHelper()
	limit := d.wall(d.firstReplication())
	d.await(ctx, "both data centers hold each other UP and the passive one has a replica of every fragment", limit)
	d.claims(ctx, sight{since: time.Now(), shows: toolkit.PeerUp, sites: []*Side{d.DC1, d.DC2}, needed: 1}).Eventually(ctx, d.notOnStandby).WithTimeout(limit).WithPolling(d.unhurried()).Should(lackNothing(), "expected the way home to end in operation with a standby")
}
