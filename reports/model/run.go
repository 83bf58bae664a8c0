package model

import (
	"time"
)

// SchemaVersion of the stored run. It grows when a field changes its meaning or a vocabulary grows; readers refuse what they
// do not know. Version 2 added "not tested" and "running" with their causes, refused runs, and objectives of a team's own.
const SchemaVersion = 2

// OldestSchema that is still read: what it says means the same today.
const OldestSchema = 1

// Readable reports whether a stored run of this schema can be read.
func Readable(schema int) bool { return schema >= OldestSchema && schema <= SchemaVersion }

// Run is everything one suite (one Ginkgo package) saw and concluded; merged runs hold the scenarios of several suites.
type Run struct {
	Schema      int         `json:"schema"`
	ID          string      `json:"id"`       // the same for all suites started by one command
	Suites      []string    `json:"suites"`   // families, e.g. "outage"
	Started     time.Time   `json:"started"`  // wall clock; the zero of every Instant of a single-suite run
	Finished    time.Time   `json:"finished"` // zero while the run is partial
	Seed        int64       `json:"seed"`     // repeats the run
	Environment Environment `json:"environment"`
	Scenarios   []Scenario  `json:"scenarios"`
	Notes       []string    `json:"notes,omitempty"` // what a reader must know first: TLS verification off, observer starved, ...
	Interrupted bool        `json:"interrupted,omitempty"`
	By          string      `json:"by,omitempty"`      // who started the run, for the audit sheet; empty when not stated
	Version     string      `json:"version,omitempty"` // of this suite: the commit, or the release of the module
	Built       time.Time   `json:"built,omitzero"`    // when the suite's program was built; zero when nobody knows
	Proving     []string    `json:"proving,omitempty"` // what was broken on purpose, in words: such a run speaks of no release
	Refused     []Cause     `json:"refused,omitempty"` // why nothing was tested at all: the settings, or the machine

	Folders []string `json:"folders,omitempty"` // of Suites, relative to the module
	Planned []string `json:"planned,omitempty"` // folders of all suites that the command was to run, as far as it could be told
	Labels  []string `json:"labels,omitempty"`  // that any scenario of Suites has, selected or not
	// Campaign says of which shards the run was put together; nil for a run of one command.
	Campaign *Campaign `json:"campaign,omitempty"`
	Process  *Process  `json:"process,omitempty"` // that runs the suite; nil once it has ended, and in runs of several suites
	Command  *Process  `json:"command,omitempty"` // that started the suites; nil in runs of several commands
}

// Process is a process on some host: its start tells it from a later one with the same id.
type Process struct {
	Host  string `json:"host"`
	ID    int    `json:"pid"`
	Start string `json:"start"` // clock ticks since boot, see proc(5)
}

// SuiteID is the ID of a scenario that stands for a suite itself: its set-up, its teardown, or that it left nothing.
const SuiteID = "suite"

// Environment says what the run was aimed at.
type Environment struct {
	Kind          string            `json:"kind"`     // "embedded", "remote" or "hosts"
	Topology      string            `json:"topology"` // "active/active" or "active/passive"
	Speedup       float64           `json:"speedup"`  // toolkit seconds per wall second; 1 for remote
	AccuracyClass string            `json:"accuracy_class,omitempty"`
	DataCenters   []DataCenter      `json:"data_centers"`
	Toolkit       map[string]string `json:"toolkit"`                // the toolkit's configuration, secrets left out
	Capabilities  map[string]string `json:"capabilities,omitempty"` // capability -> "yes" or the reason why not
	TLSVerified   bool              `json:"tls_verified"`
}

// DataCenter identifies one side.
type DataCenter struct {
	Name           string `json:"name"`
	Instance       string `json:"instance,omitempty"`
	ProductVersion string `json:"product_version,omitempty"`
	Application    string `json:"application,omitempty"`
	Root           string `json:"root,omitempty"` // URL without credentials
}

// Scenario is one drill: one fault, what was seen of it and what it means.
type Scenario struct {
	Key      string   `json:"key,omitempty"` // tells the drill from all others of its suite, the same in every run
	ID       string   `json:"id"`            // catalogue number, e.g. "S03"; "control" for the no-op; SuiteID for a suite itself
	Name     string   `json:"name"`          // a sentence, unique within its suite, without labels
	Family   string   `json:"family"`        // "outage", "partition", ...
	Labels   []string `json:"labels,omitempty"`
	Topology string   `json:"topology,omitempty"`
	Trial    int      `json:"trial,omitempty"` // 1-based when CROSSDC_TRIALS > 1
	Shard    string   `json:"shard,omitempty"` // of the campaign that it was delivered by, "12"
	Node     string   `json:"node,omitempty"`  // of the campaign that it ran on

	Outcome Outcome  `json:"outcome"`
	Reasons []string `json:"reasons,omitempty"` // why it is not Passed, in words
	Cause   *Cause   `json:"cause,omitempty"`   // why it was not tested; only with NotTested

	Seed       int64      `json:"seed"`
	Speedup    float64    `json:"speedup"`
	Started    Instant    `json:"started_ns"`
	Finished   Instant    `json:"finished_ns"`
	Fault      *Fault     `json:"fault,omitempty"`
	Objectives Objectives `json:"objectives"`
	Measures   Measures   `json:"measures"`
	Own        []Own      `json:"own_objectives,omitempty"` // objectives of a team's own
	// Accounting is how exactly the application could be accounted for; nil in runs stored before it was asked for, which is level 3.
	Accounting *Accounting `json:"accounting,omitempty"`

	Observations   []Observation  `json:"observations,omitempty"`
	Phases         []Phase        `json:"phases,omitempty"`
	BothActive     *Span          `json:"both_active,omitempty"`
	Contradictions []string       `json:"contradictions,omitempty"`
	Indicators     []IndicatorUse `json:"indicators,omitempty"`
	Ledger         *Ledger        `json:"ledger,omitempty"`
	Served         []Served       `json:"served,omitempty"` // throughput around the fault, per data center
	Hazards        []Hazard       `json:"hazards,omitempty"`
	Concluded      []Concluded    `json:"concluded,omitempty"` // beside the status; it explains, and decides nothing
	Traces         []TraceLine    `json:"traces,omitempty"`
	Steps          []Step         `json:"steps,omitempty"`
	DeclaredSteps  int            `json:"declared_steps,omitempty"` // how many steps the scenario has when it is whole; 0 when nobody counted
	Cleanup        *Cleanup       `json:"cleanup,omitempty"`
	Trials         *Trials        `json:"trials,omitempty"`
	Command        string         `json:"command,omitempty"`     // repeats just this scenario with its seed
	Attachments    []string       `json:"attachments,omitempty"` // paths relative to the report folder
}

// Fault is what was injected, when, and whether it bit and went away again.
type Fault struct {
	Name   string `json:"name"`   // e.g. "crash"
	Target string `json:"target"` // for people, e.g. "dc1", "link dc1->dc2"
	// Struck is the data center that it was done to, or to a part of it; empty for a fault of the link.
	Struck string `json:"struck,omitempty"`
	// Observers are the data centers that had to notice it; empty: every one that was looked at.
	Observers []string `json:"observers,omitempty"`
	// TakesService: the struck data center served nothing while it lasted.
	TakesService bool `json:"takes_service,omitempty"`

	Injected  Interval  `json:"injected"`       // t0: between the call and its verified effect
	Bite      string    `json:"bite,omitempty"` // the evidence that it took effect
	Healed    *Interval `json:"healed,omitempty"`
	HealProof string    `json:"heal_proof,omitempty"`
	// Clocks of the hosts, where they are reached, before and after it.
	Clocks []HostClock `json:"clocks,omitempty"`
}

// HostClock is how far a host's clock was off that of the run; nil where that is not known.
type HostClock struct {
	Host   string       `json:"host"`
	Before *ClockOffset `json:"before,omitempty"`
	After  *ClockOffset `json:"after,omitempty"`
}

// ClockOffset is a host's clock minus that of the run; the truth lies within Offset +- Bound.
type ClockOffset struct {
	Offset time.Duration `json:"offset_ns"`
	Bound  time.Duration `json:"bound_ns"`
}

// Step is one It block of the scenario.
type Step struct {
	Name     string  `json:"name"`
	Outcome  Outcome `json:"outcome"`
	Started  Instant `json:"started_ns"`
	Seconds  float64 `json:"wall_s"`
	Failure  string  `json:"failure,omitempty"`
	Follows  bool    `json:"follows,omitempty"`  // left out because an earlier step failed, or left the rest out: no reason of its own
	Cause    *Cause  `json:"cause,omitempty"`    // only with NotTested
	Location string  `json:"location,omitempty"` // file:line relative to the module
	Output   string  `json:"output,omitempty"`   // bounded
}

// Cleanup is a verdict of its own: a failing teardown never replaces the scenario's.
type Cleanup struct {
	Injected []string `json:"injected,omitempty"`
	Healed   []string `json:"healed,omitempty"`
	Left     []string `json:"left,omitempty"` // what could not be proven gone
	Outcome  Outcome  `json:"outcome"`
	Reason   string   `json:"reason,omitempty"`
}
