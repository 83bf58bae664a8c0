package protocol

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// MaxLine is the longest line in bytes, its end included.
const MaxLine = 256 << 10

// ErrTooLong is a line longer than MaxLine. The conversation cannot go on: nobody knows where the next line begins.
var ErrTooLong = errors.New("line of the fault agent's protocol is too long")

// Reader reads lines.
type Reader struct{ lines *bufio.Scanner }

// NewReader reads from r; nothing else may.
func NewReader(r io.Reader) *Reader {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), MaxLine)
	return &Reader{lines}
}

// Next is the next line without its end, valid until the following call; io.EOF at the end of the input. A line that
// its end cut off counts as none.
func (r *Reader) Next() ([]byte, error) {
	if r.lines.Scan() {
		return r.lines.Bytes(), nil
	}
	if err := r.lines.Err(); errors.Is(err, bufio.ErrTooLong) {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLong, MaxLine)
	} else if err != nil {
		return nil, err
	}
	return nil, io.EOF
}

// Write writes v as one line, by one call.
func Write(w io.Writer, v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode a line of the fault agent's protocol: %w", err)
	}
	if len(line) >= MaxLine {
		return fmt.Errorf("%w: %d bytes", ErrTooLong, len(line))
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// ParseRequest reads a request and validates it. The id is answered even if the rest is wrong, if it could be read.
func ParseRequest(line []byte) (Request, error) {
	var r Request
	if err := decode(line, &r); err != nil {
		return Request{ID: r.ID}, err
	}
	return r, r.Validate()
}

// ParseAnswer reads an answer.
func ParseAnswer(line []byte) (Answer, error) {
	var a Answer
	if err := decode(line, &a); err != nil {
		return Answer{}, err
	}
	members := 0
	for _, set := range []bool{a.Hello != nil, a.Arm != nil, a.Fire != nil, a.Report != nil, a.Heal != nil, a.Clock != nil, a.Probe != nil, a.List != nil, a.Lease != nil, a.Sockets != nil, a.Files != nil, a.Error != nil} {
		if set {
			members++
		}
	}
	if members != 1 {
		return Answer{}, fmt.Errorf("answer %d has %d members: exactly one expected", a.ID, members)
	}
	return a, nil
}

func decode(line []byte, v any) error {
	if len(line) >= MaxLine {
		return fmt.Errorf("%w: %d bytes", ErrTooLong, len(line))
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("read a line of the fault agent's protocol: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("read a line of the fault agent's protocol: more than one value on it")
	}
	return nil
}
