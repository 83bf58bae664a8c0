package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/reports/history"
	"github.com/crossdc/failover/reports/html"
	"github.com/crossdc/failover/reports/junit"
	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/redact"
	"github.com/crossdc/failover/reports/summary"
)

// Names of the merged files in a results folder. A suite's own files are <suite>.json and junit-<suite>.xml.
const (
	RunFile     = "run.json"
	JUnitFile   = "junit.xml"
	SummaryFile = "summary.json"
	PageFile    = "index.html"
	lockFile    = ".lock"
)

// abandoned is the age from which a temporary file has no living writer any more.
const abandoned = 10 * time.Minute

// Folder is a results folder, by default reports/out.
type Folder struct {
	Dir      string
	Hostname string              // of the JUnit files; "localhost" when empty
	Redact   func(string) string // applied to every text of a run before anything is written; nil for none

	// For the page: the folder of the history (trends, overdue drills), when it is made, how often drills are due, and
	// which must be drilled even if no run ever had them. All may be left out; see package html.
	History string
	Now     time.Time
	Every   time.Duration
	Drills  []string
}

// suiteName is what a suite may be called: it becomes a file name and must not hide one of the merged files.
var suiteName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

// Publish is Folder{Dir: dir}.Publish(run).
func Publish(dir string, run model.Run) error { return Folder{Dir: dir}.Publish(run) }

// Publish writes the files of run's suite and makes the merged files again from all suites of the same run. Whatever
// number of processes publish at once, nothing is lost: each holds the folder's lock (flock on .lock; freed by the kernel
// when the process dies) meanwhile, and every file is replaced as a whole.
//
// A scenario that cannot be stored as it is, because a value in it is none, is published without what was measured, as
// inconclusive, with the field named: one wrong value must not take the run along.
//
// run must have exactly one suite. Publishing the same suite of the same run again keeps the scenarios that are there and
// replaces those that run tells about, so that a suite can publish after each scenario and from several processes. Files of
// suites of other runs are stale and are removed; what cannot be read is left alone, left out, and named in the merged
// run's notes.
func (f Folder) Publish(run model.Run) error {
	_, err := f.PublishWith(run, nil)
	return err
}

// PublishWith is Publish, and returns the merged run. Before anything is written, and while nobody else publishes, more is
// asked for rows that follow from what all suites have left; they join those of the suite.
func (f Folder) PublishWith(run model.Run, more func(all model.Run) []model.Scenario) (merged model.Run, err error) {
	if len(run.Suites) != 1 {
		return merged, fmt.Errorf("publish run %q: it has %d suites, want exactly one", run.ID, len(run.Suites))
	}
	suite := run.Suites[0]
	if !suiteName.MatchString(suite) || suite == "run" || suite == "summary" {
		return merged, fmt.Errorf("publish run %q: %q cannot be a suite's name: letters, digits, - and _ only, and not run or summary", run.ID, suite)
	}
	if run.Schema == 0 {
		run.Schema = model.SchemaVersion
	}
	run = sound(run)
	if err := Validate(run); err != nil {
		return merged, fmt.Errorf("publish suite %q of run %q: %w", suite, run.ID, err)
	}
	run = redact.Run(run, f.Redact)
	unlock, err := f.lock()
	if err != nil {
		return merged, err
	}
	defer unlock()

	if older, err := Read(filepath.Join(f.Dir, suite+".json")); err == nil && older.ID == run.ID {
		run = update(older, run)
	}
	if more != nil {
		if merged, err = f.gather(run.ID, &run); err != nil {
			return merged, err
		}
		run.Scenarios = append(run.Scenarios, more(merged)...)
	}
	if err := f.keep(suite, run); err != nil {
		return merged, err
	}
	if merged, err = f.gather(run.ID, &run); err != nil {
		return merged, err
	}
	return merged, f.rebuild(merged)
}

// keep writes the files of one suite. A suite of which nothing was selected has no JUnit file: some servers take an empty one
// for a broken one.
func (f Folder) keep(suite string, run model.Run) error {
	if err := Write(filepath.Join(f.Dir, suite+".json"), run); err != nil {
		return err
	}
	if name := "junit-" + suite + ".xml"; len(run.Scenarios) > 0 {
		return f.junit(name, run)
	} else if err := os.Remove(filepath.Join(f.Dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Rebuild makes the merged files again from the suites' files of the given run, e.g. after a stored run was judged again.
func (f Folder) Rebuild(id string) error {
	unlock, err := f.lock()
	if err != nil {
		return err
	}
	defer unlock()
	merged, err := f.gather(id, nil)
	if err != nil {
		return err
	}
	return f.rebuild(merged)
}

// Paths of the reports that people and machines start from, for the terminal summary.
func (f Folder) Paths() []string {
	var out []string
	for _, name := range []string{PageFile, JUnitFile, SummaryFile, RunFile} {
		out = append(out, filepath.Join(f.Dir, name))
	}
	return out
}

func (f Folder) rebuild(run model.Run) error {
	if err := Write(filepath.Join(f.Dir, RunFile), run); err != nil {
		return err
	}
	if err := f.junit(JUnitFile, run); err != nil {
		return err
	}
	if err := replace(filepath.Join(f.Dir, SummaryFile), func(w io.Writer) error { return summary.WriteJSON(w, run) }); err != nil {
		return err
	}
	return f.page(run)
}

// page writes index.html. A history that cannot be read is said on the page: it is no reason to have none.
func (f Folder) page(run model.Run) error {
	options := html.Options{Now: f.Now, Every: f.Every, Drills: f.Drills, Pages: f.pages()}
	if f.History != "" {
		recent, err := history.LoadRecent(f.History, f.Now, html.HistoryRuns)
		if err != nil {
			recent.Problems = append(recent.Problems, history.Problem{File: f.History, Err: err})
		}
		options.History, options.Proven, options.Problems, options.MoreProblems = recent.Entries, recent.Proven, recent.Problems, recent.More
	}
	for _, name := range append([]string{RunFile}, suiteFiles(run.Suites)...) {
		sum, err := hashOf(filepath.Join(f.Dir, name))
		if err != nil {
			return fmt.Errorf("hash the evidence %s: %w", name, err)
		}
		options.Evidence = append(options.Evidence, html.Evidence{Name: name, SHA256: sum})
	}
	var page bytes.Buffer
	if err := replace(filepath.Join(f.Dir, PageFile), func(w io.Writer) error { return html.Write(io.MultiWriter(w, &page), run, options) }); err != nil {
		return err
	}
	f.keepPage(run.ID, page.Bytes(), options.Pages)
	return nil
}

func hashOf(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close() //nolint:errcheck // only read from
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

func suiteFiles(suites []string) []string {
	var out []string
	for _, suite := range suites {
		out = append(out, suite+".json")
	}
	return out
}

func (f Folder) junit(name string, run model.Run) error {
	return replace(filepath.Join(f.Dir, name), func(w io.Writer) error {
		return junit.Write(w, run, junit.Options{Hostname: f.Hostname})
	})
}

// lock makes the folder where it is missing and waits until no other process works in it.
func (f Folder) lock() (unlock func(), err error) {
	if err := os.MkdirAll(f.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the results folder %s: %w; choose one that can be written to", f.Dir, err)
	}
	path := filepath.Join(f.Dir, lockFile)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the lock of the results folder %s: %w; choose a folder that can be written to", f.Dir, err)
	}
	for {
		if err = unix.Flock(int(file.Fd()), unix.LOCK_EX); !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("lock the results folder %s: %w", f.Dir, err)
	}
	return func() { _ = file.Close() }, nil
}

// gather reads all suites of the run, removes what is stale, and merges. The suite that was just written need not be read.
func (f Folder) gather(id string, written *model.Run) (model.Run, error) {
	entries, err := os.ReadDir(f.Dir)
	if err != nil {
		return model.Run{}, fmt.Errorf("list the results folder %s: %w", f.Dir, err)
	}
	f.sweep(entries)
	var runs []model.Run
	var notes []string
	for _, entry := range entries {
		suite, isJSON := strings.CutSuffix(entry.Name(), ".json")
		if !isJSON || entry.IsDir() || entry.Name() == RunFile || entry.Name() == SummaryFile || !suiteName.MatchString(suite) {
			continue
		}
		if written != nil && suite == written.Suites[0] {
			runs = append(runs, *written)
			continue
		}
		path := filepath.Join(f.Dir, entry.Name())
		run, err := Read(path)
		switch {
		case errors.Is(err, ErrForeign) || errors.Is(err, fs.ErrNotExist):
			// Somebody else's file.
		case err != nil:
			if stale(path, id) {
				f.discard(suite)
				continue
			}
			notes = append(notes, fmt.Sprintf("%s is left out: %v", entry.Name(), err))
		case run.ID == id:
			if settled, changed := settle(run, alive); changed {
				run = settled
				if err := f.keep(suite, run); err != nil {
					return model.Run{}, err
				}
			}
			runs = append(runs, run)
		default:
			f.discard(suite)
		}
	}
	if len(runs) == 0 {
		return model.Run{}, fmt.Errorf("put the results in %s together: no suite of run %q is there", f.Dir, id)
	}
	merged := Merge(runs...)
	merged.Scenarios = append(merged.Scenarios, absent(merged, alive)...)
	merged.Interrupted = merged.Interrupted || slices.ContainsFunc(merged.Scenarios, func(s model.Scenario) bool { return s.Outcome == model.Interrupted })
	sort.Strings(notes)
	merged.Notes = union(merged.Notes, notes)
	return merged, nil
}

// stale reports whether the file, although this version cannot read it, is a whole stored run with another ID.
func stale(path, id string) bool {
	data, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	var head struct {
		ID string `json:"id"`
	}
	return json.Unmarshal(data, &head) == nil && head.ID != "" && head.ID != id
}

// discard removes a stale suite. Its JUnit file goes first: a CI server collects junit-*.xml, and without the JSON file
// beside it nobody would know that it is stale.
func (f Folder) discard(suite string) {
	_ = os.Remove(filepath.Join(f.Dir, "junit-"+suite+".xml"))
	_ = os.Remove(filepath.Join(f.Dir, suite+".json"))
}

// sweep removes what writers that were killed left behind.
func (f Folder) sweep(entries []fs.DirEntry) {
	for _, entry := range entries {
		name := entry.Name()
		if !strings.HasPrefix(name, ".") || !strings.HasSuffix(name, ".tmp") {
			continue
		}
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > abandoned {
			_ = os.Remove(filepath.Join(f.Dir, name))
		}
	}
}
