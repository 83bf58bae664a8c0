package model

import (
	"slices"
	"strings"

	"github.com/crossdc/failover/toolkit/crossdc"
)

// carryOut does what the composite asks for, in order. Answers that it must be given back are stepped at once, and what they
// ask for comes last.
func (c *center) carryOut() {
	w := c.w
	life := c.life
	for i := 0; i < len(w.out) && c.life == life; i++ {
		a := w.out[i]
		times := 1
		if bug := c.setup.Bug; bug != nil && bug.Repeats != nil {
			times = bug.Repeats(c.lives, a)
		}
		for ; times > 0 && c.life == life; times-- {
			c.carry(a)
		}
	}
	w.out = w.out[:0]
}

// carry does one thing that the composite asks for.
func (c *center) carry(a crossdc.Action) {
	w := c.w
	switch a.Kind {
	case crossdc.SendHeartbeat:
		w.note(Observation{Side: c.id, What: Sent, Count: a.Message.Count})
		c.sendHeartbeat(a.Message)
	case crossdc.SendOther:
		if a.Message.Type == crossdc.OrderlyShutdown {
			w.note(Observation{Side: c.id, What: Announced})
		}
		c.sendOther(a.Message)
	case crossdc.SignalSnapshot:
		w.note(Observation{Side: c.id, What: Round, Count: a.Message.Count})
		c.app.snapshots(a.Message)
	case crossdc.TriggerStored:
		c.side, w.out = c.side.Step(&c.cfg, crossdc.Event{Kind: crossdc.StoredTrigger}, w.now, w.out)
	case crossdc.EmitStatus:
		c.app.status(a.Up)
		if c.setup.Place == crossdc.Distributed {
			c.side, w.out = c.side.Step(&c.cfg, crossdc.Event{Kind: crossdc.StatusChanged, Up: a.Up}, w.now, w.out)
		}
	case crossdc.Deliver:
		c.app.deliver(a.Message)
	case crossdc.Persist:
		c.persist(a)
	case crossdc.PurgeStored:
		if a.Store == crossdc.Files || c.noDatabase == 0 {
			w.note(Observation{Side: c.id, What: Purged, Count: uint64(len(c.replicas))})
			clear(c.replicas)
		}
	case crossdc.ReturnStored:
		c.returnStored(a.Store)
	case crossdc.ReadStored:
		c.readStored(a.Store)
	case crossdc.TakeOver:
		c.takeOver(a)
	case crossdc.RemoveReplica, crossdc.RemoveFile:
		c.remove(a)
	case crossdc.Abort:
		c.abort(a.Text)
	}
}

// errnoRead and errnoWrite are what the operating system says of a file that is not there, and of a file system that is
// mounted read-only.
const (
	errnoRead  = 2
	errnoWrite = 30
)

// persist writes a replica (RW4) and tells the remote watchdog what became of it.
func (c *center) persist(a crossdc.Action) {
	database := a.Store == crossdc.Database
	answer := crossdc.Event{Kind: crossdc.Persisted, Name: a.Name, OK: true}
	body := a.Body
	switch {
	case database && c.noDatabase > 0, !database && c.readOnly > 0:
		answer.OK, answer.Code = false, errnoWrite
	case !database && c.fullDisk > 0:
		body = nil // what is small sits in a buffer whose loss nobody notices (Q26)
	}
	if answer.OK {
		c.replicas[a.Name] = append(c.replicas[a.Name][:0], body...)
		c.w.note(Observation{Side: c.id, What: Stored, Name: a.Name})
	} else {
		c.w.note(Observation{Side: c.id, What: NotStored, Name: a.Name})
	}
	c.side.Remote, c.w.out = c.side.Remote.Step(&c.cfg, answer, c.w.now, c.w.out)
}

// takeOver reads one replica for RW7.
func (c *center) takeOver(a crossdc.Action) {
	read := c.read(a.Name)
	if a.Store == crossdc.Database {
		read.OK = read.OK && c.noDatabase == 0
		c.side.Stored, c.w.out = c.side.Stored.Step(&c.cfg, read, c.w.now, c.w.out)
		return
	}
	c.side.Remote, c.w.out = c.side.Remote.Step(&c.cfg, read, c.w.now, c.w.out)
}

// returnStored sends everything stored back to where it came from (HP7).
func (c *center) returnStored(store crossdc.Store) {
	if store == crossdc.Database {
		if c.noDatabase > 0 {
			return
		}
		for _, name := range c.stored() {
			c.sendOther(crossdc.ReturnRow(&c.cfg, slices.Clone(c.replicas[name])))
		}
		if n := len(c.replicas); n > 0 { // one statement deletes what is returned, also what came a moment ago (Q18)
			c.w.note(Observation{Side: c.id, What: Purged, Count: uint64(n)})
		}
		clear(c.replicas)
		return
	}
	for _, name := range c.stored() {
		read := c.read(name)
		read.Name += crossdc.ReplicaSuffix
		c.side.Preparer, c.w.out = c.side.Preparer.Step(&c.cfg, read, c.w.now, c.w.out)
	}
}

// readStored hands everything stored to the application (SF).
func (c *center) readStored(store crossdc.Store) {
	for _, name := range c.stored() {
		read := c.read(name)
		if store == crossdc.Files {
			read.Name += crossdc.ReplicaSuffix
		} else {
			read.OK = read.OK && c.noDatabase == 0
		}
		c.side.Stored, c.w.out = c.side.Stored.Step(&c.cfg, read, c.w.now, c.w.out)
	}
}

// read copies a replica, because messages keep what they are made of.
func (c *center) read(name string) crossdc.Event {
	body, ok := c.replicas[name]
	if !ok {
		return crossdc.Event{Kind: crossdc.StoredRead, Name: name, Code: errnoRead}
	}
	return crossdc.Event{Kind: crossdc.StoredRead, Name: name, OK: true, Body: slices.Clone(body)}
}

func (c *center) remove(a crossdc.Action) {
	if a.Store == crossdc.Database && c.noDatabase > 0 {
		return
	}
	name := strings.TrimSuffix(a.Name, crossdc.ReplicaSuffix)
	if _, ok := c.replicas[name]; ok {
		delete(c.replicas, name)
		c.w.note(Observation{Side: c.id, What: Removed, Name: name})
	}
}

// stored is the names of the replicas in a fixed order.
func (c *center) stored() []string {
	names := make([]string, 0, len(c.replicas))
	for name := range c.replicas {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
