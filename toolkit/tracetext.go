package toolkit

import (
	"bytes"
	"fmt"
	"sync"
)

const (
	// maxTrace bounds the trace kept of one PE, in bytes.
	maxTrace = 16 << 20
	// traceOverlap is how much of what is known is read again, in bytes: only where it continues as it was does an offset mean
	// what it meant. A platform that keeps so much of a trace and no more cuts its beginning, and every offset moves.
	traceOverlap = 4 << 10
	// cutOverlap is the same for a trace whose beginning was cut before: what is known lies further back each time.
	cutOverlap = 64 << 10
)

// traceText is what was read of a PE's trace: its beginning as first read, and everything since, also what the platform no
// longer keeps, as far as the bound allows.
type traceText struct {
	mu   sync.Mutex
	text bytes.Buffer
	end  int64 // offset in the platform's trace of what follows the text
	cut  bool  // its beginning was cut before
}

// read adds what is new and returns all of it. part reads the platform's trace from an offset; shorter says that it ends before.
// A trace that does not hold what was read last began again, and replaces what is known.
func (t *traceText) read(part func(from, limit int64) (text []byte, shorter bool, err error), id string) (string, error) {
	overlap := int64(traceOverlap)
	if t.cut {
		overlap = cutOverlap
	}
	overlap = min(overlap, t.end, int64(t.text.Len()))
	from := t.end - overlap
	next, shorter, err := part(from, maxTrace+1)
	if err != nil {
		return "", err // what is known stays
	}
	if known := t.tail(overlap); !shorter && bytes.HasPrefix(next, known) {
		return t.add(next[len(known):], from+int64(len(next)), id)
	}
	if !shorter && t.cut {
		if at := bytes.LastIndex(next, t.tail(traceOverlap)); at >= 0 {
			return t.add(next[at+len(t.tail(traceOverlap)):], from+int64(len(next)), id)
		}
	}
	whole, _, err := part(0, maxTrace+1)
	if err != nil {
		return "", err
	}
	known := t.tail(traceOverlap)
	at := bytes.LastIndex(whole, known)
	if t.cut = at >= 0 && len(known) > 0; t.cut {
		return t.add(whole[at+len(known):], int64(len(whole)), id)
	}
	t.text.Reset()
	return t.add(whole, int64(len(whole)), id)
}

// tail is the end of what is known, at most so many bytes.
func (t *traceText) tail(most int64) []byte {
	text := t.text.Bytes()
	return text[max(0, len(text)-int(most)):]
}

func (t *traceText) add(more []byte, end int64, id string) (string, error) {
	if t.cut && t.text.Len()+len(more) > maxTrace { // what the platform has let go of is let go of here as well
		newest := bytes.Clone(t.tail(maxTrace / 2))
		t.text.Reset()
		t.text.Write(newest[bytes.IndexByte(newest, '\n')+1:])
	}
	if t.text.Len()+len(more) > maxTrace {
		t.text.Reset()
		t.end, t.cut = 0, false
		return "", WithCause(CauseMalformed, fmt.Errorf("trace of pe %s is larger than %d bytes, lower its trace level", id, maxTrace))
	}
	t.text.Write(more)
	t.end = end
	return t.text.String(), nil
}
