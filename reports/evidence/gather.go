package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/store"
)

// archive is what is written: files by name, in the order of their names, in one folder.
type archive struct {
	run   model.Run
	name  string // of the folder
	files []part
}

type part struct {
	name string
	data []byte
}

// gather reads what a folder of results has of its run. Reports that are missing, or those of another run, are refused: what
// an auditor reads must be about one thing.
func gather(folder, journal string) (*archive, error) {
	run, err := store.Read(filepath.Join(folder, store.RunFile))
	if err != nil {
		return nil, fmt.Errorf("read the run in %s (give a folder of results, such as reports/out): %w", folder, err)
	}
	if run.Finished.IsZero() {
		return nil, fmt.Errorf("the run %s in %s has not ended: an archive of it would be no evidence; run the suites to their end", run.ID, folder)
	}
	a := &archive{run: run, name: "evidence-" + run.ID}
	names := []string{store.RunFile, store.SummaryFile, store.JUnitFile, store.PageFile}
	for _, suite := range run.Suites {
		names = append(names, suite+".json", "junit-"+suite+".xml")
	}
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if errors.Is(err, fs.ErrNotExist) && strings.HasSuffix(name, ".xml") && name != store.JUnitFile {
			continue // a suite that could not begin has none of its own
		}
		if err != nil {
			return nil, fmt.Errorf("add %s to the evidence (make run writes it): %w", name, err)
		}
		if !bytes.Contains(data, []byte(run.ID)) {
			return nil, fmt.Errorf("%s in %s does not belong to run %s: run the suites again", name, folder, run.ID)
		}
		a.add(name, data)
	}
	configuration, err := json.MarshalIndent(struct {
		Run         string            `json:"run"`
		By          string            `json:"by"`
		Version     string            `json:"version"`
		Seed        int64             `json:"seed"`
		Environment model.Environment `json:"environment"`
	}{run.ID, run.By, run.Version, run.Seed, run.Environment}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write down the configuration: %w", err)
	}
	// No suite can have a dot in its name: that of the configuration must not hide the file of a suite, nor be hidden.
	a.add("run.configuration.json", append(configuration, '\n'))
	faults, err := faultsOf(run, journal)
	if err != nil {
		return nil, err
	}
	a.add("journal.jsonl", faults)
	a.add("recovery-test.md", record(run))
	return a, nil
}

func (a *archive) add(name string, data []byte) { a.files = append(a.files, part{name, data}) }

// event is a line of the journal of faults: what was done, between which instants, and what shows it.
type event struct {
	Scenario string          `json:"scenario,omitempty"`
	Trial    int             `json:"trial,omitempty"`
	Fault    string          `json:"fault,omitempty"`
	Target   string          `json:"target,omitempty"`
	Event    string          `json:"event"` // "injected", "healed", or "open" for what a journal still holds
	Earliest time.Time       `json:"earliest"`
	Latest   time.Time       `json:"latest"`
	Evidence string          `json:"evidence,omitempty"`
	Entry    json.RawMessage `json:"entry,omitempty"` // of the journal
}

// margin is how far around a run its faults may have been written down: the run is stored as begun a moment after its
// environment was opened, and as ended before it is closed.
const margin = 2 * time.Minute

// faultsOf is the journal of the run's faults by when: what was injected and healed, as the run accounts for it, and what the
// journals still hold because it was not healed in the end.
func faultsOf(run model.Run, folder string) ([]byte, error) {
	events, err := unhealed(run, folder)
	if err != nil {
		return nil, err
	}
	for _, s := range run.Scenarios {
		if s.Fault == nil {
			continue
		}
		e := event{Scenario: s.ID, Trial: s.Trial, Fault: s.Fault.Name, Target: s.Fault.Target}
		injected, healed := e, e
		injected.Event, injected.Evidence = "injected", s.Fault.Bite
		injected.Earliest, injected.Latest = wall(run, s.Fault.Injected)
		events = append(events, injected)
		if s.Fault.Healed != nil {
			healed.Event, healed.Evidence = "healed", s.Fault.HealProof
			healed.Earliest, healed.Latest = wall(run, *s.Fault.Healed)
			events = append(events, healed)
		}
	}
	slices.SortStableFunc(events, func(x, y event) int { return x.Earliest.Compare(y.Earliest) })
	var out bytes.Buffer
	for _, e := range events {
		text, err := json.Marshal(e)
		if err != nil {
			return nil, fmt.Errorf("write down the faults: %w", err)
		}
		out.Write(text)
		out.WriteByte('\n')
	}
	return out.Bytes(), nil
}

// unhealed are the lines of journals that were written while the run ran: a journal is kept as long as a fault in it is open.
// What a later process would need to heal it is left out: it says nothing to an auditor.
func unhealed(run model.Run, folder string) (events []event, err error) {
	if folder == "" {
		return nil, nil
	}
	paths, err := filepath.Glob(filepath.Join(folder, run.Environment.Kind+"-*.journal"))
	if err != nil {
		return nil, fmt.Errorf("look for journals in %s: %w", folder, err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read a journal of faults: %w", err)
		}
		for text := range bytes.Lines(data) {
			var entry map[string]json.RawMessage
			var at time.Time
			if json.Unmarshal(text, &entry) != nil || json.Unmarshal(entry["time"], &at) != nil {
				continue // cut in two by a crash; the run's own account has the fault all the same
			}
			if at.Before(run.Started.Add(-margin)) || at.After(run.Finished.Add(margin)) {
				continue
			}
			delete(entry, "memory")
			kept, err := json.Marshal(entry)
			if err != nil {
				return nil, fmt.Errorf("copy a line of %s: %w", path, err)
			}
			events = append(events, event{Event: "open", Earliest: at, Latest: at, Entry: kept})
		}
	}
	return events, nil
}

// wall is when something happened, on the clock of the machine that the suite ran on.
func wall(run model.Run, when model.Interval) (earliest, latest time.Time) {
	return run.Started.Add(time.Duration(when.Earliest)).UTC(), run.Started.Add(time.Duration(when.Latest)).UTC()
}
