// Package scenario holds what all scenarios share: the Ordered block's set-up and teardown, and the steps that most of
// them take, so that a scenario is about thirty lines and mostly words.
//
// It imports support, toolkit and reports; suites import it.
package scenario

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/scenario/roster"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/support/watch"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// Drill is one scenario while it runs: one fault, both data centers, everything that is seen and counted. Its methods
// are the steps; each is an It body or called from one.
type Drill struct {
	// DC1 and DC2 are the two data centers, as faults and matchers see them.
	DC1, DC2 *Side
	// RTO is the objective for detection and recovery in wall time, for Eventually.
	RTO time.Duration
	// Timing is the toolkit's configuration with its closed forms, in toolkit time.
	Timing crossdc.Timing

	mark     roster.Mark
	given    Given
	settings *config.Config
	env      *environment.Environment
	random   *rand.Rand

	session  *watch.Session
	monitor  *toolkit.Monitor // this and what follows are the session's
	board    *board.Board
	traffic  *traffic.Generator
	ledger   *traffic.Ledger
	streams  environment.Streams
	senses   *senses
	names    names
	closing  *closing
	journal  *fault.Journal
	injected *fault.Injection
	halfDone *fault.Injection // one that failed on the way
	besides  []*fault.Injection
	t0       time.Time // earliest instant of the fault; the baseline of every "since"
	from     time.Time // when this scenario began to watch
	living   *living   // of the step that waits; nil where nobody looks

	expectation // what options and topology say before anything is broken
	story       // what steps have done and seen so far

	scenario model.Scenario
}

// Side is one data center inside a drill.
type Side struct {
	*environment.DataCenter
	drill *Drill
	peer  *Side
}

// Peer is the other side.
func (s *Side) Peer() *Side { return s.peer }

// RemoteStatus is what this data center holds of the other since the fault, by indicator; poll it with Eventually.
func (s *Side) RemoteStatus() RemoteStatus {
	d := s.drill
	return RemoteStatus{
		Remote:   d.board.Remote(s.Name(), s.peer.Name(), d.t0),
		Required: d.required(),
		Budget:   fmt.Sprintf(" (detection takes up to (N+1)*I = %s, RTO %s)", inSeconds(d.Timing.CertainGap()), inSeconds(d.toolkit(d.RTO))),
	}
}

// New registers the set-up and teardown of one scenario in the Ordered container that it is called in, and returns the
// drill whose methods are its steps.
func New(given func() Given, options ...Option) *Drill {
	d := &Drill{DC1: &Side{}, DC2: &Side{}, expectation: expectation{lowest: application.Stated}}
	for _, option := range options {
		option(&d.expectation)
	}
	d.DC1.peer, d.DC2.peer = d.DC2, d.DC1
	d.DC1.drill, d.DC2.drill = d, d
	ginkgo.BeforeAll(func(ctx ginkgo.SpecContext) { d.begin(ctx, given()) }, &d.mark)
	ginkgo.BeforeEach(func() {
		d.skipWhatCannotBe()
		d.begun++
	})
	ginkgo.JustAfterEach(func() { d.store() })
	ginkgo.AfterAll(d.concludes)
	ginkgo.AfterAll(func(ctx ginkgo.SpecContext) { d.end(ctx) })
	return d
}

// begin opens the environment, checks the objectives against the toolkit's configuration before anything is broken, and
// starts watching.
func (d *Drill) begin(ctx context.Context, given Given) {
	ginkgo.GinkgoHelper()
	d.given, d.settings = given, given.Config
	planned, known := given.drills[d.mark.Key()]
	gomega.Expect(known).To(gomega.BeTrue(), "a drill needs the Given of the suite that its test file makes with scenario.NewSuite; this one is of another")
	var err error
	d.senses, err = newSenses(given.Config)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	d.random = rand.New(rand.NewPCG(uint64(given.Seed), hash(planned.Name)+uint64(planned.Trial))) // each trial has phases of its own
	d.isFeasible()
	d.fitsTopology()
	d.fitsTheApplication()
	if given.unfit != "" {
		d.skip(given.unfit)
	}
	d.env, err = given.Environment(ctx)
	if errors.Is(err, environment.ErrNotInstalled) {
		d.skip(err.Error())
	}
	if err != nil {
		given.notTested(planned, environment.CauseOf(err))
	}
	d.DC1.DataCenter, d.DC2.DataCenter = d.env.DC1, d.env.DC2
	d.Timing = d.env.Timing
	objectives := d.settings.Objectives()
	d.RTO = d.wall(objectives.RTO)
	d.from = time.Now()
	d.t0 = d.from
	d.scenario = planned
	d.scenario.Topology, d.scenario.Speedup, d.scenario.Started = d.settings.Topology, d.env.Speedup, d.instant(d.from)
	d.scenario.Outcome = ""
	d.scenario.Objectives = model.Objectives{RTOSeconds: objectives.RTO.Seconds(), RPOSeconds: objectives.RPO.Seconds(), Derivation: objectives.Derivation}
	if d.unnoticed {
		d.scenario.Objectives.RTOSeconds = 0
	}
	if d.discards || d.partly || !d.settings.Described().Carries(application.Loss) {
		d.scenario.Objectives.RPOSeconds = 0
	}
	d.passiveObjectives()
	d.accounts()
	if why := d.env.CannotSend(); why != "" {
		d.skip(why)
	}
	d.journal, err = given.journals.Open(d.env.Where())
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	d.watch(ctx)
	d.store()
}

// watch opens the session in which the scenario watches and sends.
func (d *Drill) watch(ctx context.Context) {
	ginkgo.GinkgoHelper()
	session, err := watch.Open(ctx, d.env, watch.Options{
		Epoch: d.given.Epoch, Rate: d.settings.Rate / 2, Idle: d.idle(), Canary: d.senses.canary(d.env.Canary()), DownIsEnough: d.passive,
		Perceive: d.senses.perceive, Heard: d.names.hear,
	})
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	d.session, d.monitor, d.board, d.traffic, d.ledger, d.streams = session, session.Monitor, session.Board, session.Traffic, session.Ledger, session.Streams
	d.baselines = map[string]baseline{}
}

// Session is what watches and sends while the scenario runs: what it has seen, sent and counted is there for a step of one's own. It is
// the scenario's; whoever uses it does not close it.
func (d *Drill) Session() *watch.Session { return d.session }

// Injection is the fault that the scenario measures; nil before it was injected.
func (d *Drill) Injection() *fault.Injection { return d.injected }

// Observe puts what a step of one's own saw into the stored run and every report.
func (d *Drill) Observe(o model.Observation) {
	ginkgo.GinkgoHelper()
	d.observe(o)
	d.store()
}

// required is how many independent indicators must agree before a change of status counts: two, if there are two.
// A monitor may be gone before it is asked again, because its script ends it; what its stream pushed is enough.
func (d *Drill) required() int {
	if d.passive {
		return 1
	}
	return min(2, d.env.StatusIndicators)
}

// survivor is the side that the fault did not hit: the other one than the struck.
func (d *Drill) survivor() *Side {
	if d.injected != nil && d.injected.Fault().Struck == d.DC2.Name() {
		return d.DC1
	}
	return d.DC2
}

func (d *Drill) sides() [2]*Side { return [2]*Side{d.DC1, d.DC2} }

func (d *Drill) instant(t time.Time) model.Instant { return model.Instant(t.Sub(d.given.Epoch)) }

func (d *Drill) interval(earliest, latest time.Time) model.Interval {
	return model.Interval{Earliest: d.instant(earliest), Latest: d.instant(latest)}
}

// wall converts toolkit time to wall time; toolkit is its inverse.
func (d *Drill) wall(t time.Duration) time.Duration {
	return time.Duration(float64(t) / d.env.Speedup)
}

// unhurried is how often a state is asked for that lasts once it is reached, wall time: nothing is timed by it, and each
// question reads everything that both data centers measure, which on the machine of an embedded pair costs them.
func (d *Drill) unhurried() time.Duration { return d.wall(d.Timing.Interval) / 4 }

func (d *Drill) toolkit(t time.Duration) time.Duration {
	return time.Duration(float64(t) * d.env.Speedup)
}

// store writes the scenario as it is known now; a verdict must survive whatever happens next.
func (d *Drill) store() {
	ginkgo.GinkgoHelper()
	if d.env == nil || d.ended {
		return
	}
	d.collect()
	scenario := d.scenario
	if !d.final {
		scenario.Outcome = model.Running // whatever holds so far is no verdict before the last step
	}
	_, err := d.given.Records.Save(d.given.storedAs(scenario, d.env.Describe()))
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
}

func hash(text string) uint64 {
	h := uint64(14695981039346656037) // FNV-1a: the phase of a fault depends on the scenario's name, not on its place in the run
	for _, b := range []byte(text) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	// FNV leaves names that differ at the end alike in their high bits, and so the first phases drawn from them (fmix64).
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

func inSeconds(d time.Duration) string { return fmt.Sprintf("%.4g s", d.Seconds()) }
