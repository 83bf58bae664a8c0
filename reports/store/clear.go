package store

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Names of what the programs behind make bench and make prove write into a results folder. A run does not remove them:
// they are no results of it.
const (
	accuracyFile = "accuracy.json"
	costFile     = "cost.json"
	proveFile    = "prove.json"
	proofFolder  = "proof" // a results folder and an output.txt for every bug
)

// runsFolder holds the stored scenarios: runs/<run id>/<suite>/<scenario>.json.
const runsFolder = "runs"

// generator is how index.html says who made it.
const generator = `<meta name="generator" content="crossdc-failover">`

// Clear removes the results of earlier runs from the folder, so that they cannot speak for a run that did not even start.
// Only files that this package or the suites wrote are removed: each is known by its name and by what stands in it.
// Everything else stays, and so does a folder that holds anything else. A missing folder is an empty one.
//
// It refuses, and removes nothing, when Claim does. It returns the paths of the files that it removed.
func Clear(dir string) (removed []string, err error) {
	return sweepOut(dir, func(c *cleaner) { c.results(dir) })
}

// ClearAll is Clear, and also removes what make bench and make prove wrote, the lock, and the folder if it is empty then.
func ClearAll(dir string) (removed []string, err error) {
	return sweepOut(dir, func(c *cleaner) {
		c.results(dir)
		c.each(dir, accuracyFile, isAccuracy)
		c.each(dir, costFile, isCost)
		c.each(dir, proveFile, isProof)
		c.proofs(filepath.Join(dir, proofFolder))
		c.remove(filepath.Join(dir, lockFile))
		c.removeEmpty(dir)
	})
}

func sweepOut(dir string, sweep func(*cleaner)) ([]string, error) {
	if info, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err == nil && !info.IsDir() {
		return nil, fmt.Errorf("clear the results folder %s: it is no folder; choose another one with CROSSDC_REPORTS", dir)
	}
	if err := Claim(dir); err != nil {
		return nil, err
	}
	unlock, err := Folder{Dir: dir}.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	c := &cleaner{}
	sweep(c)
	if err := errors.Join(c.problems...); err != nil {
		return c.removed, fmt.Errorf("clear the results folder %s: %w", dir, err)
	}
	return c.removed, nil
}

// Claim reports whether the folder can take our results without replacing a file of somebody else: nil, or which file
// is not ours.
func Claim(dir string) error {
	for name, ours := range map[string]func([]byte) bool{RunFile: isRun, SummaryFile: isSummary, JUnitFile: isJUnit, PageFile: isPage} {
		path := filepath.Join(dir, name)
		data, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return fmt.Errorf("look for older results: %w; choose a folder that can be read with CROSSDC_REPORTS", err)
		case !ours(data):
			return fmt.Errorf("%s is no report of this suite and would be replaced by one; choose another folder with CROSSDC_REPORTS, or move the file away", path)
		}
	}
	return nil
}

// cleaner removes files by name and remembers what it did.
type cleaner struct {
	removed  []string
	problems []error
}

// results removes the merged reports, those of every suite, and the stored scenarios. The JUnit files go first: a CI
// server collects them.
func (c *cleaner) results(dir string) {
	for _, pattern := range []string{"junit-*.xml", JUnitFile} {
		c.each(dir, pattern, isJUnit)
	}
	c.each(dir, SummaryFile, isSummary)
	c.each(dir, PageFile, isPage)
	c.each(dir, "*.json", isRun)
	for _, name := range c.names(dir) {
		if temporary.MatchString(name) { // of a writer that was killed: the lock says that none is at work
			c.remove(filepath.Join(dir, name))
		}
	}
	c.stored(filepath.Join(dir, runsFolder))
}

// temporary is how replace calls a file until it is complete.
var temporary = regexp.MustCompile(`^\.[A-Za-z0-9][A-Za-z0-9_.-]*\.(json|xml|html)\.\d+\.tmp$`)

// stored removes the scenarios of all runs. Journals of faults are no results and stay, where an older version of the
// suite kept them here: what they hold open may still have to be healed.
func (c *cleaner) stored(runs string) {
	for _, run := range c.folders(runs) {
		for _, suite := range c.folders(run) {
			c.each(suite, "*.json", isStored)
			c.each(suite, ".storing-*", isAny) // of a writer that was killed
			c.removeIfOurs(suite)
		}
		c.removeIfOurs(run)
	}
	c.removeIfOurs(runs)
}

func (c *cleaner) proofs(dir string) {
	for _, proof := range c.folders(dir) {
		before := len(c.removed)
		c.results(proof)
		if len(c.removed) > before {
			c.remove(filepath.Join(proof, "output.txt"))
			c.remove(filepath.Join(proof, lockFile))
		}
		c.removeIfOurs(proof)
	}
	c.removeIfOurs(dir)
}

func (c *cleaner) each(dir, pattern string, ours func([]byte) bool) {
	for _, name := range c.names(dir) {
		if match, err := filepath.Match(pattern, name); err == nil && match {
			c.removeIf(filepath.Join(dir, name), ours)
		}
	}
}

// names of the regular files in a folder, sorted; none where there is no such folder.
func (c *cleaner) names(dir string) (names []string) {
	for _, entry := range c.entries(dir) {
		if entry.Type().IsRegular() {
			names = append(names, entry.Name())
		}
	}
	return names
}

// folders are the paths of the folders in a folder. Links are not followed: what they lead to is not ours.
func (c *cleaner) folders(dir string) (paths []string) {
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
		return nil
	}
	for _, entry := range c.entries(dir) {
		if entry.IsDir() {
			paths = append(paths, filepath.Join(dir, entry.Name()))
		}
	}
	return paths
}

func (c *cleaner) entries(dir string) []fs.DirEntry {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.problems = append(c.problems, err)
	}
	return entries
}

func (c *cleaner) removeIf(path string, ours func([]byte) bool) {
	data, err := os.ReadFile(path)
	if err == nil && ours(data) {
		c.remove(path)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.problems = append(c.problems, err)
	}
}

func (c *cleaner) remove(path string) {
	switch err := os.Remove(path); {
	case err == nil:
		c.removed = append(c.removed, path)
	case !errors.Is(err, fs.ErrNotExist):
		c.problems = append(c.problems, err)
	}
}

// removeIfOurs removes a folder that we have just emptied. One that was empty before is somebody else's.
func (c *cleaner) removeIfOurs(dir string) {
	inside := func(path string) bool { return strings.HasPrefix(path, dir+string(filepath.Separator)) }
	if slices.ContainsFunc(c.removed, inside) {
		c.removeEmpty(dir)
	}
}

func (c *cleaner) removeEmpty(dir string) {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) == 0 {
		if err := os.Remove(dir); err != nil {
			c.problems = append(c.problems, err)
		}
	}
}

func isAny([]byte) bool { return true }

// fields are the names at the top of a JSON object; none where data is something else.
func fields(data []byte) map[string]json.RawMessage {
	var object map[string]json.RawMessage
	_ = json.Unmarshal(data, &object)
	return object
}

func has(data []byte, names ...string) bool {
	object := fields(data)
	for _, name := range names {
		if _, there := object[name]; !there {
			return false
		}
	}
	return true
}

// The following know our files of every version: fields that only they have together.
func isRun(data []byte) bool     { return has(data, "schema", "id", "suites", "scenarios") }
func isSummary(data []byte) bool { return has(data, "schema", "run", "verdict", "totals", "scenarios") }
func isStored(data []byte) bool  { return has(data, "schema", "run_id", "suite", "scenario") }

func isAccuracy(data []byte) bool {
	return has(data, "metric_refresh_ms", "clock_error_ms", "speedup")
}
func isCost(data []byte) bool { return has(data, "lateness_p99_ms", "ratios", "pairs") }

func isProof(data []byte) bool {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) != nil {
		return false
	}
	return !slices.ContainsFunc(list, func(entry json.RawMessage) bool { return !has(entry, "switch", "caught_by", "attempts") })
}

func isPage(data []byte) bool {
	return strings.Contains(string(data), generator) || strings.Contains(string(data), `<p class="kicker">Failover report</p>`)
}

// isJUnit knows our JUnit files by the name of the root.
func isJUnit(data []byte) bool {
	decoder := xml.NewDecoder(strings.NewReader(string(data)))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) || err != nil {
			return false
		}
		if root, ok := token.(xml.StartElement); ok {
			return root.Name.Local == "testsuites" && slices.Contains(root.Attr, xml.Attr{Name: xml.Name{Local: "name"}, Value: "failover"})
		}
	}
}
