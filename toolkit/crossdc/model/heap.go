package model

import "time"

// kind is what happens at a data center.
type kind uint8

const (
	tick      kind = iota + 1 // the tick source of a
	attempt                   // exchange a tries to connect, or to get its request through
	arrival                   // the request of exchange a reaches the peer
	handled                   // the receiver of a has worked off one body
	answered                  // the answer of exchange a is back
	expired                   // the timeout of exchange a
	act                       // action number a of the schedule
	lift                      // the end of action number a
	restarted                 // the processes of a are back
)

// event is one thing that will happen. Life guards against what belongs to an earlier life of a process or exchange.
type event struct {
	at   time.Duration
	seq  uint64 // in the order of scheduling, so that equal instants have an order
	life uint32
	a    int32
	kind kind
	side uint8
}

// heap is a binary heap in the order of time, then of scheduling. It allocates only while it grows.
type heap struct {
	events []event
	seq    uint64
}

func (h *heap) before(i, j int) bool {
	a, b := &h.events[i], &h.events[j]
	return a.at < b.at || a.at == b.at && a.seq < b.seq
}

func (h *heap) push(e event) {
	e.seq = h.seq
	h.seq++
	h.events = append(h.events, e)
	for i := len(h.events) - 1; i > 0; {
		parent := (i - 1) / 2
		if !h.before(i, parent) {
			return
		}
		h.events[i], h.events[parent] = h.events[parent], h.events[i]
		i = parent
	}
}

func (h *heap) pop() event {
	first := h.events[0]
	end := len(h.events) - 1
	h.events[0] = h.events[end]
	h.events = h.events[:end]
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < end; child++ {
			if h.before(child, least) {
				least = child
			}
		}
		if least == i {
			return first
		}
		h.events[i], h.events[least] = h.events[least], h.events[i]
		i = least
	}
}
