// Package history keeps what became of every scenario of every run, as JSON lines that are only ever appended to: the
// source of trends, of comparisons with a baseline, and of the answer to which drills are overdue.
package history

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
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

// Of makes the lines of a run, in the order of its scenarios. Scenarios that have not finished are left out, because they
// proved nothing yet, and so are the rows of suites themselves.
func Of(run model.Run) ([]Entry, error) {
	entries := make([]Entry, 0, len(run.Scenarios))
	application, toolkit := application(run.Environment), Fingerprint(run.Environment.Toolkit)
	for _, s := range run.Scenarios {
		if !s.Outcome.Ended() || s.ID == model.SuiteID {
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

// outcomes that a line may have: those that a scenario can end with.
var outcomes = map[model.Outcome]bool{model.Passed: true, model.HazardReproduced: true, model.Failed: true, model.OutcomeInconclusive: true,
	model.Skipped: true, model.Pending: true, model.Panicked: true, model.TimedOut: true, model.Interrupted: true, "not tested": true, "running": true}

// first is before any run of this suite.
var first = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

// maxSeconds bounds a measured duration: a century of toolkit time.
const maxSeconds = 100 * 366 * 86400

// Check says what is wrong with an entry, naming the field.
func (e Entry) Check() error {
	switch {
	case e.Schema != SchemaVersion:
		return fmt.Errorf("schema %d is not known here, only %d", e.Schema, SchemaVersion)
	case strings.TrimSpace(e.Run) == "":
		return fmt.Errorf("run: empty")
	case strings.TrimSpace(e.Scenario) == "":
		return fmt.Errorf("scenario: empty")
	case e.At.IsZero():
		return fmt.Errorf("at: missing")
	case e.At.Before(first):
		return fmt.Errorf("at: %s is before there was any run", e.At.Format(time.RFC3339))
	case e.At.Year() > 9000: // no clock of a machine that measures stands there
		return fmt.Errorf("at: the year %d", e.At.Year())
	case e.Outcome == "":
		return fmt.Errorf("outcome: empty")
	case !outcomes[e.Outcome]:
		return fmt.Errorf("outcome: %q is not known here", e.Outcome)
	case e.Cleanup != "" && !outcomes[e.Cleanup]:
		return fmt.Errorf("cleanup: %q is not known here", e.Cleanup)
	case e.Trial < 0:
		return fmt.Errorf("trial: %d is negative", e.Trial)
	case !(e.Speedup >= 0 && e.Speedup <= 1e6):
		return fmt.Errorf("speedup: %v is not from 0 to a million", e.Speedup)
	}
	for _, o := range []struct {
		name  string
		value float64
	}{{"rto_s", e.RTO}, {"rpo_s", e.RPO}} {
		if !(o.value >= 0 && o.value <= maxSeconds) {
			return fmt.Errorf("%s: %v is no objective", o.name, o.value)
		}
	}
	for _, m := range []struct {
		name   string
		bounds *Bounds
	}{{"detection", e.Detection}, {"takeover", e.Takeover}, {"recovery", e.Recovery}, {"loss", e.Loss}} {
		if b := m.bounds; b != nil && !(b.Earliest <= b.Latest && b.Earliest >= -maxSeconds && b.Latest >= 0 && b.Latest <= maxSeconds) {
			return fmt.Errorf("%s: %v to %v is no interval", m.name, b.Earliest, b.Latest)
		}
	}
	return nil
}
