package explore

import (
	"cmp"
	"slices"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/crossdc/model"
)

// history is what happened in one run of a case, in the order in which it happened.
type history struct {
	c      *Case
	setup  model.Setup
	timing [2]crossdc.Timing
	until  time.Duration
	seen   []model.Observation       // without heartbeats
	index  [2]map[model.Seen][]int32 // where the same are, by side and kind
	heard  [2]time.Duration          // when each side last heard a body on its heartbeat port
	full   [2][]time.Duration        // when each side's heartbeat queue was full
	gaps   [2][]gap                  // of each DOWN
	holds  [2]bool                   // at the end
	serves [2]bool                   // at the end
	left   [2]int                    // replicas at the end
}

// gap is how long a side had heard nothing when it declared DOWN.
type gap struct{ at, silent time.Duration }

// run runs a case.
func run(c *Case) (*history, error) {
	h := &history{c: c, setup: c.Setup(), until: c.Until()}
	for i := range h.timing {
		h.timing[i] = h.setup.Centers[i].Config.Timing()
	}
	h.seen, h.index = make([]model.Observation, 0, usual), [2]map[model.Seen][]int32{{}, {}}
	w, err := model.New(h.setup, c.Schedule, func(o model.Observation) {
		switch o.What {
		case model.Sent:
		case model.Overflowed:
			h.full[o.Side] = append(h.full[o.Side], o.At)
		case model.Heard:
			h.heard[o.Side] = o.At
		default:
			if o.What == model.Down {
				h.gaps[o.Side] = append(h.gaps[o.Side], gap{o.At, o.At - h.heard[o.Side]})
			}
			h.index[o.Side][o.What] = append(h.index[o.Side][o.What], int32(len(h.seen)))
			h.seen = append(h.seen, o)
		}
	})
	if err != nil {
		return nil, err
	}
	w.Run(h.until)
	h.holds, h.serves, h.left = w.Holds(), w.Serving(), w.Replicas()
	return h, nil
}

// usual is how many observations most cases come to; some come to a hundred times as many.
const usual = 256

// of is where the observations of one kind at one side in [from, to) are.
func (h *history) of(side int, what model.Seen, from, to time.Duration) []int32 {
	all := h.index[side][what]
	before := func(n int32, at time.Duration) int { return cmp.Compare(h.seen[n].At, at) }
	i, _ := slices.BinarySearchFunc(all, from, before)
	j, _ := slices.BinarySearchFunc(all, to, before)
	return all[i:max(i, j)]
}

// each visits the observations of one kind at one side from an instant on, until visit returns false.
func (h *history) each(side int, what model.Seen, from time.Duration, visit func(o model.Observation) bool) {
	for _, n := range h.of(side, what, from, h.until) {
		if !visit(h.seen[n]) {
			return
		}
	}
}

// first is the first observation of a kind at a side in [from, to).
func (h *history) first(side int, what model.Seen, from, to time.Duration) (found model.Observation, ok bool) {
	if all := h.of(side, what, from, to); len(all) > 0 {
		return h.seen[all[0]], true
	}
	return model.Observation{}, false
}

// last is the last observation of a kind at a side before an instant.
func (h *history) last(side int, what model.Seen, before time.Duration) (found model.Observation, ok bool) {
	if all := h.of(side, what, 0, before); len(all) > 0 {
		return h.seen[all[len(all)-1]], true
	}
	return model.Observation{}, false
}

// count is how many observations of a kind there are at a side in [from, to).
func (h *history) count(side int, what model.Seen, from, to time.Duration) int {
	return len(h.of(side, what, from, to))
}

// lived says whether the processes of a side lived and were not stopped for all of [from, to].
func (h *history) lived(side int, from, to time.Duration) bool {
	began, ok := h.last(side, model.Began, from+1)
	if !ok {
		return false
	}
	if _, ended := h.first(side, model.Ended, began.At, to+1); ended {
		return false
	}
	for _, a := range h.c.Schedule {
		if a.What == model.Hang && a.Target == side && a.At <= to && a.At+a.For >= from {
			return false
		}
	}
	return true
}

// began is when the present life of a side began, at an instant.
func (h *history) began(side int, at time.Duration) time.Duration {
	o, _ := h.last(side, model.Began, at+1)
	return o.At
}

// acted says whether an action of one of the kinds concerned a side, side -1 for any, in [from, to]. An action without an end
// of its own is over at once.
func (h *history) acted(side int, from, to time.Duration, kinds ...model.What) bool {
	return slices.ContainsFunc(h.c.Schedule, func(a model.Action) bool {
		return (side < 0 || a.Target == side) && slices.Contains(kinds, a.What) && a.At <= to && a.At+max(a.For, 0) >= from
	})
}

// quiet is from when on nothing was done any more.
func (h *history) quiet() time.Duration { return h.until - settle }

// certain is how long a gap in a peer's heartbeats can last at a side before DOWN, with all that may come on top: what waits
// in the sender's queue, and the start-up delay of the side.
func (h *history) certain(side int) time.Duration {
	t, peer := h.timing[side], h.timing[1-side]
	return t.CertainGap() + t.InitDelay + t.Interval + peer.ConnectTimeout + peer.ReadTimeout
}

// trait says whether the case has a deviation for a side (or for both).
func (h *history) trait(side int, name string) bool {
	return slices.ContainsFunc(h.c.Traits, func(t Trait) bool { return t.Name == name && (t.Target < 0 || side < 0 || t.Target == side) })
}
