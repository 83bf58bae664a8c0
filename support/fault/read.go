package fault

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxLine bounds one line of the journal; a longer one is damage.
const maxLine = 1 << 20

// Damage is a line of the journal that could not be read.
type Damage struct {
	Line int // counted from 1
	Why  string
}

// String is the damage in words.
func (d Damage) String() string { return fmt.Sprintf("line %d of the journal: %s", d.Line, d.Why) }

// ReadJournal reads entries in order. Lines that make no sense are reported and skipped: a process that was killed while
// writing leaves one cut off, and another process may have appended after it. A cut-off line never hides a fault: the line
// that opens one is complete on the disk before the fault acts.
func ReadJournal(r io.Reader) ([]Entry, []Damage, error) {
	var (
		entries []Entry
		damages []Damage
		in      = bufio.NewReaderSize(r, maxLine)
	)
	for number := 1; ; number++ {
		line, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			damages = append(damages, Damage{number, fmt.Sprintf("longer than %d bytes", maxLine)})
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = in.ReadSlice('\n')
			}
			line = nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return entries, damages, fmt.Errorf("read the journal of faults: %w", err)
		}
		if len(line) > 0 && line[0] != '\n' {
			entry, wrong := parse(line)
			switch {
			case wrong == "":
				entries = append(entries, entry)
			case err != nil:
				damages = append(damages, Damage{number, fmt.Sprintf("cut off after %d bytes; its writer died while writing it", len(line))})
			default:
				damages = append(damages, Damage{number, wrong})
			}
		}
		if err != nil {
			return entries, damages, nil
		}
	}
}

// parse reads one line.
func parse(line []byte) (Entry, string) {
	var e Entry
	if err := json.Unmarshal(line, &e); err != nil {
		return e, "not a JSON object of ours: " + err.Error()
	}
	switch {
	case e.ID == "":
		return e, "it names no injection"
	case e.Event == "":
		return e, "it names no event"
	case e.Event == eventOpen && (e.Fault == "" || e.Parameters == nil || e.Owner == nil):
		return e, "it opens a fault without saying which, or whose"
	}
	return e, ""
}
