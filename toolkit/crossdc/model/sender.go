package model

import (
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
)

// phase is what an exchange waits for.
type phase uint8

const (
	connecting phase = iota
	requesting       // the request is on its way, or has to be sent again
	awaiting         // the request arrived, the answer has not
)

// outcome is what an exchange ends with.
type outcome uint8

const (
	accepted outcome = iota
	rejected         // refused, or reset by a peer that died
)

// sender is one worker of HttpBlobSender with the queue of its port (toolkit contract 4.5). The workers of a port share its route.
type sender struct {
	index int32
	port  int // 0: heartbeats
	queue ring[crossdc.Message]

	busy    bool
	message crossdc.Message
	walk    crossdc.Walk
	machine int // the machine tried now

	life     uint32 // of the attempt; what belongs to an earlier one is ignored
	phase    phase
	tries    int
	since    time.Duration // when the phase began
	deadline time.Duration
	timer    bool // an event for some deadline is pending
	resent   int  // how often the request was sent again because its connection ended without an answer
	result   outcome

	reusable time.Duration // until when the connection may be used again
	reuses   int           // which machine it leads to
	peerLife uint32        // of the processes it leads to
}

// clear forgets everything in memory.
func (s *sender) clear() {
	*s = sender{index: s.index, port: s.port, life: s.life + 1, timer: s.timer, queue: s.queue.emptied()}
}

// sendHeartbeat queues a heartbeat; where the queue is full the tick source waits for a place.
func (c *center) sendHeartbeat(m crossdc.Message) {
	s := &c.senders[0]
	if s.busy && s.queue.len() >= crossdc.SenderQueue {
		c.waiting, c.pending = true, m
		c.w.note(Observation{Side: c.id, What: Overflowed})
		return
	}
	c.send(s, m)
}

// sendOther queues an announcement or a returned replica. Beyond the queue it is dropped: the real operator would block.
func (c *center) sendOther(m crossdc.Message) {
	channel := c.others % len(c.routes[1:])
	c.others++
	c.send(&c.senders[2+2*channel], m)
}

// sendSnapshot queues a fragment's snapshot on a channel.
func (c *center) sendSnapshot(m crossdc.Message, channel int) {
	c.send(&c.senders[1+2*channel], m)
}

func (c *center) send(s *sender, m crossdc.Message) {
	if s.busy {
		if s.queue.len() < crossdc.SenderQueue {
			s.queue.push(m)
		}
		return
	}
	s.busy, s.message, s.walk = true, m, crossdc.Walk{}
	c.next(s)
}

// next tries the machine whose turn it is, or ends the message when the list is through.
func (c *center) next(s *sender) {
	machine, ok := s.walk.Next(c.routes[s.port], len(c.targets), c.cfg.SendToAllRemoteMachines)
	if !ok {
		c.done(s)
		return
	}
	s.machine, s.resent = machine, 0
	c.exchange(s)
}

// exchange begins one POST, over the connection that is there or over a new one.
func (c *center) exchange(s *sender) {
	s.life++
	target := c.targets[s.machine]
	if target >= 0 && s.reuses == s.machine && s.reusable > c.w.now && c.w.sides[target].life == s.peerLife {
		c.request(s, c.w.now)
		return
	}
	s.phase, s.tries, s.since = connecting, 0, c.w.now
	timeout := time.Duration(c.cfg.HTTPConnectionTimeout) * time.Second
	if timeout == 0 {
		timeout = osConnect
	}
	c.expireAt(s, c.w.now+timeout)
	c.connect(s)
}

func (c *center) connect(s *sender) {
	w, target := c.w, c.targets[s.machine]
	if target == nobody {
		c.fail(s, w.now)
		return
	}
	roundTrip := w.delay(c.id) + w.delay(1-c.id)
	state := dropped
	if target >= 0 && !w.sides[target].off {
		state = open
		if target != c.id {
			state = w.state(c.id, s.port)
		}
	}
	switch {
	case state == dropped, w.lost(2):
		c.again(s, firstConnect)
	case state == refused, target >= 0 && !w.sides[target].listens():
		c.fail(s, w.now+roundTrip)
	default:
		c.request(s, w.now+roundTrip)
	}
}

// again plans the next packet of a phase.
func (c *center) again(s *sender, first time.Duration) {
	at := s.since + backOff(first, s.tries)
	s.tries++
	c.w.heap.push(event{at: max(at, c.w.now), kind: attempt, side: uint8(c.id), a: s.index, life: s.life})
}

func (c *center) tryAgain(s *sender) {
	switch s.phase {
	case connecting:
		c.connect(s)
	case requesting:
		c.deliver(s, c.w.now)
	case awaiting:
		c.reply(s, c.w.now)
	}
}

// request sends the request at an instant when the connection stands, and gives it the read timeout.
func (c *center) request(s *sender, at time.Duration) {
	s.phase, s.tries, s.since = requesting, 0, at
	if timeout := time.Duration(c.cfg.HTTPReadTimeout) * time.Second; timeout > 0 {
		c.expireAt(s, at+timeout)
	} else {
		s.deadline = 0
	}
	c.deliver(s, at)
}

func (c *center) deliver(s *sender, at time.Duration) {
	w, target := c.w, c.targets[s.machine]
	if target != c.id {
		switch w.state(c.id, s.port) {
		case swallowed:
			return // accepted by somebody in between, and never answered
		case dropped, refused: // an established connection through a closed door is as good as lost
			c.again(s, firstResend)
			return
		}
	}
	if w.sides[target].off || w.lost(1) {
		c.again(s, firstResend)
		return
	}
	n := w.takeRequest()
	w.requests[n] = request{message: s.message, port: s.port, from: c.id, sender: s.index, life: s.life}
	s.phase, s.tries = awaiting, 0
	w.heap.push(event{at: at + w.delay(c.id), kind: arrival, side: uint8(target), a: n})
}

// reply carries the answer back: at is when the receiver gave it.
func (c *center) reply(s *sender, at time.Duration) {
	w, target := c.w, c.targets[s.machine]
	if target != c.id && w.state(c.id, s.port) == dropped || w.lost(1) {
		if s.tries == 0 {
			s.since = at
		}
		c.again(s, firstResend)
		return
	}
	s.result = accepted
	w.heap.push(event{at: at + w.delay(1-c.id), kind: answered, side: uint8(c.id), a: s.index, life: s.life})
}

// fail ends the exchange as refused at an instant.
func (c *center) fail(s *sender, at time.Duration) {
	s.result = rejected
	c.w.heap.push(event{at: at, kind: answered, side: uint8(c.id), a: s.index, life: s.life})
}

// answer ends an exchange.
func (c *center) answer(s *sender) {
	switch {
	case s.result == accepted:
		s.reusable, s.reuses, s.peerLife = c.w.now+crossdc.KeepAlive, s.machine, c.w.sides[c.targets[s.machine]].life
		c.tried(s, true)
	case s.phase == awaiting && crossdc.Resends(s.resent): // reset without an answer
		s.resent++
		s.reusable = 0
		c.exchange(s)
	default:
		c.tried(s, false)
	}
}

// expireAt sets the deadline of the phase. One event serves all deadlines of a sender.
func (c *center) expireAt(s *sender, at time.Duration) {
	s.deadline = at
	if !s.timer {
		s.timer = true
		c.w.heap.push(event{at: at, kind: expired, side: uint8(c.id), a: s.index})
	}
}

// expire is the event of a deadline: of the one that holds now, or too early.
func (c *center) expire(s *sender) {
	s.timer = false
	if !s.busy || s.deadline == 0 {
		return
	}
	if s.deadline > c.w.now {
		c.expireAt(s, s.deadline)
		return
	}
	s.reusable = 0
	c.tried(s, false)
}

// tried goes on as the toolkit does after an answer or an exception.
func (c *center) tried(s *sender, taken bool) {
	s.life++
	if s.walk.Answered(&c.routes[s.port], s.machine, len(c.targets), c.cfg.SendToAllRemoteMachines, taken) {
		c.done(s)
		return
	}
	c.next(s)
}

// done frees the sender for its next message.
func (c *center) done(s *sender) {
	s.busy, s.message, s.deadline = false, crossdc.Message{}, 0
	s.life++
	if s.queue.len() == 0 {
		return
	}
	m := s.queue.pop()
	if s.port == 0 && c.waiting {
		c.waiting = false
		s.queue.push(c.pending)
		c.schedule(c.interval)
	}
	s.busy, s.message, s.walk = true, m, crossdc.Walk{}
	c.next(s)
}

// ring is a queue that allocates only while it grows.
type ring[T any] struct {
	items []T
	from  int
	n     int
}

func (r *ring[T]) len() int { return r.n }

func (r *ring[T]) push(item T) {
	if r.n == len(r.items) {
		grown := make([]T, max(8, 2*len(r.items)))
		for i := range r.n {
			grown[i] = r.items[(r.from+i)%len(r.items)]
		}
		r.items, r.from = grown, 0
	}
	r.items[(r.from+r.n)%len(r.items)] = item
	r.n++
}

func (r *ring[T]) pop() T {
	var none T
	item := r.items[r.from]
	r.items[r.from] = none
	r.from = (r.from + 1) % len(r.items)
	r.n--
	return item
}

// emptied is the queue without its content.
func (r *ring[T]) emptied() ring[T] {
	clear(r.items)
	return ring[T]{items: r.items}
}
