package fault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// Open is a fault that a process left behind when it died.
type Open struct {
	Entry        // the line that opened it
	Last  string // the last event known of it
	// Alive: the process that injected it still runs; the fault is in use, not left behind.
	Alive bool
	// Elsewhere: it was injected from another machine or container, where its process may still run.
	Elsewhere bool
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
	us := thisProcess()
	var left []Open
	for _, id := range order {
		if o, ok := open[id]; ok {
			switch o.Owner.fate(us) {
			case running: // a healing of our own that failed to the end is left behind, too
				o.Alive = o.Owner.PID != us.PID || o.Last != eventNotHealed
			case unknown: // whoever lives heals at the deadline; past that and the healing's own limits nobody does
				o.Elsewhere = time.Now().Before(o.Deadline.Add(2 * HealLimit))
			}
			left = append(left, *o)
		}
	}
	return left
}

// Heal takes a fault back that a dead process left, proves that it is gone and closes it in the journal. env and the
// journal must be of the environment that it was injected into (Where). It refuses while the process that injected it may
// still run.
func (o Open) Heal(ctx context.Context, env Environment, journal *Journal) error {
	if err := o.claimable(); err != nil {
		return fmt.Errorf("heal: %w", err)
	}
	if o.Where != journal.where {
		return fmt.Errorf("heal %s: it was injected into %q, not into %q", o, o.Where, journal.where)
	}
	f, bound, err := o.rebuilt(env)
	if err != nil {
		return fmt.Errorf("heal %s: %w", o, err)
	}
	in := newInjection(f, bound, journal)
	in.ID, in.Deadline = o.ID, o.Deadline
	in.timer = time.AfterFunc(0, func() {}) // its deadline is no longer ours to keep
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.heal(ctx, "left behind by a process that died")
}

// rebuilt makes the fault again, as far as a later process can.
func (o Open) rebuilt(env Environment) (Fault, action, error) {
	f, err := Make(o.Fault, *o.Parameters)
	if err != nil {
		return f, nil, err
	}
	f.Lifetime = max(f.Lifetime, f.ends)
	bound, reason := f.bound(env)
	if reason != "" {
		return f, nil, fmt.Errorf("%w: %s", ErrNotAvailable, reason)
	}
	bound.recall(o.Memory)
	return f, bound, nil
}
