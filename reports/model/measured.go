package model

import "strconv"

// Objectives in toolkit seconds; zero means none.
type Objectives struct {
	RTOSeconds float64 `json:"rto_s,omitempty"`
	RPOSeconds float64 `json:"rpo_s,omitempty"`
	Derivation string  `json:"derivation,omitempty"` // how the bound follows from the toolkit's configuration
	// TakeoverHeldUp says that the scenario held the takeover up on purpose, so that its time is held against nothing. The RTO stays that
	// of service.
	TakeoverHeldUp bool `json:"takeover_held_up,omitempty"`
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
