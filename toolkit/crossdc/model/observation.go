package model

import "time"

// Seen names a kind of observation.
type Seen string

const (
	Up         Seen = "up"         // Side declares its peer UP
	Down       Seen = "down"       // Side declares its peer DOWN
	TakenOver  Seen = "taken over" // Side's application merged replica Name of message number Count; Events is its LastSeq of the lost side's stream
	Returned   Seen = "returned"   // as TakenOver, of its own state sent back to it
	Unread     Seen = "unread"     // Side was handed a replica that its application could not use
	Stored     Seen = "stored"     // Side stored replica Name
	NotStored  Seen = "not stored" // Side could not
	Purged     Seen = "purged"     // Side deleted all of its Count replicas
	Removed    Seen = "removed"    // Side deleted replica Name
	Round      Seen = "round"      // Side's application was asked for snapshots, in message number Count
	Began      Seen = "began"      // Side's processes started
	Ended      Seen = "ended"      // Side's processes died; Name says of what
	Sent       Seen = "sent"       // Side's preparer sent heartbeat number Count
	Heard      Seen = "heard"      // a heartbeat body reached Side
	Announced  Seen = "announced"  // Side sent the announcement of an orderly shutdown
	Done       Seen = "done"       // an action of the schedule began; Name says which
	Undone     Seen = "undone"     // it ended
	Overflowed Seen = "overflowed" // Side's heartbeat queue is full, so its tick source blocks
)

// Observation is one thing that happened, at its exact instant.
type Observation struct {
	At     time.Duration
	Side   int
	What   Seen
	Name   string
	Count  uint64
	Events uint64
}

const (
	offset64 = 14695981039346656037
	prime64  = 1099511628211
)

// note adds an observation to the fingerprint (FNV-1a over its fields) and tells the observer.
func (w *World) note(o Observation) {
	o.At = w.now
	h := w.hash
	for _, v := range [...]uint64{uint64(o.At), uint64(o.Side), o.Count, o.Events} {
		h = (h ^ v) * prime64
		h ^= h >> 29
	}
	for i := range len(o.What) {
		h = (h ^ uint64(o.What[i])) * prime64
	}
	for i := range len(o.Name) {
		h = (h ^ uint64(o.Name[i])) * prime64
	}
	w.hash = h
	if w.observe != nil {
		w.observe(o)
	}
}
