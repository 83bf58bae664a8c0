package scenario

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
)

// aliveFor is for how many heartbeat intervals the counters of a survivor are watched: its ticks go on whatever its peer does.
const aliveFor = 2

// IsAlive expects that what this data center shows of itself goes on: the toolkit's ticks are counted, and an event goes through
// its application. A job may say that it is healthy while its metrics stand still or its application does nothing.
func (s *Side) IsAlive(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	since := time.Now()
	before := s.ticks(ctx)
	d.watchFor(ctx, aliveFor*d.Timing.Interval+metricRefresh)
	after := s.ticks(ctx)
	for _, indicator := range slices.Sorted(maps.Keys(before)) {
		now, still := after[indicator]
		if !still { // it failed meanwhile; what rests on it says so
			continue
		}
		d.claims(ctx, sight{since: since}).Expect(now).To(BeNumerically(">", before[indicator]),
			"the counters of %s stand still, say the %s: %d ticks of its heartbeat interval before and after %d of them, although %s; its metrics are frozen, or the toolkit in it does nothing",
			s.Name(), indicator, now, aliveFor, s.health(ctx))
	}
	if !d.judges(application.Through) {
		return
	}
	asked := time.Now()
	for _, a := range d.session.Through(ctx) {
		if a.Site == s.Name() {
			d.serves(ctx, a, asked, "after the takeover, although "+s.health(ctx))
		}
	}
}

// ticks is what each source of counters shows of the toolkit's ticks at this data center now.
func (s *Side) ticks(ctx context.Context) map[toolkit.Indicator]int64 {
	status, _ := s.drill.env.Client.Status(ctx) // an error speaks of the other side, which may be gone
	told := map[toolkit.Indicator]int64{}
	for _, site := range status.Sites {
		if site.Name != s.Name() {
			continue
		}
		for _, source := range site.Evidence.Metrics {
			if ticks := source.Counts[toolkit.Ticks]; ticks.Known {
				told[source.Indicator] = ticks.Value
			}
		}
	}
	return told
}

// health is what this data center's job says of itself, for failure texts.
func (s *Side) health(ctx context.Context) string {
	job, running, err := s.Management().JobRunning(ctx)
	switch {
	case err != nil:
		return fmt.Sprintf("its job cannot be asked (%v)", err)
	case job == "":
		return "it lists no job of the application"
	case !running:
		return "its job " + job + " does not say that it runs and is healthy"
	}
	return "its job " + job + " says that it runs and is healthy"
}

// speakAgain expects each indicator that said DOWN since the fault to say UP again, once the toolkit's counters do: a stream, or
// metrics, that stand still since DOWN say nothing any more, and nobody would notice the next failover by them.
func (d *Drill) speakAgain(ctx context.Context) {
	ginkgo.GinkgoHelper()
	since := time.Now()
	limit := d.wall(2*d.Timing.Interval+metricRefresh) + d.settings.CallTimeout
	for _, side := range d.sides() {
		if d.endsItself(side) {
			continue
		}
		frozen := func() []toolkit.Indicator {
			return saysDown(d.board.Remote(side.Name(), side.peer.Name(), d.presentLife(side)))
		}
		if len(frozen()) == 0 {
			continue
		}
		home := sight{since: since, shows: toolkit.PeerUp, sites: []*Side{side}, by: frozen()}
		d.claims(ctx, home).Eventually(ctx, func() []string { return sayNothingNew(frozen()) }).WithTimeout(limit).WithPolling(d.unhurried()).Should(lackNothing(),
			"these indicators of %s still say that %s is DOWN although the others say UP: they stand still since then", side.Name(), side.peer.Name())
	}
}

// presentLife is when what a side says about its peer began to be said by its present life: what it said before it lost its own memory
// is nothing that it would take back, and a stream that begins anew tells only what comes after.
func (d *Drill) presentLife(side *Side) time.Time {
	since := d.t0
	for _, injection := range d.inForce() {
		f := injection.Fault()
		if began := injection.T0.Earliest; f.Forgets && f.Struck == side.Name() && began.After(since) {
			since = began
		}
	}
	return since
}

// sayNothingNew puts the indicators that still say DOWN into words.
func sayNothingNew(frozen []toolkit.Indicator) (missing []string) {
	for _, indicator := range frozen {
		missing = append(missing, string(indicator)+" says nothing newer than DOWN")
	}
	return missing
}

// saysDown are the indicators that tell the toolkit's status and whose latest word is DOWN. Whether an application traces a change
// is its own business, so traces are not among them.
func saysDown(r board.Remote) []toolkit.Indicator {
	var list []toolkit.Indicator
	for indicator, word := range r.Says {
		way, _ := toolkit.WayOf(toolkit.Indicator(indicator))
		if word.Event == board.PeerDown && way.Voice != "" {
			list = append(list, toolkit.Indicator(indicator))
		}
	}
	slices.Sort(list)
	return list
}
