package crossdc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ByteOrder is the byte order of the host that wrote a body. Data centers of different order do not interoperate
// (toolkit contract 4.4).
type ByteOrder uint8

const (
	LittleEndian ByteOrder = iota // x86-64, ppc64le
	BigEndian                     // s390x, ppc64
)

type byteOrder interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

func (o ByteOrder) order() byteOrder {
	if o == BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// Marshal encodes a message as the body of one POST (toolkit contract 4.4).
func Marshal(o ByteOrder, m *Message) []byte {
	size := 4 + 8 + 5 + len(m.DataCenter) + 8 + len(m.Snapshot) + 5 + len(m.Origin)
	return Append(make([]byte, 0, size), o, m)
}

// Append appends the encoding of m to b. Strings of 4 GiB and more, which the format cannot hold, are cut.
func Append(b []byte, o ByteOrder, m *Message) []byte {
	order := o.order()
	b = order.AppendUint32(b, uint32(m.Type))
	b = order.AppendUint64(b, m.Count)
	b = appendString(b, order, m.DataCenter)
	b = order.AppendUint64(b, uint64(len(m.Snapshot)))
	b = append(b, m.Snapshot...)
	return appendString(b, order, m.Origin)
}

func appendString(b []byte, order byteOrder, s string) []byte {
	if uint64(len(s)) > math.MaxUint32 {
		s = s[:math.MaxUint32]
	}
	if len(s) < longString {
		return append(append(b, byte(len(s))), s...)
	}
	b = order.AppendUint32(append(b, longString), uint32(len(s)))
	return append(b, s...)
}

// longString is the first length byte from which on a 4-byte length follows.
const longString = 0x80

// DecodeError says where a body ends before the field that should stand there, or, with Need 0, that a length prefix is not
// one an encoder writes.
type DecodeError struct {
	Field  string // attribute of HeartbeatMessageType, with "length" or "bytes" where it has both
	Offset int    // where in the body the field begins
	Need   uint64 // bytes that the field takes
	Have   int    // bytes left
}

func (e *DecodeError) Error() string {
	if e.Need == 0 {
		return fmt.Sprintf("decode heartbeat message: %s at offset %d: not a length that an encoder writes", e.Field, e.Offset)
	}
	return fmt.Sprintf("decode heartbeat message: %s at offset %d: need %d bytes, have %d", e.Field, e.Offset, e.Need, e.Have)
}

// ErrOutOfBounds marks a body that the real runtime, which checks no bounds, would read past its end: undefined
// behaviour there, as a rule the end of the processing element.
var ErrOutOfBounds = errors.New("the real runtime would read out of bounds")

// TrailingError says that bytes follow the last field.
type TrailingError struct {
	Offset int // where the message ends
	Extra  int // bytes behind it
}

func (e *TrailingError) Error() string {
	return fmt.Sprintf("decode heartbeat message: %d trailing bytes at offset %d", e.Extra, e.Offset)
}

// Decode is the strict decoder: exactly one message, in the form that an encoder writes. It returns a *DecodeError or a
// *TrailingError. The snapshot shares b's memory.
func Decode(o ByteOrder, b []byte) (Message, error) {
	l, err := scan(o, b)
	if err != nil {
		return Message{}, err
	}
	if l.padded != nil {
		return Message{}, l.padded
	}
	if l.end != len(b) {
		return Message{}, &TrailingError{Offset: l.end, Extra: len(b) - l.end}
	}
	return l.message(o, b), nil
}

// DecodeLenient decodes as the real runtime does: trailing bytes are ignored, and any first length byte from 0x80 on
// means that a 4-byte length follows. Where the runtime would read out of bounds it returns an error that is
// ErrOutOfBounds and holds a *DecodeError. The snapshot shares b's memory.
func DecodeLenient(o ByteOrder, b []byte) (Message, error) {
	l, err := scan(o, b)
	if err != nil {
		return Message{}, fmt.Errorf("%w: %w", ErrOutOfBounds, err)
	}
	return l.message(o, b), nil
}

// span is a half-open range of a body.
type span struct{ from, to int }

// layout is where the fields of a body lie.
type layout struct {
	dataCenter, snapshot, origin span
	end                          int
	padded                       *DecodeError // the first length prefix that no encoder writes
}

func (l *layout) message(o ByteOrder, b []byte) Message {
	order := o.order()
	return Message{
		Type:       MessageType(order.Uint32(b)),
		Count:      order.Uint64(b[4:]),
		DataCenter: string(b[l.dataCenter.from:l.dataCenter.to]),
		Snapshot:   b[l.snapshot.from:l.snapshot.to:l.snapshot.to],
		Origin:     string(b[l.origin.from:l.origin.to]),
	}
}

// scan finds the fields of a body without allocating, checking every bound.
func scan(o ByteOrder, b []byte) (l layout, err error) {
	r := reader{order: o, body: b}
	r.take("heartbeatMsgType", 4)
	r.take("heartbeatCnt", 8)
	l.dataCenter = r.text("dataCenterOrigin length", "dataCenterOrigin bytes")
	l.snapshot = r.blob()
	l.origin = r.text("dataSnapshotOrigin length", "dataSnapshotOrigin bytes")
	l.end, l.padded = r.at, r.padded
	if r.err != nil {
		return layout{}, r.err
	}
	return l, nil
}

// reader walks a body; after its first error every read is empty.
type reader struct {
	order  ByteOrder
	body   []byte
	at     int
	err    *DecodeError
	padded *DecodeError
}

func (r *reader) take(field string, n uint64) span {
	if r.err != nil {
		return span{}
	}
	if have := len(r.body) - r.at; n > uint64(have) {
		r.err = &DecodeError{Field: field, Offset: r.at, Need: n, Have: have}
		return span{}
	}
	s := span{r.at, r.at + int(n)}
	r.at = s.to
	return s
}

func (r *reader) text(length, bytes string) span {
	at := r.at
	first := r.take(length, 1)
	if r.err != nil {
		return span{}
	}
	n := uint64(r.body[first.from])
	if n < longString {
		return r.take(bytes, n)
	}
	long := r.take(length, 4)
	if r.err != nil {
		return span{}
	}
	prefix := n
	n = uint64(r.order.order().Uint32(r.body[long.from:]))
	if r.padded == nil && (prefix != longString || n < longString) {
		r.padded = &DecodeError{Field: length, Offset: at}
	}
	return r.take(bytes, n)
}

func (r *reader) blob() span {
	length := r.take("dataSnapshot length", 8)
	if r.err != nil {
		return span{}
	}
	return r.take("dataSnapshot bytes", r.order.order().Uint64(r.body[length.from:]))
}
