// Package frame carries what a shard delivers through its log: lines among other lines, of which any may be missing, doubled,
// damaged or cut. Every line says whose it is, which of how many it is, the hash of the whole and a checksum of itself, so
// that what arrived is either known to be whole or known not to be, whatever became of the rest.
//
//	crossdc-frame 1 <campaign> <shard> <attempt> <part>/<parts> <SHA-256 of the whole> <CRC-32C of all of this line but itself> <base64>
//
// Part 0 of 0 announces an attempt: its payload is the name of the node. It imports nothing of ours.
package frame

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	mark = "crossdc-frame 1 "
	// chunk is how many bytes a line carries. Container runtimes split lines at 16 KiB.
	chunk = 6 << 10
	// maxLine is more than any line of ours has; longer ones are somebody else's.
	maxLine = 12 << 10
	// maxParts bounds what one attempt may deliver: 96 MiB.
	maxParts = 16 << 10
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	word       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$`)
)

// Identity tells one attempt at one shard of one campaign from all others.
type Identity struct {
	Campaign string `json:"campaign"`
	Shard    int    `json:"shard"`
	Attempt  string `json:"attempt"`
}

// String names the attempt.
func (id Identity) String() string { return fmt.Sprintf("shard %d, attempt %s", id.Shard, id.Attempt) }

func (id Identity) check() error {
	if !word.MatchString(id.Campaign) || !word.MatchString(id.Attempt) || id.Shard < 0 {
		return fmt.Errorf("frame %q %d %q: campaign and attempt must be one word of letters, digits and . _ : - each, the shard a number from 0", id.Campaign, id.Shard, id.Attempt)
	}
	return nil
}

// Announce writes the line that says that an attempt has begun, and where.
func Announce(w io.Writer, id Identity, node string) error {
	if err := id.check(); err != nil {
		return err
	}
	return writeLine(w, id, 0, 0, sha256.Sum256([]byte(node)), []byte(node))
}

// Write writes a delivery.
func Write(w io.Writer, id Identity, delivery []byte) error {
	if err := id.check(); err != nil {
		return err
	}
	parts := max(1, (len(delivery)+chunk-1)/chunk)
	if parts > maxParts {
		return fmt.Errorf("deliver %s: %d bytes are more than the %d that one attempt may deliver; let each shard run fewer trials", id, len(delivery), maxParts*chunk)
	}
	sum := sha256.Sum256(delivery)
	for part := 1; part <= parts; part++ {
		from, to := (part-1)*chunk, min(part*chunk, len(delivery))
		if err := writeLine(w, id, part, parts, sum, delivery[from:to]); err != nil {
			return err
		}
	}
	return nil
}

func writeLine(w io.Writer, id Identity, part, parts int, sum [sha256.Size]byte, payload []byte) error {
	head := fmt.Sprintf("%s%s %d %s %d/%d %s", mark, id.Campaign, id.Shard, id.Attempt, part, parts, hex.EncodeToString(sum[:]))
	data := base64.StdEncoding.EncodeToString(payload)
	_, err := fmt.Fprintf(w, "%s %08x %s\n", head, checksum(head, data), data)
	if err != nil {
		return fmt.Errorf("deliver %s: %w", id, err)
	}
	return nil
}

func checksum(head, data string) uint32 {
	return crc32.Update(crc32.Checksum([]byte(head), castagnoli), castagnoli, []byte(data))
}

// line is one that was understood.
type line struct {
	id          Identity
	part, parts int
	sum         string
	payload     []byte
}

// parse reads a line of ours; ours is false for any other.
func parse(text string) (l line, ours bool, err error) {
	at := strings.Index(text, mark) // what reads logs may put a time before each line
	if at < 0 {
		return l, false, nil
	}
	text = strings.TrimRight(text[at:], "\r\n")
	fields := strings.Split(text[len(mark):], " ")
	if len(fields) != 7 {
		return l, true, fmt.Errorf("it has %d fields, want 7", len(fields))
	}
	head := text[:len(text)-len(fields[6])-len(fields[5])-2]
	sum, err := strconv.ParseUint(fields[5], 16, 32)
	if err != nil || len(fields[5]) != 8 || uint32(sum) != checksum(head, fields[6]) {
		return l, true, errors.New("its checksum is wrong")
	}
	l.id = Identity{Campaign: fields[0], Attempt: fields[2]}
	part, parts, _ := strings.Cut(fields[3], "/")
	var errs [3]error
	l.id.Shard, errs[0] = strconv.Atoi(fields[1])
	l.part, errs[1] = strconv.Atoi(part)
	l.parts, errs[2] = strconv.Atoi(parts)
	if err := errors.Join(errs[:]...); err != nil {
		return l, true, err
	}
	if l.parts > maxParts || l.part < 0 || l.part > l.parts || l.part == 0 && l.parts != 0 {
		return l, true, fmt.Errorf("part %d of %d cannot be", l.part, l.parts)
	}
	if err := l.id.check(); err != nil {
		return l, true, err
	}
	if raw, err := hex.DecodeString(fields[4]); err != nil || len(raw) != sha256.Size {
		return l, true, errors.New("its hash is none")
	}
	l.sum = fields[4]
	if l.payload, err = base64.StdEncoding.DecodeString(fields[6]); err != nil {
		return l, true, err
	}
	return l, true, nil
}

// Attempt is what arrived of one attempt.
type Attempt struct {
	Identity
	Node     string
	Delivery []byte // nil unless all of it arrived and its hash is right
	Problems []string

	parts   map[int][]byte
	sum     string
	count   int
	doubled int
}

// Whole reports whether all of it arrived.
func (a *Attempt) Whole() bool { return a.Delivery != nil }

// Read reads a log. It returns what it found of every attempt, in the order of their first lines, and what could not be
// assigned to any; err is only that of the reader.
func Read(r io.Reader) (attempts []*Attempt, problems []string, err error) {
	known := map[Identity]*Attempt{}
	in := bufio.NewReaderSize(r, maxLine)
	for number := 1; ; number++ {
		raw, readErr := in.ReadSlice('\n')
		text := string(raw)
		long := false
		for errors.Is(readErr, bufio.ErrBufferFull) { // somebody else's line, or ours with something else in it
			long = true
			_, readErr = in.ReadSlice('\n')
		}
		if text != "" {
			l, ours, bad := parse(text)
			switch {
			case long && ours:
				problems = append(problems, fmt.Sprintf("line %d: longer than any of ours", number))
			case !ours:
			case bad != nil:
				problems = append(problems, fmt.Sprintf("line %d: %v", number, bad))
			default:
				a := known[l.id]
				if a == nil {
					a = &Attempt{Identity: l.id, parts: map[int][]byte{}}
					known[l.id] = a
					attempts = append(attempts, a)
				}
				a.add(l)
			}
		}
		if readErr != nil {
			for _, a := range attempts {
				a.finish()
			}
			if errors.Is(readErr, io.EOF) {
				return attempts, problems, nil
			}
			return attempts, problems, fmt.Errorf("read a shard's log: %w", readErr)
		}
	}
}

func (a *Attempt) add(l line) {
	if l.parts == 0 {
		a.Node = string(l.payload)
		return
	}
	if a.sum == "" {
		a.sum, a.count = l.sum, l.parts
	}
	if l.sum != a.sum || l.parts != a.count {
		a.problem("it delivered two different things under one name")
		a.sum, a.count = "-", l.parts // neither can be believed
		return
	}
	if older, there := a.parts[l.part]; there {
		a.doubled++
		if !bytes.Equal(older, l.payload) {
			a.problem(fmt.Sprintf("part %d came twice, and differs", l.part))
		}
		return
	}
	a.parts[l.part] = l.payload
}

func (a *Attempt) problem(text string) {
	if !slices.Contains(a.Problems, text) {
		a.Problems = append(a.Problems, text)
	}
}

func (a *Attempt) finish() {
	if a.doubled > 0 {
		a.problem(fmt.Sprintf("%d lines came twice", a.doubled))
	}
	switch {
	case a.count == 0:
		a.problem("it began and delivered nothing")
		return
	case a.sum == "-":
		return
	case len(a.parts) < a.count:
		a.problem(fmt.Sprintf("%d of %d lines are missing", a.count-len(a.parts), a.count))
		return
	}
	var whole bytes.Buffer
	for part := 1; part <= a.count; part++ {
		whole.Write(a.parts[part])
	}
	a.parts = nil
	if sum := sha256.Sum256(whole.Bytes()); hex.EncodeToString(sum[:]) != a.sum {
		a.problem("all lines are there, and their hash is wrong")
		return
	}
	a.Delivery = append([]byte{}, whole.Bytes()...)
}
