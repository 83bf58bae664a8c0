package history

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"time"

	"golang.org/x/sys/unix"
)

// Name of the file that Append adds to. Load reads every *.jsonl beside it: shards that other machines wrote.
const Name = "history.jsonl"

// maxLine bounds one line, in bytes: what is longer was not written by Append.
const maxLine = 256 << 10

// ahead is how far the clock of another machine may be before ours.
const ahead = 24 * time.Hour

// Problem is a line that was skipped.
type Problem struct {
	File string
	Line int
	Err  error
}

func (p Problem) Error() string { return fmt.Sprintf("%s, line %d: %v", p.File, p.Line, p.Err) }

// Append adds entries to the history in dir and returns when they are on disk. Each line is one write to a file opened for
// appending, under a lock: writers at once lose nothing, and a process that is killed loses at most the line it was writing.
// A line that an earlier writer left unfinished is closed first, so that it spoils nothing but itself.
func Append(dir string, entries ...Entry) (err error) {
	lines := make([][]byte, 0, len(entries))
	for _, e := range entries {
		if err := e.Check(); err != nil {
			return fmt.Errorf("add scenario %q of run %q to the history: %w", e.Scenario, e.Run, err)
		}
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("add scenario %q of run %q to the history: %w", e.Scenario, e.Run, err)
		}
		if len(line) >= maxLine {
			return fmt.Errorf("add scenario %q of run %q to the history: a line of %d bytes, the limit is %d", e.Scenario, e.Run, len(line), maxLine)
		}
		lines = append(lines, append(line, '\n'))
	}
	path := filepath.Join(dir, Name)
	defer func() {
		if err != nil {
			err = fmt.Errorf("append to the history %s: %w; choose a folder that can be written to", path, err)
		}
	}()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // synced below
	for {
		if err = unix.Flock(int(file.Fd()), unix.LOCK_EX); !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		return err
	}
	torn, err := tornEnd(file)
	if err != nil {
		return err
	}
	for i, line := range lines {
		if i == 0 && torn {
			line = append([]byte{'\n'}, line...)
		}
		if _, err := file.Write(line); err != nil {
			return err
		}
	}
	return file.Sync()
}

func tornEnd(file *os.File) (bool, error) {
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return false, err
	}
	last := make([]byte, 1)
	if _, err := file.ReadAt(last, info.Size()-1); err != nil {
		return false, err
	}
	return last[0] != '\n', nil
}

// Load reads the history in dir, all shards together; a folder that is missing is an empty history. Lines that cannot be
// read, or tell of what comes after now, are skipped and returned as problems.
func Load(dir string, now time.Time) ([]Entry, []Problem, error) {
	paths, err := filepath.Glob(filepath.Join(escape(dir), "*.jsonl"))
	if err != nil {
		return nil, nil, fmt.Errorf("list the history in %s: %w", dir, err)
	}
	return Merge(now, paths...)
}

// Merge reads the given files and puts them together: in the order of time, every scenario of a run once. Where several
// lines tell of the same one, the last in its file wins, and among files the later by name.
func Merge(now time.Time, paths ...string) ([]Entry, []Problem, error) {
	paths = append([]string(nil), paths...)
	sort.Strings(paths)
	var problems []Problem
	at := map[identity]int{}
	var entries []Entry
	for _, path := range paths {
		file, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil, fmt.Errorf("read the history: %w", err)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read the history %s: %w", path, err)
		}
		read, bad, err := Read(file, now)
		_ = file.Close()
		if err != nil {
			return nil, nil, fmt.Errorf("read the history %s: %w", path, err)
		}
		for _, p := range bad {
			p.File = path
			problems = append(problems, p)
		}
		for _, e := range read {
			id := identity{e.Run, e.Scenario, e.Name, e.Family, e.Topology, e.Trial}
			if i, known := at[id]; known {
				entries[i] = e
				continue
			}
			at[id] = len(entries)
			entries = append(entries, e)
		}
	}
	sort.SliceStable(entries, func(i, j int) bool { return entries[i].At.Before(entries[j].At) })
	return entries, problems, nil
}

type identity struct {
	run, scenario, name, family, topology string
	trial                                 int
}

// Read reads lines until the reader ends. The error is the reader's; what is wrong with a line is a problem. A
// zero now knows no future.
func Read(r io.Reader, now time.Time) ([]Entry, []Problem, error) {
	var entries []Entry
	var problems []Problem
	reader := bufio.NewReaderSize(r, maxLine)
	for number := 1; ; number++ {
		line, err := reader.ReadSlice('\n')
		tooLong := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = reader.ReadSlice('\n')
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return entries, problems, err
		}
		line = bytes.TrimSpace(line)
		switch {
		case tooLong:
			problems = append(problems, Problem{Line: number, Err: fmt.Errorf("longer than %d bytes", maxLine)})
		case len(line) > 0:
			entry, problem := parse(line, now)
			if problem != nil {
				problems = append(problems, Problem{Line: number, Err: problem})
			} else {
				entries = append(entries, entry)
			}
		}
		if err != nil {
			return entries, problems, nil
		}
	}
}

func parse(line []byte, now time.Time) (Entry, error) {
	var head struct {
		Schema int `json:"schema"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return Entry{}, fmt.Errorf("not a history line: %w", err)
	}
	if head.Schema != SchemaVersion {
		return Entry{}, fmt.Errorf("schema %d is not known here, only %d", head.Schema, SchemaVersion)
	}
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	var e Entry
	if err := decoder.Decode(&e); err != nil {
		return Entry{}, fmt.Errorf("not a history line: %w", err)
	}
	if err := e.Check(); err != nil {
		return Entry{}, err
	}
	if !now.IsZero() && e.At.After(now.Add(ahead)) {
		return Entry{}, fmt.Errorf("at: %s lies in the future", e.At.Format(time.RFC3339))
	}
	return e, nil
}

// escape makes dir match only itself in a glob pattern.
func escape(dir string) string {
	var b bytes.Buffer
	for _, r := range dir {
		if r == '*' || r == '?' || r == '[' || r == '\\' {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
