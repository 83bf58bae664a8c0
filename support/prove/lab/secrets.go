package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// lookEvery is how often all processes are looked at while suites run. One that starts and ends in between is not seen; each of ours that
// takes part in a scenario lives longer.
const lookEvery = 250 * time.Millisecond

// secrets looks for what nobody may see where everybody can look: argument lists and environments of processes, output, results.
type secrets struct {
	values map[string]string // by what they are

	mu    sync.Mutex
	found map[string]bool // without the secret itself
	looks int
	seen  map[int]bool // processes
}

// kept is what lab.json says of secrets.
type kept struct {
	Secrets   []string `json:"secrets"`         // what they are
	Looks     int      `json:"looks"`           // at all processes
	Processes int      `json:"processes"`       // that were looked at
	Found     []string `json:"found,omitempty"` // where one of them stood
}

// planted are the secrets of the lab, which are new in each: both administrators' passwords as they are and as HTTP sends them, and the key
// that opens the hosts.
func planted(keyFile string) (*secrets, error) {
	s := &secrets{values: map[string]string{}, found: map[string]bool{}, seen: map[int]bool{}}
	for _, dc := range []string{"CROSSDC_DC1_", "CROSSDC_DC2_"} {
		raw, err := os.ReadFile(os.Getenv(dc + "PASSWORD_FILE"))
		if err != nil {
			return nil, fmt.Errorf("read a secret of the lab: %w", err)
		}
		password := strings.TrimSpace(string(raw))
		s.values["the password of "+dc+"PASSWORD_FILE"] = password
		s.values["the login of "+dc+"USER, as HTTP sends it"] = base64.StdEncoding.EncodeToString([]byte(os.Getenv(dc+"USER") + ":" + password))
	}
	raw, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, fmt.Errorf("read a secret of the lab: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	if len(lines) < 4 {
		return nil, fmt.Errorf("read a secret of the lab: %s has %d lines, which is no private key", keyFile, len(lines))
	}
	s.values["the private key of the hosts"] = lines[len(lines)-2] // the first lines are the same in many keys
	for what, value := range s.values {
		if len(value) < 16 {
			return nil, fmt.Errorf("%s has %d bytes: too short to be told from other text", what, len(value))
		}
	}
	return s, nil
}

// in looks for secrets in a text.
func (s *secrets) in(where string, text []byte) {
	for what, value := range s.values {
		if bytes.Contains(text, []byte(value)) {
			s.mu.Lock()
			s.found[what+" in "+where] = true
			s.mu.Unlock()
		}
	}
}

// watch looks at all processes until the context ends.
func (s *secrets) watch(ctx context.Context) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		s.look()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (s *secrets) look() {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return // it counts as no look
	}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		folder := filepath.Join("/proc", e.Name())
		arguments, err := os.ReadFile(filepath.Join(folder, "cmdline"))
		if err != nil {
			continue // it has ended
		}
		environ, err := os.ReadFile(filepath.Join(folder, "environ"))
		if err != nil {
			continue
		}
		program, _, _ := strings.Cut(string(arguments), "\x00")
		s.in("the arguments of "+filepath.Base(program), arguments)
		s.in("the environment of "+filepath.Base(program), environ)
		s.mu.Lock()
		s.seen[pid] = true
		s.mu.Unlock()
	}
	s.mu.Lock()
	s.looks++
	s.mu.Unlock()
}

// files looks through everything below a folder.
func (s *secrets) files(folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("look for secrets in results: %w", err)
		}
		s.in("the file "+path, text)
		return nil
	})
}

// output looks through what is written and passes it on.
func (s *secrets) output(where string, to io.Writer) io.Writer {
	return &searched{s: s, where: where, to: to}
}

type searched struct {
	s     *secrets
	where string
	to    io.Writer
	last  []byte // the end of what was written before: a secret may come in two pieces
}

// longestSecret bounds what is kept from one write to the next, in bytes.
const longestSecret = 256

func (w *searched) Write(text []byte) (int, error) {
	all := append(w.last, text...)
	w.s.in(w.where, all)
	w.last = bytes.Clone(all[max(0, len(all)-longestSecret):])
	return w.to.Write(text)
}

func (s *secrets) kept() *kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &kept{Secrets: slices.Sorted(maps.Keys(s.values)), Looks: s.looks, Processes: len(s.seen), Found: slices.Sorted(maps.Keys(s.found))}
}

// verdict is an error where a secret was seen, or nobody looked.
func (k *kept) verdict() error {
	switch {
	case k == nil:
		return nil // no suite ran
	case k.Looks == 0 || k.Processes == 0 || len(k.Secrets) == 0:
		return errors.New("nobody looked for secrets in processes")
	case len(k.Found) > 0:
		return fmt.Errorf("secrets stand where they can be read: %s", strings.Join(k.Found, "; "))
	}
	return nil
}
