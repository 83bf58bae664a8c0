package crossdc

import "time"

// What the operators around the state machines hold and remember (toolkit contract 3.2, 3.4, 4.5, 4.6).
const (
	SenderQueue    = 1000            // messages that wait in front of a sender
	ReceiverQueue  = 40              // bodies that wait behind a receiver
	KeepAlive      = 5 * time.Second // idle life of a connection in the JDK, toolkit time
	resendsPerPost = 1
)

// Resends says whether the JDK sends a request again, on a new connection, that was already sent resent times and whose
// connection ended without a byte of an answer (JDK-6427251). A timeout is never followed by a second try.
func Resends(resent int) bool { return resent < resendsPerPost }

// Route is what an HttpBlobSender remembers from one message to the next: the remote machine that took the last one. The
// workers of a sender share it, so a caller with several must lock it. The zero value knows no machine.
type Route struct{ sticky int } // index of the machine, counted from 1; 0 for none

// Sticky is the machine that took the last message, by its place in the list.
func (r Route) Sticky() (machine int, ok bool) { return r.sticky - 1, r.sticky > 0 }

// Walk is the way of one message along the list of remote machines (toolkit contract 4.5). The zero value stands at its
// beginning.
type Walk struct {
	turn  int
	stuck bool // the machine tried now is the sticky one
}

// Next returns the machine that is tried now, by its place in the list of that many machines. Without one the message is
// dropped, or with sendToAllRemoteMachines (all) has been everywhere.
func (w *Walk) Next(r Route, machines int, all bool) (machine int, ok bool) {
	if w.turn >= machines {
		return 0, false
	}
	w.stuck = false
	if sticky, known := r.Sticky(); known && !all {
		w.stuck = true
		return sticky, true
	}
	return w.turn, true
}

// Answered takes how the attempt at a machine ended, with or without 200 or 204, and says whether the message is done. A
// sticky machine that fails is forgotten and, where there is more than one, the whole list is tried again, with it.
func (w *Walk) Answered(r *Route, machine, machines int, all, ok bool) (done bool) {
	switch {
	case ok && !all:
		r.sticky = machine + 1
		return true
	case !ok && !all && w.stuck:
		r.sticky = 0
		if machines > 1 {
			w.turn = -1
		}
	}
	w.turn++
	return false
}
