package protocol

import "time"

// Direction of packets as the target host sees them.
type Direction string

// Directions. The empty one is Both.
const (
	Both     Direction = "both"
	Incoming Direction = "in"
	Outgoing Direction = "out"
)

// End of a connection as the target host sees it.
type End string

// Ends. The empty one is Either.
const (
	Either End = "either"
	OnHost End = "host" // the target host's own
	OnPeer End = "peer"
)

// Verdict is what becomes of a packet that a cut hits.
type Verdict string

// Verdicts. The empty one is Drop. Reject answers TCP by a reset, UDP by an ICMP error, and drops echo requests and replies;
// it leaves other protocols alone.
const (
	Drop   Verdict = "drop"
	Reject Verdict = "reject"
)

// Fault is what is done to the target, for how long. Exactly one of its members is set.
type Fault struct {
	// For is how long it lasts once fired, 1 ms to 24 h.
	For time.Duration `json:"forNs"`

	Cut       *Cut       `json:"cut,omitempty"`
	Delay     *Delay     `json:"delay,omitempty"`
	Corrupt   *Corrupt   `json:"corrupt,omitempty"`
	Duplicate *Duplicate `json:"duplicate,omitempty"`
	Rate      *Rate      `json:"rate,omitempty"`
	Narrow    *Narrow    `json:"narrow,omitempty"`
	Hang      *Hang      `json:"hang,omitempty"`
	Kill      *Kill      `json:"kill,omitempty"`
	Fill      *Fill      `json:"fill,omitempty"`
	ReadOnly  *ReadOnly  `json:"readOnly,omitempty"`
	Service   *Service   `json:"service,omitempty"`
}

// Traffic selects packets between the target host and its peers.
type Traffic struct {
	// Peers are addresses or prefixes, IPv4 or IPv6.
	Peers []string `json:"peers"`
	// Ports of TCP and UDP; empty means all traffic with the peers.
	Ports []uint16 `json:"ports,omitempty"`
	// At says on which end the ports are. Both data centers listen on the same ports, so that the connections to one of them
	// alone can only be told by the end that listens.
	At End `json:"at,omitempty"`
	// Direction: a one-way cut names one.
	Direction Direction `json:"direction,omitempty"`
}

// Cut loses packets: a partition, a one-way cut, a cut of ports, a share of loss. The kernel ends it.
type Cut struct {
	Traffic
	Verdict Verdict `json:"verdict,omitempty"`
	// Share of the packets that it hits, above 0 up to 1; 0 means all of them.
	Share float64 `json:"share,omitempty"`
	// Accepting lets the handshakes of TCP through and hits what follows: connections are accepted, and then fall silent or are reset. What
	// is not TCP is left alone.
	Accepting bool `json:"accepting,omitempty"`
	// Down and Up make it flap, both or none, MinPhase or more: it cuts for Down, lets pass for Up, and so on, from when it is fired. Its
	// keeper begins each cut, and the kernel ends it.
	Down time.Duration `json:"downNs,omitempty"`
	Up   time.Duration `json:"upNs,omitempty"`
}

// Delay holds packets back. The kernel ends it.
type Delay struct {
	Traffic
	// Delay of every packet, up to 10 s.
	Delay time.Duration `json:"delayNs"`
	// Jitter makes the delay uniform in Delay +- Jitter; at most Delay.
	Jitter time.Duration `json:"jitterNs,omitempty"`
	// Share of the packets that it holds back, above 0 up to 1; 0 means all of them. What is not held overtakes what is: packets are
	// reordered.
	Share float64 `json:"share,omitempty"`
}

// Corrupt flips one bit in each packet that it hits. Transports notice by their checksums and throw it away; the host counts that. Only
// what comes in can be corrupted. The kernel ends it.
type Corrupt struct {
	Traffic
	// Share of the packets that it hits, above 0 up to 1; 0 means all of them.
	Share float64 `json:"share,omitempty"`
}

// Duplicate sends each packet that it hits twice. Only what goes out over IPv4 can be duplicated. The kernel ends it.
type Duplicate struct {
	Traffic
	// Share of the packets that it hits, above 0 up to 1; 0 means all of them.
	Share float64 `json:"share,omitempty"`
}

// Rate limits what leaves through an interface.
type Rate struct {
	// Interface by name. It must have its default queue and must not lead to the management path.
	Interface string `json:"interface"`
	// BytesPerSecond, 1000 or more.
	BytesPerSecond uint64 `json:"bytesPerSecond"`
}

// Narrow limits the rate of some outgoing traffic, and leaves all else that leaves through the interface as it is. The kernel ends it.
type Narrow struct {
	Traffic
	// Interface that the traffic leaves through, by name. It must have its default queue.
	Interface string `json:"interface"`
	// BytesPerSecond, 1000 or more, of all the selected traffic together.
	BytesPerSecond uint64 `json:"bytesPerSecond"`
}

// Process names one process so that no other can be meant: all members must agree with the host.
type Process struct {
	PID int `json:"pid"`
	// Executable is the absolute path of the program (the target of /proc/PID/exe).
	Executable string `json:"executable"`
	UID        uint32 `json:"uid"`
	// StartTicks is field 22 of /proc/PID/stat: when it started, in clock ticks after boot.
	StartTicks uint64 `json:"startTicks"`
}

// Hang suspends processes and resumes them.
type Hang struct {
	Processes []Process `json:"processes"`
}

// Kill ends processes by SIGKILL. Nothing has to be healed.
type Kill struct {
	Processes []Process `json:"processes"`
}

// Fill writes one file until the device is full, and removes it.
type Fill struct {
	// Folder, absolute, on a device of its own.
	Folder string `json:"folder"`
	// LogRoots are folders whose device must be another one, besides / and /tmp.
	LogRoots []string `json:"logRoots,omitempty"`
	// Leave is how many bytes stay free.
	Leave uint64 `json:"leaveBytes,omitempty"`
	// Limit is the largest size of the file in bytes; more free space than that refuses the fault.
	Limit uint64 `json:"limitBytes"`
}

// ReadOnly makes a folder read-only for whoever opens files in it from then on.
type ReadOnly struct {
	Folder string `json:"folder"`
}

// Service runs a command and, at the end, the one that undoes it: argument vectors, absolute programs, no shell.
type Service struct {
	Do   []string `json:"do"`
	Undo []string `json:"undo"`
	// Limit is the longest that one of them may take, at most 10 min.
	Limit time.Duration `json:"limitNs"`
}

// Kind names the member that is set: one of Kinds; empty if none is.
func (f Fault) Kind() string {
	kind := ""
	for _, m := range f.members() {
		if m.set {
			kind = m.name
		}
	}
	return kind
}

type member struct {
	name     string
	set      bool
	validate func() error
}

func (f Fault) members() []member {
	return []member{
		{"cut", f.Cut != nil, f.Cut.validate},
		{"delay", f.Delay != nil, f.Delay.validate},
		{"corrupt", f.Corrupt != nil, f.Corrupt.validate},
		{"duplicate", f.Duplicate != nil, f.Duplicate.validate},
		{"rate", f.Rate != nil, f.Rate.validate},
		{"narrow", f.Narrow != nil, f.Narrow.validate},
		{"hang", f.Hang != nil, f.Hang.validate},
		{"kill", f.Kill != nil, f.Kill.validate},
		{"fill", f.Fill != nil, f.Fill.validate},
		{"readOnly", f.ReadOnly != nil, f.ReadOnly.validate},
		{"service", f.Service != nil, f.Service.validate},
	}
}

// Kinds are the names that Fault.Kind answers, in the order of its members.
func Kinds() []string {
	var names []string
	for _, m := range (Fault{}).members() {
		names = append(names, m.name)
	}
	return names
}
