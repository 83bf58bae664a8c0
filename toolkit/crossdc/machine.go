package crossdc

// The state machines of section 5. Each is a value: Step(cfg, event, now) returns the next state and the actions that
// the caller must carry out, in order. No goroutine, clock or I/O in here. Actions are appended to out, so that a
// caller that reuses its slice allocates nothing.

// TickOrder says which operator sees a HeartbeatSignal first (toolkit contract 3.4).
type TickOrder int

const (
	PreparerFirst TickOrder = iota
	WatchdogFirst
)

// EventKind enumerates what can happen to an operator.
type EventKind uint8

const (
	Tick           EventKind = iota + 1 // HeartbeatSignal
	StatusChanged                       // RemoteDataCenterStatus tuple; Event.Up
	SpecialMessage                      // Event.Text
	Body                                // HTTP body arrived; Event.Body
	Persisted                           // outcome of a Persist action; Event.Name, Event.OK
)

// Event is one input of a state machine.
type Event struct {
	Kind EventKind
	Up   bool
	Text string
	Body []byte
	Name string
	OK   bool
}

// ActionKind enumerates what an operator asks for.
type ActionKind uint8

const (
	SendHeartbeat  ActionKind = iota + 1 // preparer out 0 -> Sender1: Action.Message
	SendOther                            // preparer out 1 -> Sender2: Action.Message (type 3, file-mode type 4)
	SignalSnapshot                       // preparer out 2 -> application: Action.Message
	TriggerStored                        // preparer out 3 -> SendSnapshotFilesData
	PurgeStored                          // HP2: delete every stored replica (files whose name contains ".snapshot", or all rows)
	ReturnStored                         // HP7: send every stored replica back as type 4, then purge; counts continue from Action.Message.Count
	EmitStatus                           // HB watchdog out 0: Action.Up
	Deliver                              // RDC watchdog out 0 -> application: Action.Message
	Persist                              // RW4: write Action.Body under Action.Name; answer with a Persisted event
	RemoveReplica                        // RW1, RW3: Action.Name
	TakeOver                             // RW7: read, deliver, remove Action.Name
	Trace                                // Action.Level, Aspect, Text (toolkit contract 8.1)
	Abort                                // the real PE would die here: Action.Text says of what
)

// Action is one output of a state machine.
type Action struct {
	Kind    ActionKind
	Message Message
	Name    string // replica name "<dc>-<origin>"
	Body    []byte
	Up      bool
	Level   string // trace level
	Aspect  string
	Text    string
}
