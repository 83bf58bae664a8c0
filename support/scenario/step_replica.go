package scenario

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/application"
	"github.com/crossdc/failover/support/traffic"
	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
	"github.com/crossdc/failover/toolkit/access"
)

// handed is what a data center's application was handed of its peer's state, by its own traces.
type handed struct {
	newest  map[string]toolkit.Replica // of what was persisted before the takeover began, by name
	during  map[string][]uint64        // rounds of what was persisted after that, before its fragment was handed over, by name
	entries []toolkit.HandedEntry
}

// holds reports whether a fragment may have been handed over as of a round: the newest there was, or one that took its place meanwhile.
func (h *handed) holds(name string, round uint64) bool {
	return h.newest[name].Count == round || slices.Contains(h.during[name], round)
}

// mergesWhatWasReplicated expects every fragment that was taken over to be the newest replica that this data center traced as
// persisted, to hold the fragment's own entries, and to be in the application's state as it was handed over. What was
// processed since is told apart by the ledger, which is given the entries and is closed later.
func (s *Side) mergesWhatWasReplicated(ctx context.Context) {
	ginkgo.GinkgoHelper()
	d := s.drill
	if !d.judges(application.State) {
		return
	}
	claim := "whether what " + s.Name() + " merged is what was replicated to it"
	got, err := s.handed(ctx, d.env.Fragments)
	if err != nil {
		d.notChecked(claim, err)
		return
	}
	for name, round := range s.roundsTaken() {
		newest, known := got.newest[name]
		Expect(known).To(BeTrue(), "fragment %s was handed over, but %s never traced that it had persisted it", name, s.Name())
		Expect(got.holds(name, round)).To(BeTrue(), "fragment %s was handed over as of round %d of its data center; %s had persisted round %d, and meanwhile %v",
			name, round, s.Name(), newest.Count, got.during[name])
	}
	own := map[int32]int{}
	var entries []traffic.Entry
	for _, e := range got.entries {
		Expect(e.Channel).To(Equal(e.Fragment), "fragment %d of %s was handed the state of another: the entry %s/%d", e.Fragment, s.Name(), e.DC, e.Channel)
		if name, ours := d.streams.Own(e.DC); ours && name == s.peer.Name() {
			own[e.Fragment]++
			entries = append(entries, traffic.Entry{DC: name, Channel: int(e.Channel), LastSeq: e.LastSeq, Count: e.FragmentEntry.Count, Sum: e.Sum})
		}
	}
	Expect(own).To(HaveLen(d.env.Fragments), "every fragment must have been handed what %s had processed for it; entries by fragment: %v", s.peer.Name(), own)
	Expect(d.ledger.Given(s.Name(), entries)).To(Succeed())
	asked := time.Now()
	states, err := d.env.Client.FragmentStates(ctx, s.Name())
	for err != nil && d.passes(err, asked) && ctx.Err() == nil {
		d.watchFor(ctx, d.Timing.Interval/10)
		states, err = d.env.Client.FragmentStates(ctx, s.Name())
	}
	if err != nil {
		d.notChecked(claim, err)
		return
	}
	Expect(unmerged(got.entries, states, d.streams.Own)).To(BeEmpty(), "%s was handed entries that its application does not hold", s.Name())
	progress("    %s merged the newest replica of each of %d fragments", s.Name(), d.env.Fragments)
}

// unmerged lists the entries that were handed over and are not in the state, or not whole. The state may have gone on since.
//
// A stream of an earlier scenario in the same environment may have ended at this data center, which then knows events that
// the replica does not, and the other way round: an application rightly keeps the entry that is further on. Of such a stream
// only what is behind the replica is listed. What became of each of its events was judged where it was sent.
func unmerged(entries []toolkit.HandedEntry, states []toolkit.FragmentState, own func(wire string) (name string, ok bool)) []string {
	var list []string
	for _, e := range entries {
		at := slices.IndexFunc(states, func(s toolkit.FragmentState) bool { return s.Channel == e.Fragment })
		if at < 0 {
			list = append(list, fmt.Sprintf("fragment %d does not show its state", e.Fragment))
			continue
		}
		held := toolkit.FragmentEntry{DC: e.DC, Channel: e.Channel}
		for _, entry := range states[at].Entries {
			if entry.DC == e.DC && entry.Channel == e.Channel {
				held = entry
			}
		}
		same := held == e.FragmentEntry
		more := held.LastSeq > e.LastSeq && held.Count > e.FragmentEntry.Count && held.Sum > e.Sum
		_, ours := own(e.DC)
		further := !ours && held.LastSeq > e.LastSeq
		if !same && !more && !further {
			list = append(list, fmt.Sprintf("%s/%d: handed over {lastSeq=%d,count=%d,sum=%d}, held {lastSeq=%d,count=%d,sum=%d}", e.DC, e.Channel,
				e.LastSeq, e.FragmentEntry.Count, e.Sum, held.LastSeq, held.Count, held.Sum))
		}
	}
	return list
}

// roundsTaken is, by fragment, the round of the replica that the application says it merged since the fault.
func (s *Side) roundsTaken() map[string]uint64 {
	taken := map[string]uint64{}
	for _, sighting := range s.drill.board.Since(s.Name(), s.drill.t0) {
		if sighting.Event == board.TakenOver && sighting.Round > 0 {
			taken[sighting.Subject] = sighting.Round
		}
	}
	return taken
}

// handed reads this data center's traces until they show what so many fragments were handed: for one heartbeat interval, because what a PE
// traced is handed on with a delay.
func (s *Side) handed(ctx context.Context, fragments int) (handed, error) {
	ginkgo.GinkgoHelper()
	d := s.drill
	for began := time.Now(); ; d.watchFor(ctx, d.Timing.Interval/10) {
		late := time.Since(began) > d.wall(d.Timing.Interval)
		lines, err := d.tracesOf(ctx, s)
		var down time.Time
		if err == nil && d.late {
			down, err = d.declaredDown(lines)
		}
		if err == nil {
			var got handed
			if got, err = handedOf(lines, s.peer.Name(), fragments, down); err == nil {
				return got, nil
			}
		}
		if late {
			return handed{}, err
		}
	}
}

// passes reports whether an error may well be gone when the same is asked again: a service that refuses for a moment has not said
// that it will not answer. Nobody is asked for longer than three calls may take.
func (d *Drill) passes(err error, since time.Time) bool {
	_, transient := access.Transient(err)
	return transient && time.Since(since) < 3*d.settings.CallTimeout
}

// declaredDown is when a side declared its peer DOWN after this fault, by its own traces.
func (d *Drill) declaredDown(lines []toolkit.TraceLine) (down time.Time, err error) {
	for _, line := range lines {
		if line.Kind() == toolkit.TraceRemoteDown && line.At.After(down) {
			down = line.At
		}
	}
	if down.Before(d.t0.Add(-d.wall(d.Timing.Interval))) { // that of an earlier failover, or the clocks differ
		return down, errors.New("the application does not trace the DOWN of this fault")
	}
	return down, nil
}

// handedOf is what traces tell of the last takeover of a peer's state: what was handed over after the newest replica had been
// persisted. Where replication goes on during the takeover, down is when that began; zero elsewhere.
func handedOf(lines []toolkit.TraceLine, peer string, fragments int, down time.Time) (handed, error) {
	got := handed{newest: map[string]toolkit.Replica{}, during: map[string][]uint64{}}
	var last time.Time
	var later []toolkit.Replica
	for _, replica := range toolkit.Replicas(lines) {
		if !replica.Of(peer) || !replica.Persisted {
			continue
		}
		if !down.IsZero() && replica.At.After(down) {
			later = append(later, replica)
			continue
		}
		got.newest[replica.Name] = replica
		if replica.At.After(last) {
			last = replica.At
		}
	}
	if len(got.newest) == 0 {
		return handed{}, errors.New("no trace tells of a replica that was persisted: tracing at level info is needed")
	}
	entries, ok := toolkit.HandedEntries(lines)
	if !ok {
		return handed{}, errors.New("the application traces what it takes over in a form that is not known")
	}
	when := map[string]time.Time{} // by the name of the replica
	for _, e := range entries {
		if e.From == peer && !e.At.Before(last) {
			got.entries = append(got.entries, e)
			when[fmt.Sprintf("%s-%d", peer, e.Fragment)] = e.At
		}
	}
	if len(when) < fragments {
		return handed{}, fmt.Errorf("the application's traces show what %d of %d fragments were handed", len(when), fragments)
	}
	for _, replica := range later {
		if !replica.At.After(when[replica.Name]) {
			got.during[replica.Name] = append(got.during[replica.Name], replica.Count)
		}
	}
	return got, nil
}

// remembersWhatIsLost keeps, after the takeover, which events are lost with the side that lost its memory, so that one that
// comes back later is recognised.
func (d *Drill) remembersWhatIsLost(ctx context.Context) {
	ginkgo.GinkgoHelper()
	if d.passive || d.injected == nil || !d.injected.Fault().Forgets || !d.judges(application.State) {
		return
	}
	lost := d.survivor().peer
	err := d.ledger.Remember(lost.Name())
	for began := time.Now(); err != nil && time.Since(began) < d.wall(d.Timing.Interval); d.watchFor(ctx, d.Timing.Interval/20) {
		// Events flow while the state is read: the answers and results that explain it may still be on their way.
		if err = d.inspect(ctx); err == nil {
			err = d.ledger.Remember(lost.Name())
		}
	}
	if err != nil {
		d.notChecked("whether what was lost with "+lost.Name()+" stays lost", err)
	}
}
