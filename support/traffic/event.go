// Package traffic is the open-loop event generator and the ledger that accounts for every event.
//
// The generator sends at its rate whatever the answers do, each event numbered and stamped when it was due, so that an
// outage cannot hide itself. The ledger knows of each number whether it was acknowledged, refused or unanswered, who
// processed it, and in whose state it is. It imports toolkit and reports/model; the environment gives it sinks.
package traffic

import (
	"strconv"
	"time"
)

// Channels is the number of parallel channels (fragments) of the application.
const Channels = 5

// Event is one numbered event. Seq counts 1, 2, 3, ... per (DC, Channel).
type Event struct {
	DC      string    `json:"dc"`
	Channel int       `json:"channel"`
	Seq     uint64    `json:"seq"`
	Check   uint64    `json:"check"`
	Due     time.Time `json:"-"` // when the schedule wanted it sent, on the generator's clock
}

// Check is FNV-1a 64 over the text "dc/channel/seq": what the application must hand back unchanged.
func Check(dc string, channel int, seq uint64) uint64 {
	var buffer [64]byte
	text := append(buffer[:0], dc...)
	text = append(text, '/')
	text = strconv.AppendInt(text, int64(channel), 10)
	text = append(text, '/')
	text = strconv.AppendUint(text, seq, 10)
	return fnv(fnvOffset, text)
}

// FNV-1a, 64 bit.
const (
	fnvOffset uint64 = 14695981039346656037
	fnvPrime  uint64 = 1099511628211
)

func fnv(hash uint64, text []byte) uint64 {
	for _, b := range text {
		hash = (hash ^ uint64(b)) * fnvPrime
	}
	return hash
}

// Result is one processed event as the application's result stream reports it.
type Result struct {
	DC          string `json:"dc"`
	Channel     int    `json:"channel"`
	Seq         uint64 `json:"seq"`
	Check       uint64 `json:"check"`
	ProcessedBy string `json:"processedBy"`
	Count       uint64 `json:"count"`
	ProcessedAt int64  `json:"processedAt"` // unix microseconds on the data center's clock
}

// Entry is what one fragment of a data center's state says about one stream's channel: the invariants of the
// toolkit contract 9.4 are Count == LastSeq and Sum == LastSeq*(LastSeq+1)/2, corrected by the numbers that were
// never accepted.
type Entry struct {
	DC      string `json:"dc"`
	Channel int    `json:"channel"`
	LastSeq uint64 `json:"lastSeq"`
	Count   uint64 `json:"count"`
	Sum     uint64 `json:"sum"`
}
