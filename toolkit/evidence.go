package toolkit

import (
	"fmt"
	"time"
)

// State is what one data center holds of its peer, seen from outside (toolkit contract 5.7, 8.4).
type State string

// The states. Down is DOWN without knowing whether the side is mute; Mutual means that both sides are mute for good (Q1).
const (
	Unknown        State = "unknown"
	NeverContacted State = "never contacted"
	Up             State = "UP"
	Down           State = "DOWN"
	DownMute       State = "DOWN-mute"
	MutualSilence  State = "mutual silence"
	Blind          State = "blind"
	Shutdown       State = "orderly shutdown"
	Contradiction  State = "contradiction"
)

// IsDown reports whether the peer counts as DOWN in this state.
func (s State) IsDown() bool { return s == Down || s == DownMute || s == MutualSilence }

// Takeover says how much of the peer's replicated state was handed to the application.
type Takeover string

// The degrees of takeover (toolkit contract 8.4).
const (
	TakeoverUnknown  Takeover = ""
	TakeoverNone     Takeover = "none"
	TakeoverPartial  Takeover = "partial"
	TakeoverComplete Takeover = "complete"
	TakeoverExcess   Takeover = "more than complete" // a fragment was handed over more than once
)

// Track is what is known of one counter in the present life of its PE.
type Track struct {
	Known bool
	Value int64
	Moved bool // its value was seen to change
	// TicksSince is how far the tick counter advanced since the value was first seen; valid when TicksKnown.
	TicksSince int64
	TicksKnown bool
	// Still is for how long the value is proven unchanged: from the end of the first reading that showed it to the
	// start of the last one.
	Still time.Duration
	// SinceUp is, of SnapshotsIn, how much of the value was accepted since the peer last came UP, as far as was seen; valid
	// when SinceUpKnown. What was accepted before is of an earlier life of the peer.
	SinceUp      int64
	SinceUpKnown bool
}

// Counters is what one source of operator metrics shows.
type Counters struct {
	Indicator Indicator
	Asked     time.Time // start of the newest reading
	Answered  time.Time // end of it
	Counts    map[Count]Track
}

// StreamStatus is the newest tuple of the application's status stream.
type StreamStatus struct {
	Indicator Indicator
	Active    bool
	Number    uint64    // 1, 2, 3, .. in the life of the PE
	Received  time.Time // when it reached us
	Aged      bool      // it was in the buffer when we first looked: of unknown age, metrics prevail
}

// TraceFacts is what the trace lines of the present life of the PEs tell.
type TraceFacts struct {
	ShutdownSent      bool // "We sent an orderly shutdown message": queued, not delivered (HP8)
	ShutdownReceived  bool
	PeerCountDecrease bool // heartbeat counts received went down: the peer's preparer restarted
	ReadErrors        int  // replicas that could not be read, or were empty, at takeover
	StatusKnown       bool // the application traced a transition itself; the toolkit never does (Q38)
	StatusUp          bool
}

// Evidence is all that is known about one site at one moment. Nil fields are indicators that say nothing.
type Evidence struct {
	Site, Peer string
	Now        time.Time
	Timing     Timing
	Refresh    time.Duration

	Metrics    []Counters // one for each source
	Stream     *StreamStatus
	Trace      *TraceFacts
	Job        *JobState
	JobGone    bool
	Instance   *InstanceState
	LastResult time.Time // when the last result of the application was seen; zero: not watched
	Restarts   int       // PE processes of this site seen to be replaced
	Problems   []Problem

	Replicas  *int64 // fragments of the peer held before DOWN
	Delivered *int64 // fragments delivered since the last reading before DOWN

	// PeerRounds is by how much the peer's snapshot rounds advanced since this site last accepted a snapshot.
	PeerRounds *int64
	PeerSite   *Evidence // the other side's evidence, for mutual silence
	LinkWorks  *bool     // GET /ports/info in both directions; nil: not known
}

// Conclusion is what follows from the evidence, and why.
type Conclusion struct {
	Site, Peer    string
	State         State
	Why           []string // the evidence in words, most decisive first
	Used          []Indicator
	Disagreements []string // sources that say otherwise
	PeerRestarted bool     // compare with Q17: a restart faster than detection loses state silently
	Takeover      Takeover
	SnapshotsLost bool     // snapshot channel broken: rounds advance at the peer, none arrives here
	Hazards       []string // known quirks that show, by Q-number
}

func ago(now, then time.Time) string {
	return fmt.Sprintf("%v ago", now.Sub(then).Round(time.Millisecond))
}
