package model

import (
	"strconv"
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
	Kind          string            `json:"kind"`     // "embedded" or "remote"
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
}

// Objectives in toolkit seconds; zero means none.
type Objectives struct {
	RTOSeconds float64 `json:"rto_s,omitempty"`
	RPOSeconds float64 `json:"rpo_s,omitempty"`
	Derivation string  `json:"derivation,omitempty"` // how the bound follows from the toolkit's configuration
}

// Measures of one scenario; nil means not measured (see Scenario.Reasons when it should have been).
type Measures struct {
	Detection *Measure `json:"detection,omitempty"` // t0 -> peer declared DOWN
	Takeover  *Measure `json:"takeover,omitempty"`  // t0 -> last replicated fragment handed over
	Recovery  *Measure `json:"recovery,omitempty"`  // t0 -> first event of the lost side served by the survivor
	Steady    *Measure `json:"steady,omitempty"`    // t0 -> throughput back at its level
	Loss      *Loss    `json:"loss,omitempty"`
}

// Measure is a duration with honest error bounds.
type Measure struct {
	EarliestSeconds  float64  `json:"earliest_s"`      // toolkit seconds
	LatestSeconds    float64  `json:"latest_s"`        // toolkit seconds
	WallEarliest     float64  `json:"wall_earliest_s"` // wall seconds
	WallLatest       float64  `json:"wall_latest_s"`   // wall seconds
	ObjectiveSeconds float64  `json:"objective_s,omitempty"`
	Verdict          Verdict  `json:"verdict"`
	By               []string `json:"by,omitempty"`  // indicators whose intersection this is
	Why              string   `json:"why,omitempty"` // what widened it or made it inconclusive
}

// Loss is the data loss: acknowledged events that no surviving state contains.
type Loss struct {
	EarliestEvents   int64   `json:"earliest_events"`
	LatestEvents     int64   `json:"latest_events"`
	EarliestSeconds  float64 `json:"earliest_s"` // toolkit seconds of traffic that the events stand for
	LatestSeconds    float64 `json:"latest_s"`
	ObjectiveSeconds float64 `json:"objective_s,omitempty"`
	Verdict          Verdict `json:"verdict"`
	Why              string  `json:"why,omitempty"`
	// Of is how many events the lost side had taken when it was lost, and Side is its name; 0 where no side lost its memory.
	Of   int64  `json:"of,omitempty"`
	Side string `json:"side,omitempty"`
	// Before is the load that the fault met; nil where the scenario holds no loss against an RPO, and in runs stored before it was asked for.
	Before *LoadBefore `json:"load_before,omitempty"`
}

// Percent is the loss as a share of what the lost side had taken; ok is false where that is not known.
func (l Loss) Percent() (earliest, latest float64, ok bool) {
	if l.Of <= 0 {
		return 0, 0, false
	}
	return 100 * float64(l.EarliestEvents) / float64(l.Of), 100 * float64(l.LatestEvents) / float64(l.Of), true
}

// LoadBefore says for how long load had run, and how often every fragment had been replicated since it began and since
// the peer last came UP, when a fault struck whose loss is judged. With less than what is needed a loss means nothing.
type LoadBefore struct {
	Seconds       float64 `json:"s"`        // toolkit seconds of load
	NeededSeconds float64 `json:"needed_s"` // RPO + P_s
	Rounds        int     `json:"rounds"`   // accepted by the peer of the fragment that was replicated least often
	NeededRounds  int     `json:"needed_rounds"`
	By            string  `json:"by,omitempty"` // what showed the rounds
}

// Own is one objective of a team's own, such as a service level: a measured value with its bounds and the most that it may be.
type Own struct {
	Name    string  `json:"name"` // unique within the scenario: "checkout p99"
	Unit    string  `json:"unit,omitempty"`
	Least   float64 `json:"least"` // the least that the value can be
	Most    float64 `json:"most"`  // the most that it can be
	Limit   float64 `json:"limit"` // the most that it may be; 0 means none at all
	Verdict Verdict `json:"verdict"`
	Why     string  `json:"why,omitempty"`
}

// Text is the value beside its limit, "91.5 of 98 ms".
func (o Own) Text() string {
	value := strconv.FormatFloat(o.Most, 'g', 6, 64)
	if o.Least != o.Most {
		value = strconv.FormatFloat(o.Least, 'g', 6, 64) + "–" + value
	}
	text := value + " of " + strconv.FormatFloat(o.Limit, 'g', 6, 64)
	if o.Unit != "" {
		text += " " + o.Unit
	}
	return text
}

// Observation is one event seen by one indicator at one data center.
type Observation struct {
	Site      string   `json:"site"`              // who was looked at: "dc1"
	Indicator string   `json:"indicator"`         // e.g. "status stream", "operator metrics"
	Event     string   `json:"event"`             // "peer down", "peer up", "fragment taken over", "pe restarted", "job gone", ...
	Subject   string   `json:"subject,omitempty"` // what it is about: a fragment, "dc1/job 7/pe 3"
	When      Interval `json:"when"`
	Evidence  string   `json:"evidence,omitempty"` // what was read, in a few words
}

// Phase is a named stretch of the scenario.
type Phase struct {
	Name string   `json:"name"` // "steady before", "fault", "detection", "takeover", "restoration", "heal", "home"
	From Interval `json:"from"`
	To   Interval `json:"to"`
}

// Span is a stretch with uncertain ends.
type Span struct {
	From Interval `json:"from"`
	To   Interval `json:"to"`
}

// IndicatorUse says whether an indicator contributed and, if not, why.
type IndicatorUse struct {
	Site      string `json:"site"`
	Indicator string `json:"indicator"`
	Used      bool   `json:"used"`
	Why       string `json:"why,omitempty"`
	Polls     int64  `json:"polls,omitempty"`
	Errors    int64  `json:"errors,omitempty"`
}

// Ledger is the account of every numbered event that the generator made due.
type Ledger struct {
	Due          int64            `json:"due"`
	Acknowledged int64            `json:"acknowledged"`
	Refused      int64            `json:"refused"` // never accepted by any data center; not a loss
	ProcessedBy  map[string]int64 `json:"processed_by"`
	InState      map[string]int64 `json:"in_state"`            // events that the final state of a data center accounts for
	Present      int64            `json:"present,omitempty"`   // acknowledged, in a surviving state
	Lost         int64            `json:"lost"`                // acknowledged, in no surviving state
	Undecided    int64            `json:"undecided,omitempty"` // acknowledged, neither proven present nor proven lost; with Present and Lost all that was acknowledged
	Duplicated   int64            `json:"duplicated"`
	Resurrected  int64            `json:"resurrected"` // in state again after having been lost
	Reordered    int64            `json:"reordered"`
	Corrupted    int64            `json:"corrupted"`
	Unknown      int64            `json:"unknown"`         // neither proven present nor proven lost
	LatenessP99  float64          `json:"lateness_p99_ms"` // of the generator itself, wall milliseconds
	// Anomalies are events missing or present that no replication explains: each is a failure of its own, whatever the RPO.
	Anomalies []Anomaly `json:"anomalies,omitempty"`
}

// Anomaly is something about the events of one channel that losing the newest ones with a data center does not explain.
type Anomaly struct {
	Kind    string `json:"kind"` // one of the Anomaly constants
	Site    string `json:"site"` // in whose state it shows
	Stream  string `json:"stream"`
	Channel int    `json:"channel"`
	Events  int64  `json:"events,omitempty"`
	First   uint64 `json:"first,omitempty"` // numbers of the events, where they are known
	Last    uint64 `json:"last,omitempty"`
	Text    string `json:"text"`
}

// The kinds of anomalies.
const (
	MergedOtherwise = "merged otherwise" // a state is not what was handed over, with what was processed since
	MissingEvents   = "missing"          // acknowledged events are missing that were replicated, or accepted after the takeover or the return
	KeptEvents      = "kept"             // a side that lost its memory holds events from before
)

// Served counts results per data center in one bucket of wall time.
type Served struct {
	Site   string  `json:"site"`
	From   Instant `json:"from_ns"`
	To     Instant `json:"to_ns"`
	Events int64   `json:"events"`
}

// Hazard is a known quirk of the toolkit that this scenario reproduced.
type Hazard struct {
	Quirk    string `json:"quirk"` // "Q1"
	Title    string `json:"title"`
	Evidence string `json:"evidence"`
	Effect   string `json:"effect,omitempty"`  // what it means for somebody who operates the application
	Visible  string `json:"visible,omitempty"` // how it shows in production
	Remedy   string `json:"remedy,omitempty"`  // what to do about it in the toolkit's configuration or operation
}

// Concluded is what followed from all indicators of a site together, beside what it holds of its peer, and for how long.
type Concluded struct {
	Site  string   `json:"site"`
	Kind  string   `json:"kind"`            // one of the Concluded constants
	Quirk string   `json:"quirk,omitempty"` // of ConcludedQuirk: "Q1"
	Text  string   `json:"text"`
	While Interval `json:"while"` // from the first to the last look that said so
}

// The kinds of conclusions.
const (
	ConcludedQuirk         = "known hazard shows"
	ConcludedDisagreement  = "indicators disagree"
	ConcludedSnapshotsLost = "snapshots lost"
	ConcludedPeerRestarted = "peer restarted"
)

// Sentence says a conclusion in one line.
func (c Concluded) Sentence() string {
	text := c.Site + ": " + c.Kind
	if c.Quirk != "" {
		text += " (" + c.Quirk + ")"
	}
	return text + ": " + c.Text
}

// TraceLine is a line of a PE's trace that proves something.
type TraceLine struct {
	Site string `json:"site"`
	Line string `json:"line"`
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

// Trials is the distribution over repeated runs of one scenario.
type Trials struct {
	Count     int       `json:"count"`
	Detection []Measure `json:"detection,omitempty"`
	Recovery  []Measure `json:"recovery,omitempty"`
	Claim     string    `json:"claim"`                           // which percentile these trials carry, in words
	Predicted []float64 `json:"predicted_detection_s,omitempty"` // quantiles of the closed form, toolkit seconds
}
