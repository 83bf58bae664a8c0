package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// entry is one line of an emulated data center's ground-truth journal.
type entry struct {
	Wall   time.Time       `json:"wall"`
	Mono   int64           `json:"mono"` // CLOCK_MONOTONIC, ns
	DC     string          `json:"dc"`
	PE     string          `json:"pe"`
	Event  string          `json:"event"`
	Fields json.RawMessage `json:"fields"`
}

// Events of the journal that are used here; all others are read and left alone.
const (
	eventDeclared = "declared" // the watchdog submits a status tuple
	eventTakeover = "takeover" // a fragment has merged a replica
	eventFirst    = "first"    // a fragment processes the first event of a stream
)

// fields of those events.
type fields struct {
	Up     bool   `json:"up"`
	DC     string `json:"data_center"`
	Stream string `json:"stream_dc"`
}

func (e entry) fields() (f fields, err error) {
	if err := json.Unmarshal(e.Fields, &f); err != nil {
		return f, fmt.Errorf("fields of %q: %w", e.Event, err)
	}
	return f, nil
}

// journal reads what was appended to one file since the last time.
type journal struct {
	path string
	read int64
}

// next returns the complete lines that are new. Anything that is not a line of the journal is an error: a truth that
// is half understood is none.
func (j *journal) next() ([]entry, error) {
	file, err := os.Open(j.path)
	if err != nil {
		return nil, fmt.Errorf("read the truth: %w", err)
	}
	defer file.Close()
	if _, err := file.Seek(j.read, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read the truth: %w", err)
	}
	raw, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("read the truth: %w", err)
	}
	raw = raw[:bytes.LastIndexByte(raw, '\n')+1]
	entries, err := parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%s after byte %d: %w", j.path, j.read, err)
	}
	j.read += int64(len(raw))
	return entries, nil
}

var errLine = errors.New("not a line of the ground-truth journal")

func parse(raw []byte) ([]entry, error) {
	var entries []entry
	for line := range bytes.Lines(raw) {
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.DisallowUnknownFields()
		var e entry
		if err := decoder.Decode(&e); err != nil {
			return nil, fmt.Errorf("%w: %.80q: %w", errLine, line, err)
		}
		if e.DC == "" || e.Event == "" || e.Mono <= 0 || e.Wall.IsZero() || decoder.More() {
			return nil, fmt.Errorf("%w: %.80q", errLine, line)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// clock relates CLOCK_MONOTONIC, which all processes of a host share, to the instants of this process.
type clock struct {
	at    time.Time
	mono  int64
	wrong time.Duration // how far a converted instant may be off
}

// readings is how often both clocks are read together; the closest reading counts.
const readings = 1000

func newClock() (clock, error) {
	best := clock{wrong: time.Hour}
	for range readings {
		var now unix.Timespec
		before := time.Now()
		err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
		took := time.Since(before)
		if err != nil {
			return clock{}, fmt.Errorf("read CLOCK_MONOTONIC: %w", err)
		}
		if took < best.wrong {
			best = clock{at: before.Add(took / 2), mono: now.Nano(), wrong: took}
		}
	}
	return best, nil
}

func (c clock) instant(mono int64) time.Time { return c.at.Add(time.Duration(mono - c.mono)) }
