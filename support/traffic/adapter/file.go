package adapter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// lineFile appends lines to a file, and reads the lines that are appended to one.
func lineFile() Adapter {
	return Adapter{
		Name:    "file",
		Summary: "Lines of a file on this machine: events are appended, results are read as they are appended.",
		Parameters: []Parameter{
			{Name: "path", Doc: "of the file, absolute", Way: BothWays, Required: true},
			{Name: "sync", Doc: "true waits for each batch until the disk has it", Way: WayIn, Kind: Switch, Default: "false"},
			{Name: "poll", Doc: "how often the file is asked for more", Way: WayOut, Kind: Duration, Default: "20ms"},
			{Name: "from", Doc: "where reading begins: at the end the file has when it is opened, or at its start", Way: WayOut, Default: "end", Allowed: []string{"end", "start"}},
		},
		Acknowledgement: Never,
		In: func(_ context.Context, o Opening) (In, error) {
			if err := absolute(o.Values["path"]); err != nil {
				return nil, err
			}
			return &fileIn{at: o.at(WayIn, "file"), path: o.Values["path"], sync: o.Values.on("sync")}, nil
		},
		Out: func(_ context.Context, o Opening) (Out, error) {
			if err := absolute(o.Values["path"]); err != nil {
				return nil, err
			}
			out := &fileOut{site: o.Site, path: o.Values["path"], poll: o.Values.duration("poll"), now: o.now()}
			if o.Values["from"] == "end" {
				if err := out.skip(); err != nil {
					return nil, err
				}
			}
			return out, nil
		},
	}
}

func absolute(path string) error {
	if !filepath.IsAbs(path) {
		return fmt.Errorf("parameter \"path\": %q is not absolute", path)
	}
	return nil
}

// fileIn appends lines. Whoever rotates the file by its name gets a new one.
type fileIn struct {
	at, path string
	sync     bool

	mu   sync.Mutex
	file *os.File
	cut  bool // the last line in the file was cut
}

// Send implements In. The disk has no limit of time: ctx is looked at before the write.
func (f *fileIn) Send(ctx context.Context, events []Event) ([]Outcome, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ctx.Err() != nil {
		return every(len(events), Refused), fmt.Errorf("send over the %s: not begun: %w", f.at, ctx.Err())
	}
	if err := f.open(); err != nil {
		return every(len(events), Refused), fmt.Errorf("send over the %s: %w", f.at, err)
	}
	var lines []byte
	if f.cut {
		lines = append(lines, '\n') // what comes must not be glued to what was cut
	}
	head := len(lines)
	lines, ends, wrong := asLines(lines, events)
	n, err := f.file.Write(lines)
	if n > 0 {
		f.cut = lines[n-1] != '\n'
	}
	outcomes := written(ends, n)
	if n <= head {
		outcomes = written(ends, 0)
	}
	if err == nil && f.sync {
		if err = f.file.Sync(); err != nil {
			for i := range outcomes {
				if outcomes[i] == Sent {
					outcomes[i] = Unknown
				}
			}
		}
	}
	if err != nil {
		err = fmt.Errorf("send over the %s: %w", f.at, err)
	}
	return outcomes, errors.Join(err, wrong)
}

// open opens the file anew when another one, or none, has its name.
func (f *fileIn) open() error {
	if f.file != nil {
		ours, err := f.file.Stat()
		theirs, err2 := os.Stat(f.path)
		if err == nil && err2 == nil && os.SameFile(ours, theirs) {
			return nil
		}
		_ = f.file.Close()
		f.file = nil
	}
	file, err := os.OpenFile(f.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	f.file, f.cut = file, false
	return nil
}

// Close implements In.
func (f *fileIn) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	f.file = nil
	return err
}

// fileOut follows a file by its name.
type fileOut struct {
	site, path string
	poll       time.Duration
	now        func() time.Time

	file  *os.File
	at    int64 // how far it was read
	lines lineReader
}

// skip begins at the end of the file as it is; a file that does not exist yet is read from its start.
func (f *fileOut) skip() error {
	file, err := os.Open(f.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if f.at, err = file.Seek(0, io.SeekEnd); err != nil {
		_ = file.Close()
		return err
	}
	f.file = file
	return nil
}

// Receive implements Out. A file that was renamed is read to its end before the new one of its name; one that became shorter is read from its
// start. A file that came and went between two looks is never seen.
func (f *fileOut) Receive(ctx context.Context, to Receiver) error {
	f.lines.site = f.site
	before := f.now() // when the file was last read to its end
	for {
		began := f.now()
		if err := f.look(before, to); err != nil {
			return fmt.Errorf("read %s: %w", f.path, err)
		}
		before = began
		if !pause(ctx, f.poll) {
			return nil
		}
	}
}

func (f *fileOut) look(before time.Time, to Receiver) error {
	gap := func(why string) { to.Gap(Gap{Site: f.site, From: before, Until: f.now(), Why: why}) }
	if f.file != nil {
		ours, err := f.file.Stat()
		if err != nil {
			return err
		}
		if ours.Size() < f.at {
			gap("the file became shorter: what was written before that and not read is gone")
			f.at, f.lines = 0, lineReader{site: f.site}
		}
		theirs, err := os.Stat(f.path) // before reading, so that what is read now is the whole of a file that was renamed
		if err := f.read(before, to, gap); err != nil {
			return err
		}
		if err != nil || os.SameFile(ours, theirs) {
			return nil // while no file has the name, the former may still be written to
		}
		if f.lines.cut() {
			gap("the file was replaced in the middle of a line")
		}
		_ = f.file.Close()
		f.file, f.at, f.lines = nil, 0, lineReader{site: f.site}
	}
	file, err := os.Open(f.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	f.file = file
	return f.read(before, to, gap)
}

// read gives what is there.
func (f *fileOut) read(before time.Time, to Receiver, gap func(string)) error {
	for {
		chunk := make([]byte, 64<<10)
		n, err := f.file.ReadAt(chunk, f.at)
		f.at += int64(n)
		if n > 0 {
			results, long := f.lines.take(chunk[:n:n], before, f.now())
			if len(results) > 0 {
				to.Results(results)
			}
			if long {
				gap(fmt.Sprintf("a result was longer than %d bytes", maxLine))
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// Close implements Out.
func (f *fileOut) Close() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	f.file = nil
	return err
}
