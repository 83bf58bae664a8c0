package scenario

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/toolkit"
)

// stores is what a data center traced of the replicas that it was sent.
type stores struct {
	received  int
	persisted int
	named     map[string]bool // replicas that were persisted, by name
	failed    int
	failure   string // one of the error traces
}

// storesSince reads the traces of a data center from an instant on.
func (s *Side) storesSince(ctx context.Context, since time.Time) (stores, error) {
	lines, err := s.drill.tracesOf(ctx, s)
	told := stores{named: map[string]bool{}}
	var later []toolkit.TraceLine
	for _, line := range lines {
		if !line.At.After(since) {
			continue
		}
		later = append(later, line)
		switch line.Kind() {
		case toolkit.TraceSnapshot:
			told.received++
		case toolkit.TracePersisted:
			told.persisted++
		case toolkit.TracePersistFailed:
			told.failed++
			told.failure = line.Text
		default:
		}
	}
	for _, replica := range toolkit.Replicas(later) {
		if replica.Persisted && replica.Of(s.peer.Name()) {
			told.named[replica.Name] = true
		}
	}
	return told, err
}

// StoresNothing watches for a snapshot period while this data center cannot store replicas, and expects it to trace an error for every
// fragment of a round, and not to say of a single one that it has stored it: who says so has nothing to hand over.
func (s *Side) StoresNothing(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	since := d.injected.T0.Latest
	stretch := period + 2*d.Timing.Interval
	d.await(ctx, "a round of snapshots has come to nothing", d.wall(stretch))
	d.watchFor(ctx, stretch)
	told, err := s.storesSince(ctx, since)
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "what becomes of replicas is known from the traces of %s only", s.Name())
	text := fmt.Sprintf("%s traced %d replicas as not stored and %d as stored since its storage failed: %s", s.Name(), told.failed, told.persisted, told.failure)
	progress("    %s", text)
	Expect(told.persisted).To(BeZero(), "nothing can have been stored: %s", text)
	d.claims(ctx, sight{since: since}).Expect(told.failed).To(BeNumerically(">=", d.env.Fragments), "each fragment of a round must be traced as an error: %s", text)
	d.observe(model.Observation{Site: s.Name(), Indicator: string(toolkit.TraceLines), Event: "stores nothing", When: d.interval(since, time.Now()), Evidence: text})
	d.store()
}

// StoresAgain heals the storage and expects every fragment to be stored by the end of the second round of snapshots.
func (s *Side) StoresAgain(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	period, err := d.Timing.SnapshotPeriod()
	Expect(err).NotTo(HaveOccurred())
	d.Heal(ctx)
	since := d.injected.T0.Latest
	if healing, healed := d.injected.Healing(); healed {
		since = healing.Span.Latest
	}
	limit := d.wall(2*period+2*d.Timing.Interval) + d.settings.CallTimeout
	d.await(ctx, s.Name()+" has stored every fragment again", limit)
	d.claims(ctx, sight{since: since}).Eventually(ctx, func(ctx context.Context) []string {
		told, err := s.storesSince(ctx, since)
		if err != nil {
			return []string{err.Error()}
		}
		if len(told.named) < d.env.Fragments {
			return []string{fmt.Sprintf("%s has stored %d of %d fragments since; not stored: %d %s", s.Name(), len(told.named), d.env.Fragments, told.failed, told.failure)}
		}
		return nil
	}).WithTimeout(limit).WithPolling(d.unhurried()).Should(lackNothing(), "expected every fragment to be stored again once the storage of %s is back", s.Name())
	progress("    %s has stored every fragment again %s after its storage was back", s.Name(), inSeconds(d.toolkit(time.Since(since))))
	d.store()
}
