package record

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/roster"
)

// Folder holds the stored scenarios of one run: <reports>/runs/<run id>/<suite>/<scenario>.json.
type Folder struct {
	path string
}

// Stored is one scenario as it lies on disk, with what is needed to read it alone.
type Stored struct {
	Schema      int               `json:"schema"`
	RunID       string            `json:"run_id"`
	Suite       string            `json:"suite"`
	Epoch       string            `json:"epoch"` // wall-clock time of Instant 0, RFC 3339 with nanoseconds
	Environment model.Environment `json:"environment"`
	Scenario    model.Scenario    `json:"scenario"`
	Evidence    map[string]string `json:"evidence,omitempty"` // digests of what the verdict rests on, see Evidence
}

// Open creates the folder for one suite of a run.
func Open(reports, runID, suite string) (*Folder, error) {
	path := filepath.Join(reports, "runs", runID, suite)
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, fmt.Errorf("create the folder for stored scenarios: %w; set CROSSDC_REPORTS to a folder that can be written", err)
	}
	return &Folder{path: path}, nil
}

// Path of the folder.
func (f *Folder) Path() string { return f.path }

// Save writes the scenario so that either the old or the new content is there whatever happens, and returns its path.
func (f *Folder) Save(s Stored) (string, error) { return f.save(s, (*os.File).Sync) }

// Copy is Save of a scenario that is safe elsewhere already and can be copied again: it does not wait for the disk, which would be most of
// the time that thousands take.
func (f *Folder) Copy(s Stored) (string, error) {
	return f.save(s, func(*os.File) error { return nil })
}

func (f *Folder) save(s Stored, settle func(*os.File) error) (string, error) {
	s.Schema = model.SchemaVersion
	var err error
	if s.Evidence, err = Evidence(s); err != nil {
		return "", fmt.Errorf("store scenario %q: %w", s.Scenario.Name, err)
	}
	raw, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return "", fmt.Errorf("store scenario %q: %w", s.Scenario.Name, err)
	}
	path := filepath.Join(f.path, FileName(s.Scenario)+".json")
	file, err := os.CreateTemp(f.path, ".storing-*")
	if err != nil {
		return "", fmt.Errorf("store scenario %q: %w", s.Scenario.Name, err)
	}
	_, writeErr := file.Write(raw)
	if err := errors.Join(writeErr, settle(file), file.Close()); err != nil {
		return "", errors.Join(fmt.Errorf("store scenario %q: %w", s.Scenario.Name, err), os.Remove(file.Name()))
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return "", fmt.Errorf("store scenario %q: %w", s.Scenario.Name, err)
	}
	return path, nil
}

// Load reads one stored scenario. Unknown fields and unknown schemas are refused: a verdict judged from what was not
// understood would be worth nothing.
func Load(path string) (Stored, error) {
	var s Stored
	raw, err := os.ReadFile(path)
	if err != nil {
		return s, fmt.Errorf("read stored scenario: %w", err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return s, fmt.Errorf("read stored scenario %s: %w", path, err)
	}
	if !model.Readable(s.Schema) {
		return s, fmt.Errorf("read stored scenario %s: schema is %d, this program knows %d to %d", path, s.Schema, model.OldestSchema, model.SchemaVersion)
	}
	return s, nil
}

// LoadAll reads every stored scenario below a folder, oldest first. What cannot be read is reported, the rest is kept.
func LoadAll(folder string) ([]Stored, error) {
	var all []Stored
	var problems []error
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() || filepath.Ext(path) != ".json" || strings.HasPrefix(entry.Name(), ".") {
			return nil
		}
		s, err := Load(path)
		if err != nil {
			problems = append(problems, err)
			return nil
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		problems = append(problems, fmt.Errorf("read stored scenarios in %s: %w", folder, err))
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].Scenario.Started < all[j].Scenario.Started })
	return all, errors.Join(problems...)
}

// FileName is a readable, file-system safe name that is unique within a suite.
func FileName(s model.Scenario) string {
	id := strings.ToLower(s.ID)
	if s.Key == "" || id == "" || strings.HasPrefix(s.Key, id) {
		return cmp.Or(s.Key, roster.Slug(s.ID+" "+s.Name))
	}
	return roster.Slug(id) + "-" + s.Key
}
