package model

import (
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
)

// center is one data center: its processes while they live, and what outlives them.
type center struct {
	w       *World
	id      int
	setup   *Center
	cfg     crossdc.Config
	targets []int // per remote machine name: the data center behind it, or nobody or silence

	life     uint32 // of the processes
	lives    int    // how often they were started
	alive    bool
	stopped  bool
	off      bool          // the host does not answer
	opensAt  time.Duration // when the ports accept connections
	held     []event       // what waits for a stopped process
	side     crossdc.Side
	interval time.Duration

	tickLife uint32 // of the pending tick
	nextTick time.Duration
	waiting  bool // the tick source waits for a place in the heartbeat queue
	pending  crossdc.Message

	senders  []sender        // 0: heartbeats; then per channel one for snapshots and one for everything else
	routes   []crossdc.Route // of the senders by port; 0: heartbeats; then one per channel
	receiver receiver
	others   int // round robin of everything else
	app      application

	replicas   map[string][]byte
	fullDisk   int
	readOnly   int
	noDatabase int
}

// Targets of a machine name that are no data center.
const (
	nobody  = -1 // the name does not resolve, or nothing listens there: refused at once
	silence = -2 // the host swallows packets
)

func newCenter(w *World, id int) *center {
	c := &center{w: w, id: id, setup: &w.setup.Centers[id], replicas: map[string][]byte{}}
	c.cfg = c.setup.Config
	if bug := c.setup.Bug; bug != nil && bug.Alter != nil {
		bug.Alter(&c.cfg)
	}
	c.interval = time.Duration(c.cfg.HeartbeatInterval * float64(time.Second))
	for i, machine := range c.cfg.RemoteMachines() {
		target := nobody
		for other := range w.setup.Centers {
			peer := &w.setup.Centers[other].Config
			if machine == peer.LocalDataCenterName && c.cfg.HTTPPort == peer.HTTPPort {
				target = other
			}
		}
		if machine == w.setup.Centers[1-id].Config.LocalDataCenterName && c.cfg.HTTPPort == w.setup.Centers[1-id].Config.HTTPPort {
			target = 1 - id // two data centers of one name: the other one
		}
		if i < len(c.setup.Dead) && c.setup.Dead[i] {
			target = silence
		}
		c.targets = append(c.targets, target)
	}
	pairs := int(c.cfg.HTTPSenderReceiverPairs)
	c.senders = make([]sender, 1+2*pairs)
	for i := range c.senders {
		c.senders[i] = sender{index: int32(i), port: (i + 1) / 2}
	}
	c.routes = make([]crossdc.Route, 1+pairs)
	c.app = newApplication(w, c)
	return c
}

// start begins a life of the processes.
func (c *center) start() {
	c.life++
	c.lives++
	c.alive, c.off, c.stopped = true, false, false
	c.opensAt = c.w.now + c.setup.Listen
	c.side = crossdc.NewSide(c.setup.Order, c.setup.Place, crossdc.Options{})
	c.app.start()
	c.w.note(Observation{Side: c.id, What: Began})
	c.schedule(time.Duration(c.cfg.InitDelay * float64(time.Second)))
}

// schedule plans the next tick.
func (c *center) schedule(in time.Duration) {
	c.tickLife++
	c.nextTick = c.w.now + in
	c.w.heap.push(event{at: c.nextTick, kind: tick, side: uint8(c.id), life: c.tickLife})
}

// die ends the processes and forgets everything that was in their memory.
func (c *center) die(why string) {
	if !c.alive {
		return
	}
	c.app.catchUp()
	c.alive, c.stopped, c.waiting = false, false, false
	c.life++
	c.tickLife++
	for i := range c.senders {
		c.senders[i].clear()
	}
	clear(c.routes)
	for c.receiver.queue.len() > 0 {
		c.reset(c.receiver.queue.pop())
	}
	c.receiver.busy = false
	held := c.held
	c.held = c.held[:0]
	for _, e := range held {
		if e.kind == arrival {
			c.reset(e.a)
		}
	}
	c.app.forget()
	c.w.note(Observation{Side: c.id, What: Ended, Name: why})
}

// abort is the death of a processing element by an action of the toolkit; the platform restarts it.
func (c *center) abort(why string) {
	c.die(why)
	boot := c.setup.Boot
	if boot == 0 {
		boot = defaultBoot
	}
	c.w.heap.push(event{at: c.w.now + boot, kind: restarted, side: uint8(c.id), life: c.life})
}

// resume lets a stopped process go on: what waited for it happens now, in its order.
func (c *center) resume() {
	if !c.stopped {
		return
	}
	c.stopped = false
	c.app.skip()
	held := c.held
	c.held = nil
	for _, e := range held {
		e.at = c.w.now
		c.w.heap.push(e)
	}
}

func (c *center) listens() bool { return c.alive && c.w.now >= c.opensAt }

// tick is one HeartbeatSignal: work it off, then wait the full interval (toolkit contract 5.1).
func (c *center) tick() {
	c.step(crossdc.Event{Kind: crossdc.Tick})
	if c.alive && !c.waiting {
		c.schedule(c.interval)
	}
}

// step feeds one event to the composite and carries out what it asks for.
func (c *center) step(ev crossdc.Event) {
	c.side, c.w.out = c.side.Step(&c.cfg, ev, c.w.now, c.w.out[:0])
	c.carryOut()
}

// once carries out the actions that have no end of their own.
func (c *center) once(a *Action) {
	switch a.What {
	case Corrupt:
		for name, body := range c.replicas {
			c.replicas[name] = body[:len(body)/2]
		}
		return
	case Wipe:
		clear(c.replicas)
		return
	}
	if !c.alive {
		return
	}
	switch a.What {
	case Step:
		c.stepClock(a.For)
	case Special:
		c.step(crossdc.Event{Kind: crossdc.SpecialMessage, Text: a.Text})
	case Stranger:
		c.w.body = crossdc.Append(c.w.body[:0], crossdc.LittleEndian, &crossdc.Message{Type: crossdc.Heartbeat, Count: 1, DataCenter: "stranger"})
		c.hear(c.w.body)
	case Restart:
		c.restart(a.Operator)
	}
}

// stepClock moves the wall clock that the tick source waits on (toolkit contract 3.4).
func (c *center) stepClock(by time.Duration) {
	if c.waiting {
		return
	}
	left := max(c.nextTick-c.w.now-by, 0)
	c.schedule(left)
}

// restart is toolkit contract 5.8.
func (c *center) restart(operator Operator) {
	var o crossdc.Options
	switch operator {
	case PreparerOperator:
		c.side.Preparer = crossdc.NewPreparer(o)
	case WatchdogOperator:
		c.side.Watchdog = crossdc.NewHeartbeatWatchdog(o)
	case RemoteWatchdogOperator:
		c.side.Remote = crossdc.NewRemoteWatchdog(o)
	case TickOperator:
		c.waiting = false
		c.schedule(time.Duration(c.cfg.InitDelay * float64(time.Second)))
	case ApplicationOperator:
		c.app.catchUp()
		c.app.forget()
		c.app.start()
	}
}
