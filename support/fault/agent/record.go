package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// record is one fault in the target's journal: a file in memory-backed storage, replaced as a whole at every step, from which
// any later process can heal.
type record struct {
	ID     string `json:"id"`
	Holder string `json:"holder"`
	Agent  int    `json:"agent"` // process that armed it
	// AgentStart is when that process started, in ticks: its number may come to mean another one.
	AgentStart uint64         `json:"agentStart"`
	Fault      protocol.Fault `json:"fault"`
	Phase      protocol.Phase `json:"phase"`
	// ArmedUntil is when it disarms itself, Deadline when it ends; nanoseconds of the boot clock, 0 until fired.
	ArmedUntil int64 `json:"armedUntilNs"`
	Deadline   int64 `json:"deadlineNs"`

	Before survey `json:"surroundings"`
	// Groups are the cgroups that are frozen instead of suspending single processes.
	Groups []string `json:"groups,omitempty"`
	// Queue is the number of the kernel's queue that delayed packets pass.
	Queue uint16 `json:"queue,omitempty"`
	// NativeQueue says that nft's own statement leads there, not the old target.
	NativeQueue bool `json:"nativeQueue,omitempty"`
	// Errors are the wrong checksums that the host counted before.
	Errors uint64 `json:"errors,omitempty"`
	// Packets and Bytes that were counted before the table was removed.
	Packets uint64 `json:"packets,omitempty"`
	Bytes   uint64 `json:"bytes,omitempty"`
	Bit     bool   `json:"bit,omitempty"`
	// Done says that a command of the fault returned without an error.
	Done bool `json:"done,omitempty"`
}

func (r *record) open() bool {
	return r.Phase == protocol.PhaseArmed || r.Phase == protocol.PhaseActive
}

// lapsed says that it was armed, and that nobody can fire it any more.
func (r *record) lapsed() bool { return r.Phase == protocol.PhaseArmed && until(r.ArmedUntil) <= 0 }

// abandoned says that it has lapsed for so long that its keeper cannot be alive, nor is its agent.
func (r *record) abandoned() bool {
	return r.lapsed() && until(r.ArmedUntil) < -time.Minute && gone(protocol.Process{PID: r.Agent, StartTicks: r.AgentStart})
}

// mark is part of the name of everything that the fault adds to the host.
func (r *record) mark() string { return "crossdc_" + r.ID }

// journal is the folder of the records.
type journal string

// defaultStates are where a journal may live, in order.
var defaultStates = []string{"/run/crossdc-fault", "/dev/shm/crossdc-fault"}

// openJournal finds a place for the folder, which is there only while it holds something. It must be in memory: a journal that
// survives a reboot speaks of faults that did not.
func openJournal(path string) (journal, error) {
	paths := defaultStates
	if path != "" {
		paths = []string{path}
	}
	var problems []error
	var found journal
	for _, p := range paths {
		err := os.Mkdir(p, 0o700)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			problems = append(problems, err)
			continue
		}
		created := err == nil
		err = journal(p).ours()
		var fsys unix.Statfs_t
		if err == nil {
			err = unix.Statfs(p, &fsys)
		}
		switch {
		case err != nil:
			problems = append(problems, err)
		case fsys.Type != unix.TMPFS_MAGIC && fsys.Type != unix.RAMFS_MAGIC:
			problems = append(problems, fmt.Errorf("%s is not in memory-backed storage", p))
		default:
			found = journal(p)
		}
		if created {
			_ = os.Remove(p) // only succeeds if nobody has put anything there meanwhile
		}
		if found != "" {
			return found, nil
		}
	}
	return "", fmt.Errorf("open the target's journal of faults: %w; name a folder on a tmpfs by -state", errors.Join(problems...))
}

func (j journal) file(id string) string   { return filepath.Join(string(j), id+".json") }
func (j journal) socket(id string) string { return filepath.Join(string(j), id+".sock") }

// write replaces the record.
func (j journal) write(r *record) error {
	text, err := json.Marshal(r)
	if err == nil {
		err = j.put(j.file(r.ID), text)
	}
	if err != nil {
		return fmt.Errorf("write the target's journal: %w", err)
	}
	return nil
}

// put replaces a file of the journal as a whole, and makes the folder where nothing was in it. Whoever removes its last file removes the
// folder as well, which may come between.
func (j journal) put(file string, text []byte) error {
	next := file + fmt.Sprintf(".%d", os.Getpid())
	for attempt := 0; ; attempt++ {
		err := os.WriteFile(next, text, 0o600)
		if err == nil {
			return os.Rename(next, file)
		}
		if !errors.Is(err, fs.ErrNotExist) || attempt == attempts {
			_ = os.Remove(next) // a full device leaves a part of it
			return err
		}
		if err := os.Mkdir(string(j), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := j.ours(); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
}

// attempts to put something into a folder that others remove when it is empty.
const attempts = 10

// ours says what is wrong with the folder.
func (j journal) ours() error {
	var s unix.Stat_t
	if err := unix.Lstat(string(j), &s); err != nil {
		return err
	}
	if s.Mode&unix.S_IFMT != unix.S_IFDIR || s.Mode&0o077 != 0 || int(s.Uid) != os.Geteuid() {
		return fmt.Errorf("%s is not a folder that only we may use", j)
	}
	return nil
}

func (j journal) read(id string) (*record, error) {
	if err := protocol.ValidID(id); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(j.file(id))
	if err != nil {
		return nil, err
	}
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("read the target's journal %s: %w", j.file(id), err)
	}
	if r.ID != id {
		return nil, fmt.Errorf("read the target's journal %s: it is about %q", j.file(id), r.ID)
	}
	return &r, nil
}

// all records that can be read, and what was wrong with the others.
func (j journal) all() ([]*record, error) {
	entries, err := os.ReadDir(string(j))
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // without a folder there is nothing
		return nil, err
	}
	var records []*record
	var problems []error
	for _, e := range entries {
		id, is := strings.CutSuffix(e.Name(), ".json")
		if !is {
			continue
		}
		r, err := j.read(id)
		if errors.Is(err, fs.ErrNotExist) {
			continue // its keeper took it away meanwhile
		}
		if err != nil {
			problems = append(problems, err)
			continue
		}
		records = append(records, r)
	}
	return records, errors.Join(problems...)
}

// forget removes the record and, if it was the last one, the folder.
func (j journal) forget(id string) {
	_ = os.Remove(j.file(id))
	_ = os.Remove(j.socket(id))
	_ = os.Remove(string(j)) // only succeeds once it is empty
}

// bootNow is the boot clock in nanoseconds: it counts while the host is suspended, and nobody sets it.
func bootNow() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		panic("the kernel has no boot clock: " + err.Error()) // since Linux 2.6.39
	}
	return ts.Nano()
}

// until is how long it takes from now to a stamp of the boot clock.
func until(stamp int64) time.Duration { return time.Duration(stamp - bootNow()) }
