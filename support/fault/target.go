package fault

import (
	"context"
	"time"
)

// DataCenter is one side as a fault sees it.
type DataCenter interface {
	// Name is "dc1" or "dc2".
	Name() string
	// Processes gives access to the data center's processes, or nil where there is none (remote by URL).
	Processes() Processes
	// Management acts through the management REST API; every environment has it.
	Management() Management
}

// Processes acts on the operating-system processes of one data center: the instance and every PE. Only processes
// that the environment started itself are ever signalled.
type Processes interface {
	// List returns the process ids that are alive now.
	List(ctx context.Context) ([]int, error)
	// Kill sends SIGKILL to all of them (one process group) and returns when none is left.
	Kill(ctx context.Context) error
	// Suspend sends SIGSTOP to all and returns when the kernel shows every one of them stopped.
	Suspend(ctx context.Context) error
	// Resume sends SIGCONT to all.
	Resume(ctx context.Context) error
	// KillPE sends SIGKILL to the process of one PE, found through the management API's processId.
	KillPE(ctx context.Context, pe string) error
	// Start brings a killed data center back (same directory, same addresses, empty memory) and returns when its
	// management API answers.
	Start(ctx context.Context) error
}

// Management is the part of the management API that faults need.
type Management interface {
	// Reachable asks for the instance with a short timeout: nil when it answers and is running; wraps ErrNotRunning when it
	// answers and is not, else the network's error.
	Reachable(ctx context.Context) error
	// CancelJob cancels the application's job and returns when it is no longer listed.
	CancelJob(ctx context.Context) error
	// JobRunning reports whether the application's job is listed, running and healthy, and its id.
	JobRunning(ctx context.Context) (job string, running bool, err error)
	// SubmitJob submits the application again (bundle, parameters and job name of the environment) and returns its job id.
	SubmitJob(ctx context.Context) (job string, err error)
	// StopInstance stops the instance, cancelling its jobs; StartInstance starts it. Both return when the new status is reached.
	StopInstance(ctx context.Context) error
	StartInstance(ctx context.Context) error
	// PEs lists the ids of the PEs of the application's job with launch counts.
	PEs(ctx context.Context) (map[string]int, error)
	// StopPE, StartPE and RestartPE act on one PE.
	StopPE(ctx context.Context, pe string) error
	StartPE(ctx context.Context, pe string) error
	RestartPE(ctx context.Context, pe string) error
	// SpecialMessage sends "OrderlyShutdown" or "SendMeDataFromSnapshotFiles" into the application.
	SpecialMessage(ctx context.Context, text string) error
}

// Link is the network between the two data centers; nil in environments that cannot shape it.
type Link interface {
	// Apply puts a rule on one direction ("dc1->dc2") and a set of toolkit ports and returns when the relay confirms that it
	// is in force; the relay lifts it by itself at the deadline.
	Apply(ctx context.Context, rule LinkRule) error
	// Clear lifts every rule on that direction and returns when the relay confirms it.
	Clear(ctx context.Context, direction string) error
	// Rules returns what the relay has in force now, so that bite and heal can be verified. Lifetime is what is left of it.
	Rules(ctx context.Context) ([]LinkRule, error)
	// Probe opens a new connection through the relay the way the toolkit would and asks for GET /ports/info; nil when
	// answered. port counts from the toolkit's P: 0 is the heartbeat port, 1 the first snapshot channel (contract 4.1). It
	// returns when ctx ends at the latest, and wraps the network's error (connection refused, reset, timeout).
	Probe(ctx context.Context, direction string, port int) error
}

// LinkRule is one shaping rule.
type LinkRule struct {
	Direction      string        `json:"direction"`       // "dc1->dc2" or "dc2->dc1"
	Ports          Ports         `json:"ports"`           // "all", "heartbeat" (P) or "snapshot" (P+1..)
	Mode           Mode          `json:"mode"`            // pass, refuse, reset, hang (accept and stay silent), blackhole (leave unaccepted), delay, throttle, loss, flap, reorder, duplicate, corrupt
	Delay          time.Duration `json:"delay,omitempty"` // wall time; each way
	Jitter         time.Duration `json:"jitter,omitempty"`
	BytesPerSecond int64         `json:"bytes_per_second,omitempty"`
	Lost           float64       `json:"lost,omitempty"`       // loss: share of the packets, each way
	Share          float64       `json:"share,omitempty"`      // reorder, duplicate, corrupt: of the packets, each way
	Handshake      time.Duration `json:"handshake,omitempty"`  // loss: what the first lost packet of a handshake costs, doubling
	Retransmit     time.Duration `json:"retransmit,omitempty"` // loss: likewise of an established connection
	Down           time.Duration `json:"down,omitempty"`       // flap: refused for Down, passed for Up
	Up             time.Duration `json:"up,omitempty"`
	Lifetime       time.Duration `json:"lifetime"` // the deadline: lifted by the relay itself after this, whatever becomes of us
}

// Environment is what a fault may act on.
type Environment interface {
	// DataCenters returns both sides; neither is nil.
	DataCenters() (dc1, dc2 DataCenter)
	// Link is nil where the network between the data centers cannot be shaped.
	Link() Link
}
