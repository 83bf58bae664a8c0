package adapter

import (
	"bytes"
	"encoding/json"
)

// seam joins what a new subscription gives to what the former ones gave.
type seam struct {
	known   [][]byte // the last results, oldest first
	most    int      // how many of them a buffer may hold
	open    bool     // what the new subscription gives may still be known
	pending [][]byte // what came meanwhile
}

// begin begins a new subscription to a buffer of a size; 0: not stated. It reports whether something is known that the buffer can be held against.
func (s *seam) begin(size int) bool {
	if s.most = size; size <= 0 {
		s.most = 1000 // the default of an EndpointSink (streams contract 3.1)
	}
	s.open, s.pending = len(s.known) > 0, nil
	return s.open
}

// catchUp takes the whole buffer and gives what is new of it. joined says that the buffer reaches back to what is known.
func (s *seam) catchUp(buffer []json.RawMessage) (fresh [][]byte, joined bool) {
	fresh, joined = newer(s.known, raw(buffer))
	s.add(fresh)
	return fresh, joined
}

// pass takes what the subscription gives and gives what is new of it. It may begin with a part of what is known that reaches to its end: with what
// arrived after we subscribed and before the buffer was read, or with what the buffer holds, where the service sends that first.
func (s *seam) pass(items []json.RawMessage) (fresh [][]byte) {
	fresh = raw(items)
	if s.open {
		if s.pending = append(s.pending, fresh...); s.repeats() {
			return nil
		}
		fresh, _ = newer(s.known, s.pending)
		s.open, s.pending = false, nil
	}
	s.add(fresh)
	return fresh
}

func (s *seam) add(fresh [][]byte) {
	s.known = append(s.known, fresh...)
	if over := len(s.known) - s.most; over > s.most {
		s.known = append([][]byte(nil), s.known[over:]...)
	}
}

// repeats reports whether what came is a part of what is known that does not reach to its end.
func (s *seam) repeats() bool {
search:
	for skip := range s.known {
		if len(s.pending) >= len(s.known)-skip {
			return false
		}
		for i, item := range s.pending {
			if !bytes.Equal(item, s.known[skip+i]) {
				continue search
			}
		}
		return true
	}
	return false
}

func raw(items []json.RawMessage) [][]byte {
	out := make([][]byte, len(items))
	for i, item := range items {
		out[i] = item
	}
	return out
}
