package timeline

import (
	"fmt"
	"slices"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// simultaneous is how far two events of one cause may seem to be in the wrong order, in wall time: a takeover is handed to
// one operator of the application and DOWN to another, and nothing orders these two (toolkit contract 3.4).
const simultaneous = model.Instant(50 * time.Millisecond)

// sequence holds what happened against the order that it must have at each data center: nothing is taken over before the peer
// is declared DOWN, and the peer's events are not served before its state is there. Intervals that may be in order say
// nothing; a proven reversal is a failure, unless we were in trouble ourselves when it was seen.
func (j *judgement) sequence() {
	for _, site := range j.sites() {
		down, declared := j.firstAt(PeerDown, site)
		begun, taken := j.firstAt(TakenOver, site)
		if whole, ok := j.firstAt(TakeoverComplete, site); ok && (!taken || whole.Latest < begun.Latest) {
			begun, taken = whole, true
		}
		if declared && taken {
			j.inOrder(site, "declared its peer DOWN", down, "took over its peer's state", begun)
		}
		whole, ok := j.firstAt(TakeoverComplete, site)
		served, serves := j.firstAt(Served, site)
		// Reads from a database are asynchronous: that the peer's events are served first is what the toolkit's hazard says (Q34).
		// Nor does a takeover that was held up on purpose tell anything of the order.
		if ok && serves && !j.s.Objectives.TakeoverHeldUp && !slices.ContainsFunc(j.s.Hazards, func(h model.Hazard) bool { return h.Quirk == "Q34" }) {
			j.inOrder(site, "had taken over its peer's state", whole, "served its peer's events", served)
		}
	}
}

// firstAt is when an event first happened at a site after the fault, of whatever subject; ok is false where it was not seen or
// its indicators contradict each other, which is reported elsewhere.
func (j *judgement) firstAt(event, site string) (when model.Interval, ok bool) {
	for _, observations := range j.firsts(event, site, j.s.Fault.Injected.Earliest) {
		fused := Fuse(observations...)
		if fused.Contradicted() {
			return model.Interval{}, false
		}
		if at := fused.When(); !ok || before(at, when) {
			when, ok = at, true
		}
	}
	return when, ok
}

func (j *judgement) inOrder(site, first string, a model.Interval, second string, b model.Interval) {
	if b.Latest+simultaneous >= a.Earliest {
		return
	}
	early := float64(a.Earliest-b.Latest) / 1e9 * j.s.Speedup
	text := fmt.Sprintf("%s %s at least %.1f s before it %s", site, second, early, first)
	stretch := model.Interval{Earliest: b.Earliest, Latest: a.Latest}
	if at := slices.IndexFunc(j.s.Observations, func(o model.Observation) bool {
		_, overlaps := o.When.Intersect(stretch)
		return ourTrouble(o.Event) && overlaps
	}); at >= 0 {
		j.without = append(j.without, model.Inconclusive)
		j.reason("%s, which is inconclusive: %s: %s", text, j.s.Observations[at].Event, j.s.Observations[at].Evidence)
		return
	}
	j.without = append(j.without, model.Missed)
	j.reason("wrong order: %s", text)
}
