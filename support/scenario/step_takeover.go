package scenario

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
)

// takeoverAllowance is how long, after DOWN, the fragments may take to reach the application, in heartbeat intervals.
const takeoverAllowance = 1

// Takeover is what one data center's application was given of the other's state since the fault.
type Takeover struct {
	Site      string
	Fragments map[string]int // fragment -> how often, as the application's takeover stream says
	Counted   int            // as the toolkit's own counter says
	seen      []board.Sighting
}

// String lists fragments and sightings.
func (t Takeover) String() string {
	text := fmt.Sprintf("%s was given %d fragments %v; the toolkit's counter says %d", t.Site, len(t.Fragments), t.Fragments, t.Counted)
	for _, s := range t.seen {
		text += fmt.Sprintf("\n  %s: %s %s (%s)", s.Indicator, s.Event, s.Subject, s.Evidence)
	}
	return text
}

// Takeover returns what this data center took over since the fault.
func (s *Side) Takeover() Takeover {
	t := Takeover{Site: s.Name(), Fragments: map[string]int{}}
	for _, sighting := range s.drill.board.Since(s.Name(), s.drill.t0) {
		if sighting.Event != board.TakenOver {
			continue
		}
		t.seen = append(t.seen, sighting)
		switch sighting.Indicator {
		case string(toolkit.TakeoverStream):
			t.Fragments[sighting.Subject]++
		case string(toolkit.OperatorMetrics):
			t.Counted += max(sighting.Count, 1)
		}
	}
	return t
}

// TakesOverEveryReplica expects the survivor's application to be given every fragment that was replicated, each exactly
// once, no later than one heartbeat interval after DOWN.
func (s *Side) TakesOverEveryReplica(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	limit := d.wall(takeoverAllowance * d.Timing.Interval)
	d.await(ctx, s.Name()+" has taken over every fragment", limit)
	byName, byCount := s.showsTakeovers("whether " + s.Name() + " took over every fragment")
	var by []toolkit.Indicator
	if byName {
		by = append(by, toolkit.TakeoverStream)
	}
	if byCount {
		by = append(by, toolkit.OperatorMetrics)
	}
	d.claims(ctx, sight{since: d.t0, shows: toolkit.FragmentTakenOver, sites: []*Side{s}, by: by}).Eventually(ctx, s.Takeover).WithTimeout(limit).WithPolling(time.Millisecond).Should(Satisfy(func(t Takeover) bool {
		return (!byName || len(t.Fragments) == d.env.Fragments) && (!byCount || t.Counted >= d.env.Fragments)
	}), func() string {
		return fmt.Sprintf("expected %d fragments, each seen by the application and by the toolkit's counter; %v", d.env.Fragments, s.Takeover())
	})
	s.tookOverOnce()
	s.mergesWhatWasReplicated(ctx)
}

// showsTakeovers reports which of the two indicators that are counted here can show a takeover: the application's stream,
// which names the fragments, and the toolkit's counter. Where neither can, the claim is not checked.
func (s *Side) showsTakeovers(claim string) (byName, byCount bool) {
	ginkgo.GinkgoHelper()
	stream, counter := s.drill.blind(toolkit.TakeoverStream), s.drill.blind(toolkit.OperatorMetrics)
	if stream != "" && counter != "" {
		s.drill.notChecked(claim, errors.New(stream+", and "+counter))
	}
	return stream == "", counter == ""
}

// tookOverOnce expects that no fragment came twice, neither to the application nor by the toolkit's counter.
func (s *Side) tookOverOnce() {
	ginkgo.GinkgoHelper()
	taken := s.Takeover()
	for fragment, times := range taken.Fragments {
		Expect(times).To(Equal(1), "fragment %s was handed over more than once; %v", fragment, taken)
	}
	Expect(taken.Counted).To(BeNumerically("<=", s.drill.env.Fragments), "the toolkit delivered more fragments than there are; %v", taken)
}

// TakesOverNothing expects that the application was given no replica since the fault.
func (s *Side) TakesOverNothing(ctx context.Context) {
	ginkgo.GinkgoHelper()
	claim := "whether " + s.Name() + " took over nothing"
	if stream, counter := s.showsTakeovers(claim); stream || counter {
		s.looksUntilNow(ctx, claim, toolkit.FragmentTakenOver, 1)
	}
	taken := s.Takeover()
	Expect(taken.Fragments).To(BeEmpty(), "nothing should have been taken over; %v", taken)
	Expect(taken.Counted).To(BeZero(), "nothing should have been taken over; %v", taken)
}

// TakesOverEveryReplica is Side.TakesOverEveryReplica of the survivor.
func (d *Drill) TakesOverEveryReplica(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	d.survivor().TakesOverEveryReplica(ctx)
}

// NothingChanges expects that since the fault no indicator has seen a change of status, a takeover or a restart at any
// of the given sides (both when none is given).
func (d *Drill) NothingChanges(ctx context.Context, sides ...*Side) {
	ginkgo.GinkgoHelper()
	if len(sides) == 0 {
		sides = []*Side{d.DC1, d.DC2}
	}
	for _, s := range sides {
		s.KeepsItsMind(ctx)
		s.TakesOverNothing(ctx)
		s.KeepsRunning(ctx)
	}
}

// KeepsItsMind expects that this data center has not changed what it holds of its peer since the fault.
func (s *Side) KeepsItsMind(ctx context.Context) {
	ginkgo.GinkgoHelper()
	claim := "whether " + s.Name() + " changed its mind about its peer"
	if s.drill.env.StatusIndicators == 0 {
		s.drill.notChecked(claim, errors.New("no indicator shows the toolkit's status here"))
	} else {
		s.looksUntilNow(ctx, claim, toolkit.PeerDown, s.drill.required())
	}
	s.drill.claims(ctx, sight{since: s.drill.t0}).Expect(s.RemoteStatus()).To(BeUnchanged())
}

// KeepsRunning expects that none of this data center's PEs was restarted and that its job never went away.
func (s *Side) KeepsRunning(ctx context.Context) {
	ginkgo.GinkgoHelper()
	claim := "whether the job of " + s.Name() + " was left alone"
	if why := s.drill.blind(toolkit.JobHealth); why != "" {
		s.drill.notChecked(claim, errors.New(why))
	} else {
		s.looksUntilNow(ctx, claim, toolkit.JobGone, 1)
	}
	bad := []string{string(toolkit.PERestarted), string(toolkit.PEStopped), string(toolkit.JobGone), string(toolkit.JobUnhealthy)}
	for _, sighting := range s.drill.board.Since(s.Name(), s.drill.t0) {
		Expect(slices.Contains(bad, sighting.Event)).To(BeFalse(), "%s should have been left alone, but %s saw: %s %s (%s)",
			s.Name(), sighting.Indicator, sighting.Event, sighting.Subject, sighting.Evidence)
	}
}
