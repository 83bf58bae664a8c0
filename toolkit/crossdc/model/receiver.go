package model

import (
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
)

// request is one POST on its way or in a queue.
type request struct {
	message crossdc.Message
	port    int
	from    int
	sender  int32
	life    uint32 // of the exchange that waits for the answer
	owed    bool   // the answer is still owed: the queue was full
}

// receiver is the remote watchdog behind the snapshot ports, all of which fill one queue; an answer says only that a body is in
// it (toolkit contract 4.6).
type receiver struct {
	queue ring[int32] // requests; the first one is being worked off
	busy  bool
}

func (w *World) takeRequest() int32 {
	if n := len(w.free); n > 0 {
		taken := w.free[n-1]
		w.free = w.free[:n-1]
		return taken
	}
	w.requests = append(w.requests, request{})
	return int32(len(w.requests) - 1)
}

func (w *World) giveBack(n int32) {
	w.requests[n] = request{}
	w.free = append(w.free, n)
}

// receive is the arrival of a request.
func (c *center) receive(n int32) {
	r := &c.w.requests[n]
	if !c.listens() || r.port >= len(c.routes) { // nothing listens there: the numbers of pairs differ (C11)
		c.reset(n)
		return
	}
	receiver := &c.receiver
	switch {
	case r.port == 0:
		c.w.body = crossdc.Append(c.w.body[:0], crossdc.LittleEndian, &r.message)
		c.acknowledge(r)
		c.w.giveBack(n)
		c.hear(c.w.body)
		return
	case c.setup.Persist == 0:
		c.acknowledge(r)
		c.take(n)
		return
	}
	if receiver.queue.len() <= crossdc.ReceiverQueue {
		c.acknowledge(r)
	} else {
		r.owed = true
	}
	receiver.queue.push(n)
	if !receiver.busy {
		c.work(receiver)
	}
}

// work begins with the first body of a receiver's queue.
func (c *center) work(r *receiver) {
	r.busy = true
	c.w.heap.push(event{at: c.w.now + c.setup.Persist, kind: handled, side: uint8(c.id), life: c.life})
}

// workedOff is the end of one body.
func (c *center) workedOff() {
	r := &c.receiver
	if r.queue.len() == 0 {
		r.busy = false
		return
	}
	n := r.queue.pop()
	life := c.life
	c.take(n)
	if c.life != life {
		return // the body killed the operator
	}
	if r.queue.len() > crossdc.ReceiverQueue {
		if waiting := &c.w.requests[r.queue.items[(r.queue.from+crossdc.ReceiverQueue)%len(r.queue.items)]]; waiting.owed {
			waiting.owed = false
			c.acknowledge(waiting)
		}
	}
	r.busy = false
	if r.queue.len() > 0 {
		c.work(r)
	}
}

// take gives a body to the remote watchdog.
func (c *center) take(n int32) {
	c.w.body = crossdc.Append(c.w.body[:0], crossdc.LittleEndian, &c.w.requests[n].message) // whatever keeps a body copies it
	c.w.giveBack(n)
	c.step(crossdc.Event{Kind: crossdc.SnapshotBody, Body: c.w.body})
}

// hear gives a body to the heartbeat watchdog.
func (c *center) hear(body []byte) {
	c.w.note(Observation{Side: c.id, What: Heard})
	c.step(crossdc.Event{Kind: crossdc.HeartbeatBody, Body: body})
}

// acknowledge answers a request: 204, queued.
func (c *center) acknowledge(r *request) {
	sender := c.w.sides[r.from]
	s := &sender.senders[r.sender]
	if s.life == r.life && s.busy {
		sender.reply(s, c.w.now)
	}
}

// reset ends a request without an answer.
func (c *center) reset(n int32) {
	r := &c.w.requests[n]
	sender := c.w.sides[r.from]
	if s := &sender.senders[r.sender]; s.life == r.life && s.busy && !c.off {
		sender.fail(s, c.w.now+time.Duration(c.w.setup.Delay.Base))
	}
	c.w.giveBack(n)
}
