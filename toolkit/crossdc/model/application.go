package model

import (
	"strconv"

	"github.com/crossdc/failover/toolkit/crossdc"
	"github.com/crossdc/failover/toolkit/crossdc/workload"
)

// application is the drill application of one data center: fragments that count numbered events (toolkit contract 9.4). Events
// are due at a constant rate from the beginning of the world on, whoever is there to take them.
type application struct {
	w      *World
	c      *center
	origin []string // of each fragment

	fragments []workload.Fragments
	done      [2]uint64 // per stream: the last number of each channel that this side has looked at
	serves    [2]bool   // whose events are sent here
	next      []int     // round robin of each fragment over the channels

	entries []workload.Entry // reused
	memory  []byte           // the slab of snapshots that is being filled

	taken [2]uint64 // per stream: events acknowledged here, all channels and lives together
}

func newApplication(w *World, c *center) application {
	a := application{w: w, c: c, fragments: make([]workload.Fragments, w.setup.Fragments), next: make([]int, w.setup.Fragments)}
	for i := range a.fragments {
		a.origin = append(a.origin, strconv.Itoa(i))
	}
	return a
}

// due is the number of the last event of each channel that is due by now.
func (a *application) due() uint64 {
	return uint64(a.w.now.Seconds() * a.w.setup.Rate / float64(a.w.setup.Fragments))
}

func (a *application) start() {
	a.serves = [2]bool{}
	a.serves[a.c.id] = true
	a.done = [2]uint64{a.due(), a.due()} // what was due before met nobody
	for i := range a.next {
		a.next[i] = i
	}
}

// forget is the loss of the memory.
func (a *application) forget() {
	for i := range a.fragments {
		a.fragments[i] = workload.Fragments{}
	}
}

// skip lets what was due while the processes stood still go by: its senders have given up.
func (a *application) skip() { a.done = [2]uint64{a.due(), a.due()} }

// catchUp processes what became due since the last look.
func (a *application) catchUp() {
	due := a.due()
	for stream, serves := range a.serves {
		if from := a.done[stream] + 1; serves && from <= due && a.c.alive && !a.c.stopped {
			for channel := range a.fragments {
				a.fragments[channel].ProcessRange(a.name(stream), int32(channel), from, due)
			}
			a.taken[stream] += (due - from + 1) * uint64(len(a.fragments))
		}
		a.done[stream] = due
	}
}

func (a *application) name(stream int) string {
	return a.w.setup.Centers[stream].Config.LocalDataCenterName
}

// snapshots answers a round: every fragment with its whole state.
func (a *application) snapshots(m crossdc.Message) {
	a.catchUp()
	for i := range a.fragments {
		a.entries = a.fragments[i].AppendEntries(a.entries[:0])
		m.Snapshot = a.encoded()
		m.Origin = a.origin[i]
		channel := a.next[i] % len(a.c.routes[1:])
		a.next[i]++
		a.c.sendSnapshot(m, channel)
	}
}

// slab is how much memory for snapshots is taken at once. What is sent keeps its part of a slab for as long as somebody holds it;
// replicas are copies.
const slab = 1 << 16

// encoded is the state in entries, in memory of its own.
func (a *application) encoded() []byte {
	if cap(a.memory)-len(a.memory) < slab/16 {
		a.memory = make([]byte, 0, slab)
	}
	from := len(a.memory)
	a.memory = workload.AppendState(a.memory, a.entries, 0)
	return a.memory[from:len(a.memory):len(a.memory)]
}

// status is told what the toolkit declares of the other side.
func (a *application) status(up bool) {
	seen := Down
	if up {
		seen = Up
	}
	a.catchUp()
	if a.w.setup.Reroute {
		a.serves[1-a.c.id] = !up
	}
	a.w.note(Observation{Side: a.c.id, What: seen})
}

// deliver merges what the toolkit hands over, in the fragment with its origin.
func (a *application) deliver(m crossdc.Message) {
	a.catchUp()
	o := Observation{Side: a.c.id, What: TakenOver, Name: m.Origin, Count: m.Count}
	if m.Type == crossdc.ReturnedData {
		o.What = Returned
	}
	channel, err := strconv.Atoi(m.Origin)
	entries, damaged := workload.DecodeState(m.Snapshot)
	if err != nil || channel < 0 || channel >= len(a.fragments) || damaged != nil {
		o.What = Unread
		a.w.note(o)
		return
	}
	a.fragments[channel].Merge(entries, a.w.setup.Policy)
	for _, e := range entries {
		if e.DC == m.DataCenter && int(e.Channel) == channel {
			o.Events = e.LastSeq
		}
	}
	a.w.note(o)
}

// Account is what became of one data center's events.
type Account struct {
	Acknowledged uint64 // processed by some side, in any of its lives
	InState      uint64 // counted in the state of the sides that live
	Lost         uint64 // acknowledged and in no state; 0 where more is in state than was acknowledged
	Doubled      uint64 // in state more often than acknowledged
}

// Account balances the events of each data center up to now. A loss and a double count of the same stream cancel out: what
// explains a schedule looks at the observations.
func (w *World) Account() [2]Account {
	var accounts [2]Account
	for stream := range accounts {
		a := &accounts[stream]
		for _, c := range w.sides {
			c.app.catchUp()
			a.Acknowledged += c.app.taken[stream]
			for channel := range c.app.fragments {
				if e, ok := c.app.fragments[channel].Entry(c.app.name(stream), int32(channel)); ok {
					a.InState += e.Count
				}
			}
		}
		a.Lost = max(a.Acknowledged, a.InState) - a.InState
		a.Doubled = max(a.Acknowledged, a.InState) - a.Acknowledged
	}
	return accounts
}

// Serving says whether each data center's processes live and are not stopped.
func (w *World) Serving() [2]bool {
	return [2]bool{w.sides[0].alive && !w.sides[0].stopped, w.sides[1].alive && !w.sides[1].stopped}
}

// Holds says what each side holds of its peer now: UP, or not.
func (w *World) Holds() [2]bool {
	return [2]bool{w.sides[0].alive && w.sides[0].side.Watchdog.Active, w.sides[1].alive && w.sides[1].side.Watchdog.Active}
}

// Replicas is how many replicas each data center stores.
func (w *World) Replicas() [2]int { return [2]int{len(w.sides[0].replicas), len(w.sides[1].replicas)} }
