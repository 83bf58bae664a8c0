package model

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
)

// World is two data centers while virtual time passes. It is not safe for concurrent use; run one per goroutine.
type World struct {
	setup   Setup
	actions []Action
	observe func(Observation)

	heap     heap
	now      time.Duration
	random   *rand.Rand
	sides    [2]*center
	links    [2]link // links[i] leads from data center i to the other
	requests []request
	free     []int32
	out      []crossdc.Action
	body     []byte
	hash     uint64
	events   uint64
}

// New builds a world and plans what is done to it. observe is told everything that happens, as it happens; nil for nobody.
// The error names the field that cannot be run.
func New(setup Setup, schedule []Action, observe func(Observation)) (*World, error) {
	problems := []error{setup.check()}
	for i, a := range schedule {
		if err := a.check(); err != nil {
			problems = append(problems, fmt.Errorf("action %d: %w", i, err))
			continue
		}
		if a.What == Restart && setup.Centers[a.Target].Place != crossdc.Distributed {
			problems = append(problems, fmt.Errorf("action %d: restart of the %s alone: the operators of dc%d are fused", i, a.Operator, a.Target+1))
		}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	if setup.Fragments == 0 {
		setup.Fragments = defaultFragments
	}
	if setup.Rate == 0 {
		setup.Rate = defaultRate
	}
	w := &World{setup: setup, actions: slices.Clone(schedule), observe: observe,
		random: rand.New(rand.NewPCG(setup.Seed, 0x9e3779b97f4a7c15)), hash: offset64}
	for i := range w.sides {
		w.sides[i] = newCenter(w, i)
		w.links[i].from = i
		w.heap.push(event{at: setup.Centers[i].Start, kind: restarted, side: uint8(i), life: w.sides[i].life})
	}
	for i, a := range w.actions {
		w.heap.push(event{at: a.At, kind: act, a: int32(i)})
	}
	return w, nil
}

// Run lets everything happen that is due before until.
func (w *World) Run(until time.Duration) {
	for len(w.heap.events) > 0 && w.heap.events[0].at < until {
		e := w.heap.pop()
		w.now = e.at
		w.events++
		w.happen(e)
	}
	w.now = max(w.now, until)
}

// Now is the instant up to which the world has run.
func (w *World) Now() time.Duration { return w.now }

// Events is how many events were worked off.
func (w *World) Events() uint64 { return w.events }

// Hash is a fingerprint of everything that was observed so far: equal for equal Setup and Schedule.
func (w *World) Hash() uint64 { return w.hash }

func (w *World) happen(e event) {
	switch e.kind {
	case act:
		w.begin(e.a)
		return
	case lift:
		w.end(e.a)
		return
	}
	c := w.sides[e.side]
	if c.stopped && e.kind != restarted {
		c.held = append(c.held, e) // what waits for a stopped process happens when it goes on
		return
	}
	switch e.kind {
	case tick:
		if e.life == c.tickLife {
			c.tick()
		}
	case attempt:
		if s := &c.senders[e.a]; s.life == e.life && s.busy {
			c.tryAgain(s)
		}
	case arrival:
		c.receive(e.a)
	case handled:
		if e.life == c.life {
			c.workedOff()
		}
	case answered:
		if s := &c.senders[e.a]; s.life == e.life && s.busy {
			c.answer(s)
		}
	case expired:
		c.expire(&c.senders[e.a])
	case restarted:
		if e.life == c.life && !c.alive {
			c.start()
		}
	}
}

// begin carries out an action.
func (w *World) begin(n int32) {
	a := &w.actions[n]
	c := w.sides[a.Target]
	w.note(Observation{Side: a.Target, What: Done, Name: string(a.What)})
	ends := true
	switch a.What {
	case Crash, PowerOff:
		c.off = a.What == PowerOff
		c.die("killed")
		if a.For > 0 {
			w.heap.push(event{at: w.now + a.For, kind: restarted, side: uint8(a.Target), life: c.life})
		}
		ends = false
	case Hang:
		c.stopped = true
	case Refuse, Drop, Swallow, Slow, Lossy:
		w.links[a.Target].active = append(w.links[a.Target].active, n)
	case FullDisk:
		c.fullDisk++
	case ReadOnly:
		c.readOnly++
	case NoStorage:
		c.noDatabase++
	default:
		ends = false
		c.once(a)
		if next := w.now + strangerPeriod; a.What == Stranger && next <= a.At+a.For {
			w.heap.push(event{at: next, kind: act, a: n})
		}
	}
	if ends && a.For > 0 {
		w.heap.push(event{at: w.now + a.For, kind: lift, a: n})
	}
}

// end takes an action back.
func (w *World) end(n int32) {
	a := &w.actions[n]
	c := w.sides[a.Target]
	w.note(Observation{Side: a.Target, What: Undone, Name: string(a.What)})
	switch a.What {
	case Hang:
		c.resume()
	case FullDisk:
		c.fullDisk--
	case ReadOnly:
		c.readOnly--
	case NoStorage:
		c.noDatabase--
	default:
		l := &w.links[a.Target]
		if i := slices.Index(l.active, n); i >= 0 {
			l.active = slices.Delete(l.active, i, i+1)
		}
	}
}
