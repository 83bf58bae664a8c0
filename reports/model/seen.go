package model

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
	Unknown      int64            `json:"unknown"` // neither proven present nor proven lost
	// Sent are those of the acknowledged that left us where the protocol has no acknowledgement: loss among them is an upper bound.
	Sent int64 `json:"sent,omitempty"`
	// Late are results that came later than the application's description allows; Counted are results that cannot be told apart.
	Late    int64 `json:"late,omitempty"`
	Counted int64 `json:"counted,omitempty"`
	// LatencyP99 and LatencyMax are how long after it was due the result of an event came, wall milliseconds; 0 where results carry no numbers.
	LatencyP99  float64 `json:"latency_p99_ms,omitempty"`
	LatencyMax  float64 `json:"latency_max_ms,omitempty"`
	LatenessP99 float64 `json:"lateness_p99_ms"` // of the generator itself, wall milliseconds
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
	// Quirk is the known hazard that explains it; empty: none does. With that hazard in the scenario it is no failure of its own.
	Quirk string `json:"quirk,omitempty"`
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
	// WayOut is the command that ends what it left, with what its reader fills in in capital letters; empty where no command does.
	WayOut string `json:"way_out,omitempty"`
	Note   string `json:"way_out_note,omitempty"` // what is to know of the command, or why there is none
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
