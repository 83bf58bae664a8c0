package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
)

// Lives of a restart storm, in multiples of N*I: each is drawn between the two.
const (
	shortestLife = 0.3
	longestLife  = 1.5
)

// IsStormed kills this data center and starts it again so many times, each time after a life of 0.3 to 1.5 N*I, and leaves it running (S40).
func (s *Side) IsStormed(ctx context.Context, cycles int) {
	ginkgo.GinkgoHelper()
	d := s.drill
	d.storm = &storm{cycles: cycles}
	d.Inject(ctx, fault.Crash(s.Name()))
	d.Heal(ctx)
	for n := 1; ; n++ {
		life := time.Duration((shortestLife + (longestLife-shortestLife)*d.random.Float64()) * float64(d.Timing.SafeGap()))
		d.watchFor(ctx, life)
		d.storm.up += d.wall(life)
		if n == cycles {
			return
		}
		progress("    %d of %d: killed after %s", n+1, cycles, inSeconds(life))
		d.ledger.Forgets(s.Name())
		injection, err := fault.Crash(s.Name()).Inject(ctx, d.senses.world(d.env), d.journal)
		if injection != nil {
			d.besides = append(d.besides, injection)
		}
		if err != nil {
			d.notTested(notInjected(fault.Crash(s.Name()), err))
		}
		d.EndsBeside(ctx)
	}
}

// OutlivesTheStorm expects of the side that was not killed that it is as it was: its job and its PEs were left alone; it took nothing over but
// after a DOWN, each time no more than there is; and both hold each other UP again by themselves (O7, S40).
func (s *Side) OutlivesTheStorm(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	Expect(d.storm).NotTo(BeNil(), "the scenario must make a storm first")
	d.returnsToNormal(ctx, toolkit.Status{Sites: [2]toolkit.SiteStatus{}})
	s.KeepsRunning(ctx)
	downs := map[string]int{}
	for _, sighting := range d.board.Since(s.Name(), d.t0) {
		// What an application traces of a DOWN is its own business: as a rule each of its fragments does.
		if way, _ := toolkit.WayOf(toolkit.Indicator(sighting.Indicator)); sighting.Event == board.PeerDown && way.Voice != "" {
			downs[sighting.Indicator]++
		}
	}
	most := 0
	for _, n := range downs {
		most = max(most, n)
	}
	d.storm.missed = most
	taken := s.Takeover()
	handed := max(taken.Counted, sum(taken.Fragments))
	text := fmt.Sprintf("%s declared %s DOWN up to %d times in %d restarts, and was handed %d fragments", s.Name(), s.peer.Name(), most, d.storm.cycles, handed)
	progress("    %s", text)
	d.claims(ctx, sight{since: d.t0}).Expect(most).To(BeNumerically("<=", d.storm.cycles), "more DOWNs than deaths: %s", text)
	Expect(handed).To(BeNumerically("<=", most*d.env.Fragments), "a takeover hands over what there is, once for each DOWN: %s", text)
	s.IsAlive(ctx)
	d.observe(model.Observation{Site: s.Name(), Indicator: string(toolkit.StatusStream), Event: "restart storm", When: d.interval(d.t0, time.Now()), Evidence: text})
	d.store()
}

// LosesWhatTheStormTook closes the ledger after a restart storm: lost may be, for each restart, what was acknowledged in a snapshot period and in
// the life before; nothing may be made up, and the side that was not killed must have everything of its own (S40). A death that nobody
// declared DOWN takes all that it had without a word, which is no pass but a hazard of toolkit 1.x (Q17).
func (d *Drill) LosesWhatTheStormTook(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	Expect(d.storm).NotTo(BeNil(), "the scenario must make a storm first")
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	d.scenario.Objectives.RPOSeconds = 0
	account := d.settle(ctx)
	Expect(account.Ledger.Corrupted).To(BeZero(), "results must carry what was sent")
	struck := d.injected.Fault().Struck
	other := d.survivor().Name()
	Expect(account.LostOf[other]).To(BeNumerically("<=", account.LostOf[struck]), "the storm was over %s; %s must keep its own events", struck, other)
	allowed := d.settings.Rate / 2 * (float64(d.storm.cycles)*d.wall(period+d.Timing.Interval).Seconds() + d.storm.up.Seconds())
	text := fmt.Sprintf("%d to %d acknowledged events are lost after %d restarts; cycles * r * (P_s + uptime) allows %.0f", account.Loss.EarliestEvents, account.Loss.LatestEvents, d.storm.cycles, allowed)
	progress("    %s", text)
	Expect(float64(account.Loss.EarliestEvents)).To(BeNumerically("<=", allowed), text)
	if unmissed := d.storm.cycles - d.storm.missed; unmissed > 0 && account.Loss.EarliestEvents > 0 {
		d.hazard("Q17", fmt.Sprintf("%d of %d deaths were never declared DOWN; %s, of %d that %s had acknowledged", unmissed, d.storm.cycles, text, account.Loss.Of, struck))
	}
	d.observe(model.Observation{Indicator: "traffic", Event: "loss in a restart storm", When: d.interval(d.t0, time.Now()), Evidence: text})
	d.store()
}
