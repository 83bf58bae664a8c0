package scenario

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/toolkit"
)

// Stored returns what scenarios need in which dc2 keeps the replicas of its peer in a database: an embedded environment of their own,
// with a private PostgreSQL server. Without PostgreSQL on this machine they are skipped, and so they are elsewhere: where a
// remote data center keeps its replicas is its operators' business.
func (s *Suite) Stored() Given { return s.stored(nil) }

// StoredAdditive is Stored for an application that adds up what it is handed, so that a replica that comes late, after events of its
// stream, is no less worth.
func (s *Suite) StoredAdditive() Given {
	return s.stored(func(settings *config.Config) { settings.Application.Merge = mergesAdditively })
}

// mergesAdditively is the merge policy of an application whose state sums up.
const mergesAdditively = "additive"

func (s *Suite) stored(change func(*config.Config)) Given {
	given := s.Given()
	if !given.Config.Kind().Emulated {
		given.unfit = "the scenario breaks the database of a data center, which it starts beside an emulated one only"
		return given
	}
	return s.withOwn(given, change, environment.Options{Database: "dc2"})
}

// rowsOf are the replicas of its peer that this data center's database holds.
func (s *Side) rowsOf(ctx context.Context) ([]string, error) {
	rows, err := s.Rows(ctx)
	return slices.DeleteFunc(rows, func(name string) bool { return !strings.HasPrefix(name, s.peer.Name()+"-") }), err
}

// KeepsReplicasInItsDatabase expects the database to hold a replica of every fragment of the peer, each once, and no folder to be used.
func (s *Side) KeepsReplicasInItsDatabase(ctx context.Context) {
	ginkgo.GinkgoHelper()
	rows, err := s.rowsOf(ctx)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "the database of %s must be asked", s.Name())
	Expect(rows).To(HaveLen(s.drill.env.Fragments), "%s must keep one row for each fragment of its peer", s.Name())
	progress("    the database of %s holds %s", s.Name(), strings.Join(rows, ", "))
}

// KeepsWaiting watches for a snapshot period while the database answers no statement: replicas are received, none is said to be stored,
// and none is said to have failed, because nothing has.
func (s *Side) KeepsWaiting(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	since := d.injected.T0.Latest
	stretch := period + 2*d.Timing.Interval
	d.await(ctx, "a round of snapshots waits for the database", d.wall(stretch))
	d.watchFor(ctx, stretch)
	told, err := s.storesSince(ctx, since)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "what becomes of replicas is known from the traces of %s only", s.Name())
	text := fmt.Sprintf("%s received %d replicas and traced %d as stored, %d as not stored while its database answered nothing", s.Name(), told.received, told.persisted, told.failed)
	progress("    %s", text)
	d.claims(ctx, sight{since: since}).Expect(told.received).To(BeNumerically(">=", d.env.Fragments), "a round must have been received: %s", text)
	Expect(told.persisted).To(BeZero(), "nothing can have been stored: %s", text)
	Expect(told.failed).To(BeZero(), "nothing has failed, it waits: %s", text)
	d.observe(model.Observation{Site: s.Name(), Indicator: string(toolkit.TraceLines), Event: "replicas wait", When: d.interval(since, time.Now()), Evidence: text})
	d.store()
}

// HandsNothingOver expects, for one heartbeat interval, that no replica is handed over by a storage that cannot be asked. How long the takeover
// takes then is held against nothing, because the scenario holds it up.
func (s *Side) HandsNothingOver(ctx context.Context) {
	ginkgo.GinkgoHelper()
	s.drill.scenario.Objectives.TakeoverHeldUp = true
	s.drill.Watch(ctx, takeoverAllowance)
	s.TakesOverNothing(ctx)
}

// HandsOverOnceItAnswers lets the database answer again and expects every replica to be handed over then, each fragment once. That the
// application has gone on without them meanwhile is a hazard of toolkit 1.x (Q34), which is reported.
func (s *Side) HandsOverOnceItAnswers(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	d.EndsBeside(ctx)
	s.TakesOverEveryReplica(ctx)
	d.hazard("Q34", fmt.Sprintf("%s declared %s DOWN, and its application went on without the state that its database kept waiting for %s", s.Name(), s.peer.Name(),
		inSeconds(d.toolkit(time.Since(d.besides[0].T0.Latest)))))
}

// KeepsItsRows brings the database back and expects it to hold every replica that could not be read at DOWN. Toolkit 1.x has forgotten
// their names by then and hands none of them over (Q34); one that does, must hand over each once.
func (s *Side) KeepsItsRows(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	lost := time.Now()
	d.EndsBeside(ctx)
	limit := d.wall(databaseCheck+d.Timing.Interval) + d.settings.CallTimeout
	d.await(ctx, s.Name()+" has its database back", limit)
	d.claims(ctx, sight{since: lost}).Eventually(ctx, func(ctx context.Context) (back int, err error) {
		lines, err := d.tracesOf(ctx, s)
		for _, line := range lines {
			if line.Kind() == toolkit.TraceDatabaseBack && line.At.After(lost) {
				back++
			}
		}
		return back, err
	}).WithTimeout(limit).WithPolling(d.unhurried()).Should(BeNumerically(">=", databaseOperators), "each operator of %s that needs the database must connect again within 5 s", s.Name())
	d.Watch(ctx, takeoverAllowance)
	if taken := s.Takeover(); taken.Counted > 0 || len(taken.Fragments) > 0 {
		s.TakesOverEveryReplica(ctx)
		return
	}
	s.KeepsReplicasInItsDatabase(ctx)
}

// databaseCheck is how often the toolkit's operators look at their connection, toolkit time; databaseOperators is how many there are
// (toolkit contract 3.2, 5.5).
const (
	databaseCheck     = 5 * time.Second
	databaseOperators = 4
)

// LosesWhatItsDatabaseHeld closes the ledger after a takeover for which the database could not be asked: what the lost side had
// acknowledged is in no state, although it is in the table (Q34). The survivor keeps everything of its own.
func (s *Side) LosesWhatItsDatabaseHeld(ctx context.Context) {
	ginkgo.GinkgoHelper()
	s.losesItsReplicas(ctx, "Q34", "in the table, and in no state")
}

// losesItsReplicas closes the ledger after a takeover of which a known hazard took something: the loss is reported, and held against
// nothing. The survivor keeps everything of its own.
func (s *Side) losesItsReplicas(ctx context.Context, quirk, where string) {
	ginkgo.GinkgoHelper()
	d := s.drill
	d.knownToLose(quirk)
	account := d.settle(ctx)
	explained(account)
	Expect(account.LostOf[s.Name()]).To(BeZero(), "%s must keep every event of its own", s.Name())
	d.assertLedger(account)
	if account.Loss.LatestEvents == 0 {
		progress("    nothing was lost")
		return
	}
	d.hazard(quirk, fmt.Sprintf("%d to %d of %d events that %s had acknowledged are %s", account.Loss.EarliestEvents, account.Loss.LatestEvents, account.Loss.Of, s.peer.Name(), where))
}
