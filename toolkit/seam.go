package toolkit

import (
	"bytes"
	"encoding/json"
	"time"
)

// seam joins a buffer that was read to the pushes of a stream that was opened before it was read. The first pushes may
// repeat the end of the buffer; they are held until it is clear whether they do. A tuple that was proven to be emitted
// after the buffer had been read repeats nothing, however alike it looks: an application may well say the same thing
// twice. A nil seam lets everything pass.
type seam struct {
	buffer []json.RawMessage
	read   time.Time // when the buffer had been read; zero: not known
	held   []pushedTuple
	joined bool
}

type pushedTuple struct {
	tuple json.RawMessage
	when  bounds
}

func newSeam(buffer []json.RawMessage, read time.Time) *seam {
	return &seam{buffer: buffer, read: read}
}

// pass takes in the next pushed tuple and returns those that are new. Pushes that retrace the buffer up to its end are
// repetitions; when they leave it before its end, they never were.
func (s *seam) pass(p pushedTuple) []pushedTuple {
	if s == nil || s.joined {
		return []pushedTuple{p}
	}
	s.held = append(s.held, p)
	if !s.read.IsZero() && p.when.earliest.After(s.read) {
		fresh := s.held
		s.joined, s.held = true, nil
		return fresh
	}
	within := false
	for start := 0; start+len(s.held) <= len(s.buffer); start++ {
		if !s.retraces(start) {
			continue
		}
		if start+len(s.held) == len(s.buffer) {
			s.joined, s.held = true, nil
			return nil
		}
		within = true
	}
	if within {
		return nil
	}
	fresh := s.held
	s.joined, s.held = true, nil
	return fresh
}

func (s *seam) retraces(start int) bool {
	for i, p := range s.held {
		if !bytes.Equal(p.tuple, s.buffer[start+i]) {
			return false
		}
	}
	return true
}
