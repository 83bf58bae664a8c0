package adapter

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// maxLine bounds one result of a way that reads lines, in bytes: a stream without line ends must not fill the memory.
const maxLine = 4 << 20

// errLine says that an event cannot be sent as a line.
var errLine = errors.New("an event that is sent as a line must not be empty or hold a line end")

// isLine reports whether an event can be sent as one line.
func isLine(body []byte) bool { return len(body) > 0 && bytes.IndexByte(body, '\n') < 0 }

// asLines appends the events as lines. ends holds where the line of each event ends in what was appended; an event that is no line has none (-1).
func asLines(dst []byte, events []Event) (lines []byte, ends []int, err error) {
	ends = make([]int, len(events))
	for i, e := range events {
		if !isLine(e.Body) {
			ends[i], err = -1, errLine
			continue
		}
		dst = append(append(dst, e.Body...), '\n')
		ends[i] = len(dst)
	}
	return dst, ends, err
}

// written gives the outcomes after the first n bytes of lines left us: a line that is whole is sent, one that was cut may have arrived in a form
// that its reader takes, and of the others no byte is out.
func written(ends []int, n int) []Outcome {
	out := make([]Outcome, len(ends))
	begin := 0
	for i, end := range ends {
		switch {
		case end < 0:
			out[i] = Refused
			continue
		case end <= n:
			out[i] = Sent
		case begin < n:
			out[i] = Unknown
		default:
			out[i] = Refused
		}
		begin = end
	}
	return out
}

// every gives n times the same outcome.
func every(n int, outcome Outcome) []Outcome {
	out := make([]Outcome, n)
	for i := range out {
		out[i] = outcome
	}
	return out
}

// watch stamps what a reader gets.
type watch struct {
	now           func() time.Time
	began, before time.Time
}

// awake is the time above which a read has waited: what ended it came at its end.
const awake = 200 * time.Microsecond

func (w *watch) begin() {
	w.began = w.now()
	if w.before.IsZero() {
		w.before = w.began
	}
}

// end gives the interval in which what was read arrived. full says that it filled the reader's memory: more may have been there at the same time, so
// that what is read next may be as old.
func (w *watch) end(full bool) (earliest, latest time.Time) {
	latest = w.now()
	earliest = latest
	if latest.Sub(w.began) < awake { // it was there before we asked
		earliest = w.before
	}
	if w.before = latest; full {
		w.before = earliest
	}
	return earliest, latest
}

// lineReader cuts a stream into results.
type lineReader struct {
	site string
	rest []byte // a line that has not ended yet
	skip bool   // the line under way is too long
}

// take gives the lines that end in a chunk. long reports that a line was too long and is left out.
func (l *lineReader) take(chunk []byte, earliest, latest time.Time) (results []Result, long bool) {
	for {
		i := bytes.IndexByte(chunk, '\n')
		if i < 0 {
			break
		}
		line := chunk[:i:i]
		if len(l.rest) > 0 {
			line = append(l.rest, line...)
			l.rest = nil
		}
		chunk = chunk[i+1:]
		switch {
		case l.skip || len(line) > maxLine:
			l.skip, long = false, true
			continue
		}
		if line = bytes.TrimSuffix(line, []byte{'\r'}); len(line) > 0 {
			results = append(results, Result{Bytes: line, Site: l.site, Earliest: earliest, Latest: latest})
		}
	}
	if l.skip {
		return results, long
	}
	if l.rest = append(l.rest, chunk...); len(l.rest) > maxLine {
		l.rest, l.skip = nil, true
	}
	return results, long
}

// cut reports whether a line is under way.
func (l *lineReader) cut() bool { return l.skip || len(l.rest) > 0 }

// readLines hands lines to the receiver until the stream ends, and gives what ended it: io.EOF after a whole line. last is when the stream was
// last known to be whole.
func readLines(from io.Reader, site string, now func() time.Time, to Receiver) (last time.Time, err error) {
	w := watch{now: now}
	lines := lineReader{site: site}
	last = now()
	for {
		chunk := make([]byte, 32<<10)
		w.begin()
		n, err := from.Read(chunk)
		earliest, latest := w.end(n == len(chunk))
		if n > 0 {
			results, long := lines.take(chunk[:n:n], earliest, latest)
			if len(results) > 0 {
				to.Results(results)
			}
			if long {
				to.Gap(Gap{Site: site, From: earliest, Until: latest, Why: fmt.Sprintf("a result was longer than %d bytes", maxLine)})
			}
			last = latest
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF) && lines.cut():
			return last, io.ErrUnexpectedEOF
		default:
			return last, err
		}
	}
}

// alone lets several goroutines share a receiver.
type alone struct {
	mu sync.Mutex
	to Receiver
}

// Results implements Receiver.
func (a *alone) Results(results []Result) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.to.Results(results)
}

// Gap implements Receiver.
func (a *alone) Gap(gap Gap) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.to.Gap(gap)
}
