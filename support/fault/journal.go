package fault

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// Events of an injection, in order. An injection is open from the first to eventHealed.
const (
	eventOpen      = "open" // written before anything is done
	eventActed     = "acted"
	eventBit       = "bit"
	eventGoesOn    = "goes on" // what belongs to the fault and is done by the scenario
	eventHealing   = "healing"
	eventNotHealed = "not healed"
	eventHealed    = "healed"
)

// Entry is one line of the journal.
type Entry struct {
	ID    string    `json:"id"` // of the injection
	Event string    `json:"event"`
	Time  time.Time `json:"time"`
	Text  string    `json:"text,omitempty"` // evidence, proof or problem

	// Only when it is opened:
	Fault      string      `json:"fault,omitempty"` // name in the catalogue
	Target     string      `json:"target,omitempty"`
	Parameters *Parameters `json:"parameters,omitempty"`
	Memory     string      `json:"memory,omitempty"` // what a later process must know to heal it
	Deadline   time.Time   `json:"deadline,omitzero"`
	Where      string      `json:"where,omitempty"` // the environment, as given to OpenJournal
	Owner      *Owner      `json:"owner,omitempty"`
}

// Journal is where faults are written before they act: one JSON object a line, each forced to the disk before the next
// step, so that it survives kill -9 at any byte. Several processes may append to the same file.
type Journal struct {
	where string
	owner Owner

	mu   sync.Mutex
	file *os.File
	next int
}

// OpenJournal opens or creates the journal at path for appending. where names the environment, for whoever recovers.
func OpenJournal(path, where string) (*Journal, error) {
	file, err := openShared(path)
	if err != nil {
		return nil, fmt.Errorf("open the journal of faults %s: %w; nothing can be injected without it", path, err)
	}
	j := &Journal{where: where, owner: thisProcess(), file: file}
	if err := j.endLastLine(); err != nil {
		return nil, errors.Join(fmt.Errorf("open the journal of faults %s: %w", path, err), file.Close())
	}
	return j, nil
}

// endLastLine keeps our first line apart from one that a dying process left unfinished.
func (j *Journal) endLastLine() error {
	info, err := j.file.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	last := make([]byte, 1)
	if _, err := j.file.ReadAt(last, info.Size()-1); err != nil || last[0] == '\n' {
		return err
	}
	_, err = j.file.WriteString("\n")
	return err
}

// Path of the file.
func (j *Journal) Path() string { return j.file.Name() }

// Close closes the file. Injections that are still open stay open in it.
func (j *Journal) Close() error { return j.file.Close() }

// nextID is unique among all processes that write to the file.
func (j *Journal) nextID() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.next++
	return fmt.Sprintf("%d-%d-%d", j.owner.PID, j.owner.Started, j.next)
}

// append writes one line and forces it to the disk.
func (j *Journal) append(e Entry) error {
	e.Time = time.Now()
	line, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write the journal of faults: %w", err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.Write(append(line, '\n')); err != nil { // one call: lines of several processes do not mix
		return fmt.Errorf("write the journal of faults: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("force the journal of faults %s to the disk: %w", j.Path(), err)
	}
	return nil
}

// open writes that the fault is about to act.
func (in *Injection) open(memory string) error {
	p := in.fault.Parameters
	return in.journal.append(Entry{
		ID: in.ID, Event: eventOpen, Fault: in.fault.Name, Target: in.fault.Target, Parameters: &p, Memory: memory,
		Deadline: in.Deadline, Where: in.journal.where, Owner: &in.journal.owner,
	})
}

// note writes a later step.
func (in *Injection) note(event, text string) error {
	return in.journal.append(Entry{ID: in.ID, Event: event, Text: text})
}
