package crossdc

import (
	"math/rand/v2"
	"time"
)

// world is two data centers in virtual time: a deterministic queue of events drives two Sides over a link that either
// delivers a heartbeat after delay or refuses it at once.
type world struct {
	cfg     Config
	delay   time.Duration
	refused func(from int, at time.Duration) bool
	stop    [2]time.Duration // when a data center crashes

	sides   [2]Side
	down    [2]time.Duration // last DOWN, or -1
	ups     [2]int
	last    time.Duration // last heartbeat sent by anybody
	arrived int
	queue   queue
	out     []Action
	body    []byte
}

const never = time.Duration(1<<63 - 1)

// reset starts two connected sides whose first ticks come at phase. It reuses everything that was allocated before.
func (w *world) reset(order TickOrder, phase [2]time.Duration) {
	w.queue.events, w.queue.seq = w.queue.events[:0], 0
	w.last, w.arrived = 0, 0
	for i := range w.sides {
		w.sides[i] = NewSide(order, Fused, Options{})
		w.sides[i], w.out = w.sides[i].Step(&w.cfg, Event{Kind: HeartbeatBody, Body: w.heartbeat(Message{Type: Heartbeat})}, 0, w.out[:0])
		w.down[i], w.ups[i], w.stop[i] = -1, 0, never
		w.queue.push(happening{at: phase[i], to: i})
	}
}

func (w *world) heartbeat(m Message) []byte {
	w.body = Append(w.body[:0], LittleEndian, &m)
	return w.body
}

// run lets everything happen that is due before until.
func (w *world) run(until time.Duration) {
	interval := seconds(w.cfg.HeartbeatInterval)
	for len(w.queue.events) > 0 && w.queue.events[0].at < until {
		h := w.queue.pop()
		if h.at >= w.stop[h.to] {
			continue
		}
		ev := Event{Kind: Tick}
		if h.arrival {
			ev = Event{Kind: HeartbeatBody, Body: w.heartbeat(h.message)}
			w.arrived++
		} else {
			w.queue.push(happening{at: h.at + interval, to: h.to})
		}
		w.sides[h.to], w.out = w.sides[h.to].Step(&w.cfg, ev, h.at, w.out[:0])
		for i := range w.out {
			w.carryOut(h.to, h.at, &w.out[i])
		}
	}
}

func (w *world) carryOut(side int, now time.Duration, a *Action) {
	switch a.Kind {
	case SendHeartbeat:
		w.last = now
		if w.refused == nil || !w.refused(side, now) {
			w.queue.push(happening{at: now + w.delay, to: 1 - side, arrival: true, message: a.Message})
		}
	case EmitStatus:
		if a.Up {
			w.ups[side]++
		} else {
			w.down[side] = now
		}
	}
}

// happening is a tick of a side, or the arrival of a heartbeat there.
type happening struct {
	at      time.Duration
	seq     uint64
	to      int
	arrival bool
	message Message
}

// queue is a binary heap in the order of time, then of insertion.
type queue struct {
	events []happening
	seq    uint64
}

func (q *queue) before(i, j int) bool {
	a, b := &q.events[i], &q.events[j]
	return a.at < b.at || a.at == b.at && a.seq < b.seq
}

func (q *queue) push(h happening) {
	h.seq = q.seq
	q.seq++
	q.events = append(q.events, h)
	for i := len(q.events) - 1; i > 0; {
		parent := (i - 1) / 2
		if !q.before(i, parent) {
			return
		}
		q.events[i], q.events[parent] = q.events[parent], q.events[i]
		i = parent
	}
}

func (q *queue) pop() happening {
	first := q.events[0]
	end := len(q.events) - 1
	q.events[0] = q.events[end]
	q.events = q.events[:end]
	for i := 0; ; {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < end; child++ {
			if q.before(child, least) {
				least = child
			}
		}
		if least == i {
			return first
		}
		q.events[i], q.events[least] = q.events[least], q.events[i]
		i = least
	}
}

// phases draws the two independent phases of the tick sources.
func phases(r *rand.Rand, interval time.Duration) [2]time.Duration {
	return [2]time.Duration{draw(r, interval), draw(r, interval)}
}

func draw(r *rand.Rand, below time.Duration) time.Duration {
	return time.Duration(r.Int64N(int64(below)))
}
