package history

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// Recent is as much of a history as a page shows, whatever its length.
type Recent struct {
	Entries  []Entry              // of the newest runs, in the order of time
	Proven   map[string]time.Time // when each scenario of the whole history last proved anything; zero for never
	Problems []Problem            // the first of them
	More     int                  // problems beyond those
}

const (
	maxRecent   = 20_000 // entries
	maxProblems = 20
)

// LoadRecent reads the newest runs of the history in dir, and of all others only when each scenario last proved something.
// Its memory goes with what it returns and with the number of runs, not with the number of lines.
func LoadRecent(dir string, now time.Time, runs int) (Recent, error) {
	r := Recent{Proven: map[string]time.Time{}}
	paths, err := filepath.Glob(filepath.Join(escape(dir), "*.jsonl"))
	if err != nil {
		return r, fmt.Errorf("list the history in %s: %w", dir, err)
	}
	sort.Strings(paths)
	known := map[string]*extent{}
	for _, path := range paths {
		err := eachLine(path, func(number int, line []byte, problem error) {
			g, ok := glance(line, now)
			if problem == nil && !ok {
				var e Entry
				e, problem = parse(line, now)
				g = glimpse{[]byte(e.Run), []byte(e.Scenario), e.At, e.Outcome.Meaning().Proves}
			}
			if problem != nil {
				if len(r.Problems) == maxProblems {
					r.More++
				} else {
					r.Problems = append(r.Problems, Problem{File: path, Line: number, Err: problem})
				}
				return
			}
			x := known[string(g.run)]
			if x == nil {
				x = &extent{}
				known[string(g.run)] = x
			}
			x.lines++
			if g.at.After(x.newest) {
				x.newest = g.at
			}
			if last, seen := r.Proven[string(g.scenario)]; !seen || g.proves && g.at.After(last) {
				if !g.proves {
					g.at = time.Time{}
				}
				r.Proven[string(g.scenario)] = g.at
			}
		})
		if err != nil {
			return r, err
		}
	}
	wanted := newest(known, runs)
	at := map[identity]int{}
	for _, path := range paths {
		err := eachLine(path, func(_ int, line []byte, problem error) {
			if run, ok := runOf(line); problem != nil || ok && !wanted[string(run)] {
				return
			}
			e, err := parse(line, now)
			if err != nil || !wanted[e.Run] {
				return // said above, or not shown
			}
			id := identity{e.Run, e.Scenario, e.Name, e.Family, e.Topology, e.Trial}
			if i, twice := at[id]; twice {
				r.Entries[i] = e
				return
			}
			at[id] = len(r.Entries)
			r.Entries = append(r.Entries, e)
		})
		if err != nil {
			return r, err
		}
	}
	sort.SliceStable(r.Entries, func(i, j int) bool { return r.Entries[i].At.Before(r.Entries[j].At) })
	return r, nil
}

// extent is what is known of one run.
type extent struct {
	newest time.Time
	lines  int
}

// newest are that many of the newest runs, fewer when they have too many lines.
func newest(known map[string]*extent, runs int) map[string]bool {
	ids := make([]string, 0, len(known))
	for id := range known {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool { return known[ids[i]].newest.After(known[ids[j]].newest) })
	wanted := map[string]bool{}
	lines := 0
	for i, id := range ids {
		if lines += known[id].lines; i == runs || i > 0 && lines > maxRecent {
			break
		}
		wanted[id] = true
	}
	return wanted
}

// eachLine calls see with every line that is not empty, or with what is wrong with it. The line is only valid meanwhile.
func eachLine(path string, see func(number int, line []byte, problem error)) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("read the history: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read from
	reader := bufio.NewReaderSize(file, maxLine)
	for number := 1; ; number++ {
		line, err := reader.ReadSlice('\n')
		var problem error
		for errors.Is(err, bufio.ErrBufferFull) {
			problem = fmt.Errorf("longer than %d bytes", maxLine)
			_, err = reader.ReadSlice('\n')
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read the history %s: %w", path, err)
		}
		if line = bytes.TrimSpace(line); len(line) > 0 || problem != nil {
			see(number, line, problem)
		}
		if err != nil {
			return nil
		}
	}
}

// glimpse is what a line says at first sight.
type glimpse struct {
	run, scenario []byte
	at            time.Time
	proves        bool
}

var proving = func() map[string]bool {
	out := map[string]bool{}
	for _, m := range model.Outcomes() {
		out[string(m.Outcome)] = m.Proves
	}
	return out
}()

// runOf is the run of a line that Append wrote.
func runOf(line []byte) ([]byte, bool) {
	rest, ok := bytes.CutPrefix(line, []byte(`{"schema":1,"run":"`))
	end := bytes.IndexByte(rest, '"')
	return rest[:max(end, 0)], ok && end > 0 && bytes.IndexByte(rest[:end], '\\') < 0
}

// glance reads a line that Append wrote without parsing it: its keys come in one order, and a quote within a value is
// escaped, so that a key in quotes is a key. ok is false for any other line, which may well be a good one.
func glance(line []byte, now time.Time) (g glimpse, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte(`{"schema":1,"run":"`))
	if !ok || line[len(line)-1] != '}' {
		return g, false
	}
	value := func(key string) []byte {
		if key != "" {
			at := bytes.Index(rest, []byte(key))
			if at < 0 {
				return nil
			}
			rest = rest[at+len(key):]
		}
		end := bytes.IndexByte(rest, '"')
		if end <= 0 || bytes.IndexByte(rest[:end], '\\') >= 0 {
			return nil
		}
		return rest[:end]
	}
	g.run, g.scenario = value(""), value(`","scenario":"`)
	at, outcome := value(`,"at":"`), value(`,"outcome":"`)
	if at == nil {
		return g, false
	}
	var err error
	g.at, err = time.Parse(time.RFC3339Nano, string(at))
	proves, known := proving[string(outcome)]
	g.proves = proves
	ok = err == nil && known && len(g.run) > 0 && len(g.scenario) > 0 && g.at.After(first) && g.at.Year() <= 9000 && (now.IsZero() || !g.at.After(now.Add(ahead)))
	return g, ok
}
