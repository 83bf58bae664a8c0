package adapter

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/crossdc/failover/support/traffic"
)

// MaxPayload bounds {{payload N}}, in bytes.
const MaxPayload = 1 << 20

// Template makes the bytes of an event. These stand for what differs between events:
//
//	{{number}}     the number of the event, see Numbering
//	{{key}}        the event's key
//	{{due}}        when it was due, RFC 3339 with nanoseconds in UTC; {{due_ms}} and {{due_us}} in Unix milli- and microseconds
//	{{payload N}}  N random characters out of A-Z a-z 0-9 - _
//	{{stream}}     the data center that the event's stream belongs to; {{channel}} and {{seq}} its place there
//	{{check}}      a check over stream, channel and seq, as the drill application hands it back
//
// Everything else is sent as it stands. Values are put in as they are: where names hold quotes, the template must not rely on JSON escaping.
type Template struct {
	text  string
	parts []part
	usesNumber,
	usesKey bool
}

type part struct {
	text string // literal, where append is nil
	put  func([]byte, fields) []byte
}

// fields are what a template is filled with.
type fields struct {
	event  traffic.Event
	number uint64
	key    []byte
	random *rand.Rand
}

var placeholders = map[string]func([]byte, fields) []byte{
	"number":  func(dst []byte, f fields) []byte { return strconv.AppendUint(dst, f.number, 10) },
	"key":     func(dst []byte, f fields) []byte { return append(dst, f.key...) },
	"due":     func(dst []byte, f fields) []byte { return f.event.Due.UTC().AppendFormat(dst, time.RFC3339Nano) },
	"due_ms":  func(dst []byte, f fields) []byte { return strconv.AppendInt(dst, f.event.Due.UnixMilli(), 10) },
	"due_us":  func(dst []byte, f fields) []byte { return strconv.AppendInt(dst, f.event.Due.UnixMicro(), 10) },
	"stream":  func(dst []byte, f fields) []byte { return append(dst, f.event.DC...) },
	"channel": func(dst []byte, f fields) []byte { return strconv.AppendInt(dst, int64(f.event.Channel), 10) },
	"seq":     func(dst []byte, f fields) []byte { return strconv.AppendUint(dst, f.event.Seq, 10) },
	"check":   func(dst []byte, f fields) []byte { return strconv.AppendUint(dst, f.event.Check, 10) },
}

// NewTemplate reads a template. An error names the placeholder that is wrong.
func NewTemplate(text string) (*Template, error) {
	t := &Template{text: text}
	for rest := text; rest != ""; {
		before, after, found := strings.Cut(rest, "{{")
		if before != "" {
			t.parts = append(t.parts, part{text: before})
		}
		if !found {
			break
		}
		inside, behind, closed := strings.Cut(after, "}}")
		if !closed {
			return nil, fmt.Errorf("event template: {{%.20s is not closed by }}", after)
		}
		put, err := placeholder(strings.TrimSpace(inside))
		if err != nil {
			return nil, fmt.Errorf("event template: {{%.40s}}: %w", inside, err)
		}
		t.parts = append(t.parts, part{put: put})
		switch strings.TrimSpace(inside) {
		case "number":
			t.usesNumber = true
		case "key":
			t.usesKey = true
		}
		rest = behind
	}
	return t, nil
}

func placeholder(inside string) (func([]byte, fields) []byte, error) {
	if put, ok := placeholders[inside]; ok {
		return put, nil
	}
	size, ok := strings.CutPrefix(inside, "payload")
	if !ok {
		return nil, fmt.Errorf("is unknown: known are number, key, due, due_ms, due_us, payload N, stream, channel, seq, check")
	}
	n, err := strconv.Atoi(strings.TrimSpace(size))
	if err != nil || n < 1 || n > MaxPayload {
		return nil, fmt.Errorf("give the payload's size in bytes, from 1 to %d, as in {{payload 200}}", MaxPayload)
	}
	return func(dst []byte, f fields) []byte { return payload(dst, n, f.random) }, nil
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// payload appends n random characters, ten for each random number.
func payload(dst []byte, n int, random *rand.Rand) []byte {
	for n > 0 {
		bits := random.Uint64()
		for range min(n, 10) {
			dst = append(dst, letters[bits&63])
			bits >>= 6
			n--
		}
	}
	return dst
}

// String gives the template's text.
func (t *Template) String() string { return t.text }

// HasNumber reports whether events carry their number: without it results cannot be told apart.
func (t *Template) HasNumber() bool { return t.usesNumber }

func (t *Template) fill(dst []byte, f fields) []byte {
	for _, p := range t.parts {
		if p.put == nil {
			dst = append(dst, p.text...)
		} else {
			dst = p.put(dst, f)
		}
	}
	return dst
}

// Templates makes whole events. It is not safe for concurrent use: the random source is not.
type Templates struct {
	Body *Template
	Key  *Template // nil: no key
	// Numbering gives the numbers.
	Numbering Numbering
	// Random is where payloads come from; its seed is the run's.
	Random *rand.Rand
}

// Validate refuses what cannot be filled.
func (t Templates) Validate() error {
	switch {
	case t.Body == nil:
		return fmt.Errorf("event template: it is missing")
	case t.Random == nil:
		return fmt.Errorf("event template: a source of randomness is needed")
	case t.Key != nil && t.Key.usesKey:
		return fmt.Errorf("event template: the key %q cannot be made from {{key}}", t.Key)
	}
	return nil
}

// Make appends the bytes of events to buffer, which it returns for reuse, and the events to dst. The events are valid until the buffer is reused.
func (t Templates) Make(dst []Event, buffer []byte, events []traffic.Event) ([]Event, []byte) {
	type span struct{ start, key, end int }
	spans := make([]span, len(events))
	for i, e := range events {
		number, _ := t.Numbering.Number(e)
		f := fields{event: e, number: number, random: t.Random}
		spans[i].start = len(buffer)
		if t.Key != nil {
			buffer = t.Key.fill(buffer, f)
		}
		spans[i].key = len(buffer)
		f.key = buffer[spans[i].start:spans[i].key]
		buffer = t.Body.fill(buffer, f)
		spans[i].end = len(buffer)
	}
	for _, s := range spans {
		dst = append(dst, Event{Key: buffer[s.start:s.key:s.key], Body: buffer[s.key:s.end:s.end]})
	}
	return dst, buffer
}
