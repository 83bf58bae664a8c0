// Package history keeps what became of every scenario of every run, as JSON lines that are only ever appended to: the
// source of trends, of comparisons with a baseline, and of the answer to which drills are overdue.
package history

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/crossdc/failover/reports/model"
)

// SchemaVersion of a line. A line of another version is reported and skipped.
const SchemaVersion = 1

// Entry is one line: one scenario of one run. Durations are toolkit seconds.
type Entry struct {
	Schema      int       `json:"schema"`
	Run         string    `json:"run"`
	Scenario    string    `json:"scenario"` // catalogue number
	Name        string    `json:"name"`
	Family      string    `json:"family"`
	Topology    string    `json:"topology,omitempty"`
	Trial       int       `json:"trial,omitempty"`
	At          time.Time `json:"at"` // when the scenario started, wall clock, UTC
	By          string    `json:"by,omitempty"`
	Version     string    `json:"version,omitempty"` // of this suite
	Environment string    `json:"environment"`
	Application string    `json:"application,omitempty"` // applications and product versions of the data centers
	Toolkit     string    `json:"toolkit,omitempty"`     // fingerprint of the toolkit's configuration
	Speedup     float64   `json:"speedup"`
	Seed        int64     `json:"seed"`

	Outcome   model.Outcome `json:"outcome"`
	Cleanup   model.Outcome `json:"cleanup,omitempty"`
	RTO       float64       `json:"rto_s,omitempty"`
	RPO       float64       `json:"rpo_s,omitempty"`
	Detection *Bounds       `json:"detection,omitempty"`
	Takeover  *Bounds       `json:"takeover,omitempty"`
	Recovery  *Bounds       `json:"recovery,omitempty"`
	Loss      *Bounds       `json:"loss,omitempty"` // seconds of traffic
	Hazards   []string      `json:"hazards,omitempty"`
	Evidence  string        `json:"evidence"` // SHA-256 of the stored scenario's compact JSON
}

// Bounds of a measured duration.
type Bounds struct {
	Earliest float64 `json:"earliest_s"`
	Latest   float64 `json:"latest_s"`
}

// Mid is the middle of the interval, for what needs one number.
func (b Bounds) Mid() float64 { return (b.Earliest + b.Latest) / 2 }

// Of makes the lines of a run, in the order of its scenarios. Scenarios that have not finished are left out: they proved
// nothing yet.
func Of(run model.Run) ([]Entry, error) {
	entries := make([]Entry, 0, len(run.Scenarios))
	application, toolkit := application(run.Environment), Fingerprint(run.Environment.Toolkit)
	for _, s := range run.Scenarios {
		if s.Outcome == "" {
			continue
		}
		data, err := json.Marshal(s)
		if err != nil {
			return nil, fmt.Errorf("make the history line of scenario %s: %w", s.ID, err)
		}
		sum := sha256.Sum256(data)
		e := Entry{Schema: SchemaVersion, Run: run.ID, Scenario: s.ID, Name: s.Name, Family: s.Family, Topology: s.Topology, Trial: s.Trial,
			At: run.Started.Add(time.Duration(s.Started)).UTC(), By: run.By, Version: run.Version, Environment: run.Environment.Kind,
			Application: application, Toolkit: toolkit, Speedup: s.Speedup, Seed: s.Seed, Outcome: s.Outcome,
			RTO: s.Objectives.RTOSeconds, RPO: s.Objectives.RPOSeconds, Detection: bounds(s.Measures.Detection),
			Takeover: bounds(s.Measures.Takeover), Recovery: bounds(s.Measures.Recovery), Evidence: hex.EncodeToString(sum[:])}
		if l := s.Measures.Loss; l != nil {
			e.Loss = &Bounds{l.EarliestSeconds, l.LatestSeconds}
		}
		if s.Cleanup != nil {
			e.Cleanup = s.Cleanup.Outcome
			if len(s.Cleanup.Left) > 0 && e.Cleanup == model.Passed {
				e.Cleanup = model.Failed
			}
		}
		for _, h := range s.Hazards {
			e.Hazards = append(e.Hazards, h.Quirk)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// Fingerprint identifies a configuration: runs of different ones must not be compared.
func Fingerprint(configuration map[string]string) string {
	if len(configuration) == 0 {
		return ""
	}
	data, err := json.Marshal(configuration) // keys come out sorted
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6])
}

func application(e model.Environment) string {
	var parts []string
	for _, dc := range e.DataCenters {
		text := strings.TrimSpace(dc.Application + " on " + strings.TrimSpace("Streams "+dc.ProductVersion))
		if len(parts) == 0 || parts[len(parts)-1] != text {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "; ")
}

func bounds(m *model.Measure) *Bounds {
	if m == nil {
		return nil
	}
	return &Bounds{m.EarliestSeconds, m.LatestSeconds}
}

// Check says what is wrong with an entry, naming the field.
func (e Entry) Check() error {
	switch {
	case e.Schema != SchemaVersion:
		return fmt.Errorf("schema %d is not known here, only %d", e.Schema, SchemaVersion)
	case e.Run == "":
		return fmt.Errorf("run: empty")
	case e.Scenario == "":
		return fmt.Errorf("scenario: empty")
	case e.At.IsZero():
		return fmt.Errorf("at: missing")
	case e.Outcome == "":
		return fmt.Errorf("outcome: empty")
	}
	for name, b := range map[string]*Bounds{"detection": e.Detection, "takeover": e.Takeover, "recovery": e.Recovery, "loss": e.Loss} {
		if b != nil && (math.IsNaN(b.Earliest+b.Latest) || b.Earliest > b.Latest) {
			return fmt.Errorf("%s: %v to %v is no interval", name, b.Earliest, b.Latest)
		}
	}
	return nil
}
