package model

import (
	"math"
	"time"
)

// state is what a connection attempt meets.
type state uint8

const (
	open state = iota
	refused
	dropped
	swallowed
)

// link is one direction between the data centers.
type link struct {
	from   int
	active []int32 // actions that hold now, in the order in which they began
}

func (a *Action) concerns(port int) bool {
	return a.Ports == AllPorts || (a.Ports == HeartbeatPort) == (port == 0)
}

// state is what side from meets on its way to a port of the other side; port 0 is the heartbeat port.
func (w *World) state(from, port int) state {
	found := open
	for i := range w.links {
		for _, n := range w.links[i].active {
			a := &w.actions[n]
			if !a.concerns(port) {
				continue
			}
			switch {
			case a.What == Drop: // one direction is enough: a handshake needs both (toolkit contract 6.4)
				return dropped
			case i == from && a.What == Refuse:
				found = refused
			case i == from && a.What == Swallow && found == open:
				found = swallowed
			}
		}
	}
	return found
}

// delay draws the one-way delay from a side.
func (w *World) delay(from int) time.Duration {
	d := w.setup.Delay
	for _, n := range w.links[from].active {
		if a := &w.actions[n]; a.What == Slow {
			d = a.Delay
		}
	}
	if d.Jitter <= 0 {
		return d.Base
	}
	return d.Base + time.Duration(w.random.Int64N(int64(d.Jitter)+1))
}

// lost draws whether one of n packets is lost on the way.
func (w *World) lost(n int) bool {
	share := w.setup.Loss
	for i := range w.links {
		for _, a := range w.links[i].active {
			if w.actions[a].What == Lossy {
				share = w.actions[a].Share
			}
		}
	}
	return share > 0 && w.random.Float64() >= math.Pow(1-share, float64(n))
}

// backOff is when TCP tries again for the nth time, counted from the first: 1, 3, 7, 15 s for a connection, 0.2, 0.6, 1.4 s
// for data (toolkit contract 6.2).
func backOff(first time.Duration, n int) time.Duration {
	return first * time.Duration(1<<min(n+1, 20)-1)
}

const (
	firstConnect = time.Second
	firstResend  = 200 * time.Millisecond
	osConnect    = 127 * time.Second // what Linux waits where the toolkit sets no connection timeout
)
