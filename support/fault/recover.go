package fault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

// Open is a fault that a process left behind when it died.
type Open struct {
	Entry        // the line that opened it
	Last  string // the last event known of it
	// Alive: the process that injected it still runs; the fault is in use, not left behind.
	Alive bool
}

// String is the fault in words.
func (o Open) String() string {
	name := Fault{Name: o.Fault, Target: o.Target}.String()
	return fmt.Sprintf("%s (%s), injected by process %d, last known: %s, deadline %s", name, o.ID, o.Owner.PID, o.Last, o.Deadline.Format(time.RFC3339))
}

// Recovery is what a journal says about the past.
type Recovery struct {
	Open   []Open
	Damage []Damage
}

// Recover lists the faults that the journal at path opens and never closes. No journal, no faults.
func Recover(path string) (Recovery, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Recovery{}, nil
	}
	if err != nil {
		return Recovery{}, fmt.Errorf("look for faults left behind: %w", err)
	}
	defer func() { _ = file.Close() }()
	entries, damage, err := ReadJournal(file)
	return Recovery{Open: unclosed(entries), Damage: damage}, err
}

// unclosed pairs the lines up.
func unclosed(entries []Entry) []Open {
	var order []string
	open := make(map[string]*Open)
	for _, e := range entries {
		o, known := open[e.ID]
		switch {
		case e.Event == eventOpen && !known:
			order = append(order, e.ID)
			open[e.ID] = &Open{Entry: e, Last: e.Event}
		case !known: // a later step of something that was closed, or whose opening is damaged
		case e.Event == eventHealed:
			delete(open, e.ID)
		default:
			o.Last = e.Event
		}
	}
	var left []Open
	for _, id := range order {
		if o, ok := open[id]; ok {
			o.Alive = o.Owner.alive()
			left = append(left, *o)
		}
	}
	return left
}

// Heal takes a fault back that a dead process left, proves that it is gone and closes it in the journal. env must be the
// one that it was injected into (Where). It refuses while the process that injected it still runs.
func (o Open) Heal(ctx context.Context, env Environment, journal *Journal) error {
	if o.Alive {
		return fmt.Errorf("heal %s: its process still runs and will heal it itself", o)
	}
	f, err := Make(o.Fault, *o.Parameters)
	if err != nil {
		return fmt.Errorf("heal %s: %w", o, err)
	}
	f.Lifetime = max(f.Lifetime, f.ends)
	bound, reason := f.bound(env)
	if reason != "" {
		return fmt.Errorf("heal %s: %w: %s", o, ErrNotAvailable, reason)
	}
	bound.recall(o.Memory)
	in := newInjection(f, bound, journal)
	in.ID, in.Deadline = o.ID, o.Deadline
	in.timer = time.AfterFunc(0, func() {}) // its deadline is no longer ours to keep
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.heal(ctx, "left behind by a process that died")
}

// alive says whether that very process still runs.
func (o *Owner) alive() bool {
	return o != nil && o.PID > 0 && o.Started != 0 && startTicks(o.PID) == o.Started
}

// startTicks is when a process started, or 0 when there is none.
func startTicks(pid int) uint64 {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	// The second field is the command in parentheses and may hold anything; the start time is the 20th after it.
	_, rest, ok := strings.Cut(string(raw[bytes.LastIndexByte(raw, ')')+1:]), " ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 20 || fields[0] == "Z" { // a zombie does nothing any more
		return 0
	}
	ticks, err := strconv.ParseUint(fields[19], 10, 64)
	if err != nil {
		return 0
	}
	return ticks
}
