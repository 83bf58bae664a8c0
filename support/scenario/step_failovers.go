package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/scenario/growth"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/toolkit"
)

// inconclusiveShare is how many of many failovers may be inconclusive, because we were in trouble ourselves, before
// nothing is claimed of all of them.
const inconclusiveShare = 0.1

// kindsOfFailover is how many kinds of fault take turns.
const kindsOfFailover = 4

// SurvivesFailovers makes CROSSDC_ENDURANCE_FAILOVERS failovers back to back in this process, on one environment: crash,
// job cancel, partition and hang in turn, of both sides in turn, each at a random phase of the heartbeat interval. Each must be
// detected within the RTO and come home. Everything that watches and sends is made anew for each and let go of after
// it, as between scenarios, so that what is left behind adds up: nothing may.
func (d *Drill) SurvivesFailovers(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	d.rest(ctx)
	count := d.settings.EnduranceFailovers
	trials := &model.Trials{Predicted: timeline.Predicted(d.Timing.Detection(0).Quantile)}
	d.scenario.Trials = trials
	var single []model.Measure // one survivor noticed: the prediction is of those
	samples := make([]growth.Sample, 0, count)
	var inconclusive []string
	for n := range count {
		f := d.nextFault(n)
		progress("  failover %d of %d: %s", n+1, count, f)
		measured, reasons := d.failover(ctx, f)
		d.claims(ctx, sight{since: d.from}).Expect(measured.Verdict).NotTo(Equal(model.Missed), "failover %d of %d, %s: detection took %.1f..%.1f s, the RTO is %.4g s",
			n+1, count, f, measured.EarliestSeconds, measured.LatestSeconds, measured.ObjectiveSeconds)
		if measured.Verdict != model.Met {
			inconclusive = append(inconclusive, fmt.Sprintf("failover %d, %s: %v", n+1, f, reasons))
		}
		trials.Count, trials.Detection = n+1, append(trials.Detection, measured)
		if f.Struck != "" {
			single = append(single, measured)
		}
		d.env.CloseIdle() // they come and go, and are no leak; one that is still in use stays and counts
		samples = append(samples, growth.Take())
		progress("    detection %.1f..%.1f s (toolkit time): %s; %d goroutines, %d descriptors, %.1f MiB heap", measured.EarliestSeconds,
			measured.LatestSeconds, measured.Verdict, samples[n].Goroutines, samples[n].Descriptors, float64(samples[n].HeapBytes)/(1<<20))
		trials.Claim = timeline.Claim("detection", trials.Detection)
	}
	if fit, ok := timeline.Compare(single, d.Timing.Detection(0).CDF); ok {
		trials.Claim += "; where one survivor had to notice, " + fit.String()
	}
	progress("    %s", trials.Claim)
	d.store()
	d.growsNot(samples)
	ended.Doubt().Expect(float64(len(inconclusive))).To(BeNumerically("<=", inconclusiveShare*float64(count)),
		"%d of %d failovers were: %v", len(inconclusive), count, inconclusive)
}

// growsNot expects the process to hold as much at the end of many failovers as at their beginning.
func (d *Drill) growsNot(samples []growth.Sample) {
	ginkgo.GinkgoHelper()
	trends, err := growth.Trends(samples, kindsOfFailover)
	Expect(err).NotTo(HaveOccurred())
	text := fmt.Sprintf("medians of the first and the last quarter of %d failovers: %s", len(samples), growth.Text(trends))
	d.observe(model.Observation{Indicator: "suite process", Event: "resources held", When: d.interval(d.t0, time.Now()), Evidence: text})
	progress("    %s", text)
	d.store()
	for _, trend := range trends {
		Expect(trend.Grows()).To(BeFalse(), "%s grow with the failovers, something is never let go of; %s", trend.What, text)
	}
}

// rest stops what this scenario itself watches and sends, so that only the single failovers do.
func (d *Drill) rest(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d.settle(ctx)
	d.session.Close()
}

// nextFault takes the kinds in turn, and the sides too, so that each side's job is replaced again and again: what is kept
// of a job, such as the text of its traces, grows with its life and would look like a leak. Kinds that cannot be
// injected here are left out.
func (d *Drill) nextFault(n int) fault.Fault {
	ginkgo.GinkgoHelper()
	target := d.sides()[(n+n/kindsOfFailover)%2].Name()
	var possible []fault.Fault
	var why []string
	for _, f := range [kindsOfFailover]fault.Fault{fault.Crash(target), fault.CancelJob(target), fault.Partition(fault.Refuse), fault.Hang(target, 0)} {
		if ok, reason := f.Available(d.env); !ok {
			why = append(why, fmt.Sprintf("%s: %s", f, reason))
			continue
		}
		possible = append(possible, f)
	}
	if len(possible) == 0 {
		d.skip(fmt.Sprintf("no fault that leads to a failover is available here: %v", why))
	}
	return possible[n%len(possible)]
}

// failover is one failover from steady operation until home again, with its own eyes and its own traffic. It returns the
// measured detection, and why that is inconclusive if it is.
func (d *Drill) failover(ctx context.Context, f fault.Fault) (model.Measure, []string) {
	ginkgo.GinkgoHelper()
	one := d.single()
	defer one.leave(ctx)
	one.watch(ctx)
	limit := one.wall(one.firstReplication())
	ended.Doubt().Eventually(one.notReady).WithTimeout(limit).WithPolling(10*time.Millisecond).Should(lackNothing(), "no steady operation before %s", f)
	one.Inject(ctx, f)
	for _, side := range one.noticing() {
		side.DeclaresDown(ctx)
	}
	one.troubleOfOurOwn()
	one.collect()
	measured := one.scenario.Measures.Detection
	ended.Doubt().Expect(measured).NotTo(BeNil(), "detection of %s was seen but not measured: %v", f, one.scenario.Reasons)
	one.anyPhase(ctx)
	one.Heal(ctx)
	if one.injected.Fault().CutsLink { // both are mute now (Q1)
		Expect(one.env.PostHeartbeat(ctx, one.DC1.DataCenter, one.DC2.Name())).To(Succeed(), "the way out of mutual silence is one heartbeat body")
	}
	home := sight{since: time.Now(), shows: toolkit.PeerUp, sites: []*Side{one.DC1, one.DC2}, needed: one.required()}
	one.claims(ctx, home).Eventually(ctx, func(ctx context.Context) []string { return one.session.Apart(ctx, one.settings.Toolkit.Pairs) }).WithTimeout(limit).WithPolling(one.unhurried()).Should(lackNothing(), "expected both sides home after %s", f)
	return *measured, one.scenario.Reasons
}

// single is a drill of one failover in the environment of d. It stores nothing of its own.
func (d *Drill) single() *Drill {
	one := &Drill{
		DC1: &Side{DataCenter: d.env.DC1}, DC2: &Side{DataCenter: d.env.DC2}, RTO: d.RTO, Timing: d.Timing, given: d.given,
		settings: d.settings, env: d.env, random: d.random, senses: d.senses, journal: d.journal, from: time.Now(),
		expectation: expectation{oneOfMany: true}, story: story{ended: true},
	}
	one.DC1.peer, one.DC2.peer = one.DC2, one.DC1
	one.DC1.drill, one.DC2.drill = one, one
	one.t0 = one.from
	one.scenario = model.Scenario{
		Name: d.scenario.Name, Speedup: d.scenario.Speedup, Started: one.instant(one.from), Objectives: d.scenario.Objectives,
	}
	one.scenario.Objectives.RTOSeconds = d.settings.Objectives().RTO.Seconds()
	return one
}

// leave ends everything that the drill started, also when it failed half way.
func (d *Drill) leave(ctx context.Context) {
	ginkgo.GinkgoHelper()
	if d.injected != nil {
		Expect(d.injected.Heal(ctx)).To(Succeed(), "no fault may outlive its failover")
	}
	if d.halfDone != nil {
		Expect(d.halfDone.Heal(ctx)).To(Succeed(), "a fault that failed half way must not stay either")
	}
	d.closing.end()
	if d.session != nil {
		d.session.Close()
	}
}

// notReady says what keeps a failover from being measured: a baseline that is not there yet, or too little load.
func (d *Drill) notReady() []string {
	return append(d.session.Unready(d.required()), d.loadTrouble("before", time.Now().Add(-d.loadWindow()), time.Now())...)
}
