package fault

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Mode is what the link does to a connection.
type Mode string

// The modes of a link.
const (
	Pass      Mode = "pass"
	Refuse    Mode = "refuse"    // nobody listens; connections are reset
	Reset     Mode = "reset"     // accepted, then reset; connections are reset
	HangUp    Mode = "hang"      // accepted, then silence; connections stall. Exercises the toolkit's read timeout R
	Blackhole Mode = "blackhole" // no answer at all; connections stall. Exercises the connect timeout C
	Delay     Mode = "delay"
	Throttle  Mode = "throttle"
	Lossy     Mode = "loss" // packets are lost, as what that does to TCP
	Flapping  Mode = "flap" // refused for Down, passed for Up

	Reordering  Mode = "reorder" // a share of the packets is held back
	Duplicating Mode = "duplicate"
	Corrupting  Mode = "corrupt"
)

// Ports selects toolkit ports (contract 4.1).
type Ports string

// The selections.
const (
	AllPorts      Ports = "all"
	HeartbeatPort Ports = "heartbeat" // P
	SnapshotPorts Ports = "snapshot"  // P+1 and up
)

// Parameters make a fault from its name. Each kind reads the ones it needs; durations are wall time.
type Parameters struct {
	DC             string        `json:"dc,omitempty"`
	PE             int           `json:"pe,omitempty"`       // 0 = the job's first PE by id
	Fragment       int           `json:"fragment,omitempty"` // index of a channel, from 0
	Corruption     Corruption    `json:"corruption,omitempty"`
	From           string        `json:"from,omitempty"` // the data center whose requests are blocked
	Ports          Ports         `json:"ports,omitempty"`
	Mode           Mode          `json:"mode,omitempty"`
	For            time.Duration `json:"for_ns,omitempty"` // planned end
	Delay          time.Duration `json:"delay_ns,omitempty"`
	Jitter         time.Duration `json:"jitter_ns,omitempty"`
	BytesPerSecond int64         `json:"bytes_per_second,omitempty"`
	Lost           float64       `json:"lost,omitempty"`  // share of the packets, each way
	Share          float64       `json:"share,omitempty"` // of the packets that are disturbed, each way
	Handshake      time.Duration `json:"handshake_ns,omitempty"`
	Retransmit     time.Duration `json:"retransmit_ns,omitempty"`
	Down           time.Duration `json:"down_ns,omitempty"`
	Up             time.Duration `json:"up_ns,omitempty"`
	Step           time.Duration `json:"step_ns,omitempty"` // of a clock, back where it is negative
}

// Sample are parameters with which every kind of fault can be made: for asking what is available, and for trying each once.
func Sample(dc string) Parameters {
	return Parameters{
		DC: dc, From: dc, Ports: SnapshotPorts, Mode: Refuse, Delay: 20 * time.Millisecond, Down: 300 * time.Millisecond, Up: 300 * time.Millisecond,
		Lost: 0.05, Share: 0.05, Handshake: 200 * time.Millisecond, Retransmit: 50 * time.Millisecond, Step: -100 * time.Millisecond,
	}
}

// Kind is one line of the catalogue.
type Kind struct {
	Name    string
	Summary string
	// Make makes one; what the parameters leave out gets the kind's default, and what makes no sense is said by Available.
	Make func(Parameters) Fault
}

// Make makes a fault by its name in the catalogue.
func Make(name string, p Parameters) (Fault, error) {
	var names []string
	for _, kind := range Kinds() {
		if kind.Name == name {
			f := kind.Make(p)
			if p.For > 0 {
				f = f.For(p.For)
			}
			return f, nil
		}
		names = append(names, kind.Name)
	}
	return Fault{}, fmt.Errorf("make fault %q: there is none of that name; there are %s", name, strings.Join(names, ", "))
}

// blocking are the modes that cut a link.
var blocking = []Mode{Refuse, Reset, HangUp, Blackhole}

func (m Mode) orRefuse() Mode {
	if m == "" {
		return Refuse
	}
	return m
}

// wrong says what is wrong with a rule, or "".
func (r LinkRule) wrong() string {
	switch {
	case !slices.Contains([]Ports{AllPorts, HeartbeatPort, SnapshotPorts}, r.Ports):
		return fmt.Sprintf("ports %q; want all, heartbeat or snapshot", r.Ports)
	case slices.Contains(blocking, r.Mode):
		return ""
	case r.Mode == Delay && (r.Delay < 0 || r.Jitter < 0 || r.Delay+r.Jitter == 0):
		return fmt.Sprintf("delay %v with jitter %v; want at least one, none negative", r.Delay, r.Jitter)
	case r.Mode == Throttle && r.BytesPerSecond <= 0:
		return fmt.Sprintf("throttle to %d bytes/s; want more than 0", r.BytesPerSecond)
	case r.Mode == Lossy && (!(r.Lost > 0 && r.Lost < 1) || r.Handshake <= 0 || r.Retransmit <= 0):
		return fmt.Sprintf("loss of %v, sent again after %v and %v; want a share above 0 and below 1, and times above 0", r.Lost, r.Handshake, r.Retransmit)
	case r.Mode.OfPackets() && !(r.Share > 0 && r.Share <= 1):
		return fmt.Sprintf("%s of a share of %v; want one above 0, up to 1", r.Mode, r.Share)
	case r.Mode == Reordering && r.Delay <= 0:
		return fmt.Sprintf("packets held back for %v; want more than 0", r.Delay)
	case r.Mode == Flapping && (r.Down <= 0 || r.Up <= 0):
		return fmt.Sprintf("flap %v down, %v up; want both above 0", r.Down, r.Up)
	case r.BytesPerSecond < 0:
		return fmt.Sprintf("%d bytes/s; want 0 (no limit) or more", r.BytesPerSecond)
	}
	return ""
}
