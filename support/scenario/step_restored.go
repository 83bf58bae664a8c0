package scenario

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/metrics"
)

// delivered is the counter of what the toolkit has handed to the application in the present life of its PE: taken over, returned, or
// asked for.
func (d *Drill) delivered() toolkit.OperatorPort {
	return toolkit.OperatorPort{Operator: d.settings.Application.Invocation + ".RemoteDCDataMerger", Port: metrics.Out(0, "ProcessDataFromRemoteDC")}
}

// isDeliveredOnce expects that a data center which began anew is handed every fragment exactly once, by the toolkit's counter, which
// began anew with it.
func (s *Side) isDeliveredOnce(ctx context.Context, what string) {
	ginkgo.GinkgoHelper()
	d := s.drill
	limit := d.wall(2*d.Timing.Interval+metricRefresh) + d.settings.CallTimeout
	d.await(ctx, fmt.Sprintf("%s was handed %s", s.Name(), what), limit)
	claim := d.claims(ctx, sight{since: d.returning})
	claim.Eventually(ctx, func(ctx context.Context) int64 { return s.submitted(ctx, d.delivered()) }).WithTimeout(limit).WithPolling(d.wall(metricRefresh)).
		Should(BeNumerically(">=", int64(d.env.Fragments)), "%s must be handed %s", s.Name(), what)
	d.Watch(ctx, takeoverAllowance)
	claim.Expect(s.submitted(ctx, d.delivered())).To(Equal(int64(d.env.Fragments)), "%s must be handed %s, each fragment exactly once", s.Name(), what)
}

// handedOf are the entries that this data center's application traced that it was handed of the state of one data center; they show with
// a delay. Each fragment must be among them, with each of its entries once.
func (s *Side) handedOf(ctx context.Context, of string) []toolkit.HandedEntry {
	ginkgo.GinkgoHelper()
	d := s.drill
	var entries []toolkit.HandedEntry
	ended.Doubt().Eventually(ctx, func(ctx context.Context) error {
		lines, err := d.tracesOf(ctx, s)
		if err != nil {
			return err
		}
		all, ok := toolkit.HandedEntries(lines)
		if !ok {
			return fmt.Errorf("the application of %s traces what it is handed in a form that is not known", s.Name())
		}
		entries = slices.DeleteFunc(all, func(e toolkit.HandedEntry) bool { return e.From != of })
		fragments := map[int32]bool{}
		for _, e := range entries {
			fragments[e.Fragment] = true
		}
		if len(fragments) < d.env.Fragments {
			return fmt.Errorf("the traces of %s show %d of %d fragments of %s", s.Name(), len(fragments), d.env.Fragments, of)
		}
		return nil
	}).WithTimeout(d.wall(2*d.Timing.Interval) + d.settings.CallTimeout).WithPolling(d.unhurried()).Should(Succeed())
	seen := map[string]int{}
	for _, e := range entries {
		key := fmt.Sprintf("fragment %d, %s/%d", e.Fragment, e.DC, e.Channel)
		seen[key]++
		Expect(seen[key]).To(Equal(1), "%s was handed %s of %s more than once", s.Name(), key, of)
	}
	return entries
}

// ours are entries of the streams of this scenario, as the ledger takes them.
func (d *Drill) ours(entries []toolkit.HandedEntry) []traffic.Entry {
	var list []traffic.Entry
	for _, e := range entries {
		if name, ours := d.streams.Own(e.DC); ours {
			list = append(list, traffic.Entry{DC: name, Channel: int(e.Channel), LastSeq: e.LastSeq, Count: e.FragmentEntry.Count, Sum: e.Sum})
		}
	}
	return list
}

// HasItsReplicasReturned expects that each data center, after both have lost their memory, was given every fragment of its own state
// back by its peer, exactly once, and nothing of another's (HP7, RW2, S28). What is in the states then is the ledger's to judge.
func (d *Drill) HasItsReplicasReturned(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	for _, side := range d.sides() {
		side.isDeliveredOnce(ctx, "the replicas of its own state that its peer kept")
		Expect(d.ledger.Returned(side.Name(), d.ours(side.handedOf(ctx, side.Name())))).To(Succeed())
		progress("    %s has each of %d fragments of its own back", side.Name(), d.env.Fragments)
	}
	d.store()
}

// BothReturnAndAsk starts both sides again, waits until they hold each other UP, and asks each for what it has stored before its peer
// can overwrite it: each must then hand over every replica of its peer, exactly once, and replicate again (HP9, SF, S30).
func (d *Drill) BothReturnAndAsk(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	d.bothStart(ctx, 0)
	for _, side := range d.sides() {
		ended.Doubt().Expect(d.snapshotsAt(ctx, side)).To(BeZero(), "%s was sent new replicas before it could be asked for the old ones", side.Name())
		ended.Doubt().Expect(side.Management().SpecialMessage(ctx, crossdc.SendStoredText)).To(Succeed(), "%s must be asked for its replicas", side.Name())
	}
	for _, side := range d.sides() {
		side.isDeliveredOnce(ctx, "the replicas that it had kept of "+side.peer.Name())
		side.handedOf(ctx, side.peer.Name())
		progress("    %s has handed over each of %d fragments of %s", side.Name(), d.env.Fragments, side.peer.Name())
	}
	d.returnsToNormal(ctx, toolkit.Status{Sites: [2]toolkit.SiteStatus{}})
}

// ReturnsWithOldReplicas lets the lost side come home while it is set to send what it has stored back to where it came from. Its peer
// never restarted, so that whatever arrives there is older than what it has: a hazard of toolkit 1.x (Q23), which is reported
// with how many entries of its live state fell back. Nothing else may be handed to it, and nothing twice.
func (d *Drill) ReturnsWithOldReplicas(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	before, err := d.env.Client.FragmentStates(ctx, survivor.Name())
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "the state of %s must be known before its peer comes home", survivor.Name())
	d.ReturnsAfterRestart(ctx)
	d.Watch(ctx, d.DetectionIntervals()+1)
	survivor.looksUntilNow(ctx, "whether "+survivor.Name()+" was handed anything", toolkit.FragmentTakenOver, 1)
	after, err := d.env.Client.FragmentStates(ctx, survivor.Name())
	ended.Doubt().Expect(err).NotTo(HaveOccurred(), "the state of %s must be known after its peer came home", survivor.Name())
	returned := map[string]int{}
	for _, s := range d.board.Since(survivor.Name(), d.returning) {
		if s.Event != board.TakenOver || s.Indicator != string(toolkit.TakeoverStream) {
			continue
		}
		returned[s.Subject]++
		Expect(strings.HasPrefix(s.Subject, survivor.Name()+"-")).To(BeTrue(), "after the return %s was handed fragment %s (%s): only its own can have been returned to it",
			survivor.Name(), s.Subject, s.Evidence)
		Expect(returned[s.Subject]).To(Equal(1), "fragment %s was returned to %s more than once", s.Subject, survivor.Name())
	}
	if len(returned) == 0 {
		progress("    nothing was returned to %s, which had lost nothing", survivor.Name())
		return
	}
	d.hazard("Q23", fmt.Sprintf("%s, which had lost nothing, was sent %d old fragments of its own; %d entries of its live state fell back", survivor.Name(),
		len(returned), fellBack(before, after)))
}

// fellBack counts the entries of a state that know less than they did.
func fellBack(before, after []toolkit.FragmentState) int {
	type key struct {
		fragment int32
		dc       string
		channel  int32
	}
	now := map[key]toolkit.FragmentEntry{}
	for _, state := range after {
		for _, e := range state.Entries {
			now[key{state.Channel, e.DC, e.Channel}] = e
		}
	}
	n := 0
	for _, state := range before {
		for _, was := range state.Entries {
			if is := now[key{state.Channel, was.DC, was.Channel}]; is.LastSeq < was.LastSeq || is.Count < was.Count {
				n++
			}
		}
	}
	return n
}
