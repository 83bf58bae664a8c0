package crossdc

// The state machines of section 5. Each is a value: Step(cfg, event, now, out) returns the next state and the actions
// that the caller must carry out, in order. Actions are appended to out, so that a caller that reuses its slice
// allocates nothing. Handlers of one operator exclude each other: an event that answers an action (Persisted,
// StoredRead) must be fed back before any other event reaches that operator.

// TickOrder says which operator sees a HeartbeatSignal first (toolkit contract 3.4).
type TickOrder int

const (
	PreparerFirst TickOrder = iota
	WatchdogFirst
)

// String names the order as the emulator's knob does.
func (o TickOrder) String() string {
	if o == WatchdogFirst {
		return "watchdogFirst"
	}
	return "preparerFirst"
}

// Placement says whether a Side's operators call each other directly or through queues between processing elements.
type Placement int

const (
	Fused       Placement = iota // a status tuple reaches preparer and remote watchdog inside the step that emits it
	Distributed                  // the caller carries EmitStatus back as a StatusChanged event when its queue delivers it
)

// String names the placement as the emulator's knob does.
func (p Placement) String() string {
	if p == Distributed {
		return "distributed"
	}
	return "fused"
}

// EventKind enumerates what can happen to an operator.
type EventKind uint8

const (
	Tick           EventKind = iota + 1 // HeartbeatSignal
	StatusChanged                       // RemoteDataCenterStatus tuple; Event.Up
	SpecialMessage                      // Event.Text
	HeartbeatBody                       // a body arrived on port P; Event.Body
	SnapshotBody                        // a body arrived on port P+1+c; Event.Body
	Persisted                           // outcome of Persist: Event.Name, OK, and on failure Code
	StoredRead                          // answer to ReturnStored, TakeOver or ReadStored, one per replica: Event.Name, Body, OK, Code
	StoredTrigger                       // ProcessDataFromSnapshotFiles, port 0 of SendSnapshotFilesData
)

// Event is one input of a state machine.
type Event struct {
	Kind EventKind
	Up   bool
	OK   bool
	Code int // errno of a failed Persist or read
	Text string
	Name string // replica name "<dc>-<origin>"; for StoredRead answers of a directory scan, the file name
	Body []byte // actions and messages keep it: not to be reused before they are carried out
}

// Store says which persistence an action means.
type Store uint8

const (
	Files    Store = iota + 1 // dataSnapshotStorageDirectory
	Database                  // dataSnapshotJdbcUrl
)

// ActionKind enumerates what an operator asks for.
type ActionKind uint8

const (
	SendHeartbeat  ActionKind = iota + 1 // preparer out 0 -> Sender1: Action.Message
	SendOther                            // preparer out 1 -> Sender2: Action.Message (type 3, file-mode type 4)
	SignalSnapshot                       // preparer out 2 -> application: Action.Message
	TriggerStored                        // preparer out 3 -> SendSnapshotFilesData (a Side routes it itself when fused)
	PurgeStored                          // HP2, HP7: delete every entry of Action.Store: files whose name contains ".snapshot", or all rows
	ReturnStored                         // HP7: read everything in Action.Store. Files: answer each with StoredRead to the preparer. Database: ReturnRow each, then purge
	EmitStatus                           // HB watchdog out 0: Action.Up
	Deliver                              // RemoteDCDataMerger -> application: Action.Message
	Persist                              // RW4: write Action.Body under Action.Name in Action.Store; answer with Persisted
	RemoveReplica                        // RW1, RW3, RW7, SF: Action.Name in Action.Store
	RemoveFile                           // SF: the file Action.Name of the storage directory, name as listed
	TakeOver                             // RW7: read Action.Name. Files: answer with StoredRead to the remote watchdog. Database: with StoredRead to the stored sender (reader analyzer)
	ReadStored                           // SF: read every entry of Action.Store, answer each with StoredRead to the stored sender
	Trace                                // Action.Level, Aspect, Text (toolkit contract 8.1)
	Abort                                // the real PE would die here: Action.Text says of what
)

// Action is one output of a state machine.
type Action struct {
	Kind    ActionKind
	Store   Store
	Up      bool
	Level   Level  // of a Trace
	Aspect  string // of a Trace
	Text    string // of a Trace, and why of an Abort
	Name    string // replica name "<dc>-<origin>", or the file name of a directory scan
	Body    []byte
	Message Message
}

// Level is a trace level. The zero value is ErrorLevel, the platform's default for jobs (toolkit contract 8.1).
type Level uint8

const (
	ErrorLevel Level = iota
	InfoLevel
)

// String is the level as it stands in a trace line.
func (l Level) String() string {
	if l == InfoLevel {
		return "INFO"
	}
	return "ERROR"
}

// Malformed says what a body does that the real decoder would read out of bounds (toolkit contract WD1, Appendix A 2).
type Malformed uint8

const (
	CrashOnMalformed  Malformed = iota // Abort; on port P after the UP was emitted
	RejectOnMalformed                  // an error trace, and the body is dropped
)

// Options are the parameters of a running side that are not keys of the toolkit.
type Options struct {
	ByteOrder ByteOrder // of the wire; the zero value is little-endian
	Malformed Malformed
	Trace     Level // traces above this level are not produced; ErrorLevel allocates nothing for a heartbeat
}
