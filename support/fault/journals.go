package fault

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Journals is the folder with the journals of faults: one for every environment, outside of everything that a run clears,
// so that what a dead run left is found by the next, from any checkout.
type Journals struct{ Folder string }

// journalSetting is the variable that names the folder.
const journalSetting = "CROSSDC_JOURNAL"

// JournalsIn returns the journals in the configured folder; empty stands for the user's state folder,
// $XDG_STATE_HOME/crossdc-failover or ~/.local/state/crossdc-failover.
func JournalsIn(configured string, getenv func(string) string) (Journals, error) {
	if configured != "" {
		return Journals{Folder: configured}, nil
	}
	if state := getenv("XDG_STATE_HOME"); filepath.IsAbs(state) { // a relative one is to be ignored (XDG base directories)
		return Journals{Folder: filepath.Join(state, stateFolder)}, nil
	}
	if home := getenv("HOME"); filepath.IsAbs(home) {
		return Journals{Folder: filepath.Join(home, ".local", "state", stateFolder)}, nil
	}
	return Journals{}, fmt.Errorf("find the folder for journals of faults: neither HOME nor XDG_STATE_HOME is set; set %s to a folder that outlives the run", journalSetting)
}

const stateFolder = "crossdc-failover"

// Where identifies an environment: what it is aimed at.
type Where struct {
	Kind string // of environment, e.g. "remote"
	At   string // both data centers, as texts without secrets
}

// String is how journals name the environment.
func (w Where) String() string { return w.Kind + " " + w.At }

const journalSuffix = ".journal"

// Path of the journal of an environment.
func (j Journals) Path(where Where) string {
	sum := sha256.Sum256([]byte(where.String()))
	return filepath.Join(j.Folder, where.Kind+"-"+hex.EncodeToString(sum[:6])+journalSuffix)
}

// Open opens or creates the journal of an environment.
func (j Journals) Open(where Where) (*Journal, error) {
	if err := os.MkdirAll(j.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder for journals of faults: %w; set %s to a folder that can be written", err, journalSetting)
	}
	journal, err := OpenJournal(j.Path(where), where.String())
	if err != nil {
		return nil, fmt.Errorf("%w; set %s to a folder that can be written", err, journalSetting)
	}
	return journal, nil
}

// Paths of all journals of a kind of environment, in order; of every kind when it is empty.
func (j Journals) Paths(kind string) ([]string, error) {
	entries, err := os.ReadDir(j.Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for faults left behind: %w; set %s to a folder that can be read", err, journalSetting)
	}
	var paths []string
	for _, entry := range entries {
		name := entry.Name()
		if entry.Type().IsRegular() && strings.HasSuffix(name, journalSuffix) && (kind == "" || strings.HasPrefix(name, kind+"-")) {
			paths = append(paths, filepath.Join(j.Folder, name))
		}
	}
	slices.Sort(paths)
	return paths, nil
}

// Discard removes a journal that holds nothing open and that nobody uses; any other stays.
func Discard(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove the journal of faults %s: %w", path, err)
	}
	defer func() { _ = file.Close() }()
	if unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil {
		return nil // in use
	}
	entries, damage, err := ReadJournal(file)
	if err != nil || len(damage) > 0 || len(unclosed(entries)) > 0 {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the journal of faults %s: %w", path, err)
	}
	return nil
}

// openShared opens the file of a journal and says to others that it is in use, until it is closed or we die.
func openShared(path string) (*os.File, error) {
	for {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
		if err != nil {
			return nil, err
		}
		if err := unix.Flock(int(file.Fd()), unix.LOCK_SH); err != nil && !errors.Is(err, unix.EINTR) {
			return nil, errors.Join(err, file.Close())
		}
		ours, err := file.Stat()
		if err != nil {
			return nil, errors.Join(err, file.Close())
		}
		if there, err := os.Stat(path); err == nil && os.SameFile(ours, there) {
			return file, nil
		}
		_ = file.Close() // somebody removed it between the two calls
	}
}
