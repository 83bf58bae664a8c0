package workload

import (
	"hash/fnv"
	"strconv"
)

// Event is one numbered item of stream Event.
type Event struct {
	DC      string `json:"dc"`      // data center whose workload it belongs to
	Channel int32  `json:"channel"` // fragment it goes to
	Seq     uint64 `json:"seq"`     // 1, 2, 3, ... per (dc, channel)
	Check   uint64 `json:"check"`   // Check(DC, Channel, Seq); carried through, judged by whoever injected it
	// Number is what a sender counts with that knows neither data centers nor channels; 0: it did not say. It is carried through.
	Number uint64 `json:"number,omitempty"`
}

// Check is the FNV-1a 64 hash of the text "dc/channel/seq".
func Check(dc string, channel int32, seq uint64) uint64 {
	text := make([]byte, 0, 48)
	text = append(append(text, dc...), '/')
	text = append(strconv.AppendInt(text, int64(channel), 10), '/')
	text = strconv.AppendUint(text, seq, 10)
	sum := fnv.New64a()
	_, _ = sum.Write(text)
	return sum.Sum64()
}
