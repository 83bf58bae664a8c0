package model

import (
	"fmt"
	"time"
)

// What names a kind of action.
type What string

const (
	Crash     What = "crash"       // every process of Target dies; after For they start again, with For 0 never
	PowerOff  What = "power off"   // as Crash, and the host answers nothing meanwhile: packets to it are lost
	Hang      What = "hang"        // Target's processes are stopped for For, as by SIGSTOP
	Refuse    What = "refuse"      // connections from Target to the other side are refused for For; Ports says which
	Drop      What = "drop"        // packets from Target to the other side are lost for For, so that both directions fail
	Swallow   What = "swallow"     // connections from Target are accepted and never answered, requests do not arrive
	Slow      What = "slow"        // Delay holds from Target to the other side for For
	Lossy     What = "lossy"       // Share of the packets between the two is lost for For
	Step      What = "step"        // Target's wall clock steps by For, backwards where it is negative
	Restart   What = "restart"     // one Operator of Target starts afresh
	Special   What = "special"     // Text is submitted to Target as SpecialMessage
	Stranger  What = "stranger"    // somebody POSTs a body to Target's heartbeat port, and again every 20 s for For
	FullDisk  What = "full disk"   // Target's replicas are written empty and reported as stored, for For (Q26)
	ReadOnly  What = "read only"   // Target's replicas cannot be written for For
	Corrupt   What = "corrupt"     // Target's stored replicas are cut in half
	Wipe      What = "wipe"        // Target's storage is emptied
	NoStorage What = "no database" // Target's database does not answer for For; only where a JDBC URL is configured
)

// strangerPeriod is how often a Stranger comes by.
const strangerPeriod = 20 * time.Second

// Ports says which ports an action concerns.
type Ports uint8

const (
	AllPorts Ports = iota
	HeartbeatPort
	SnapshotPorts
)

// Operator names an operator that may restart alone where the composite is not fused (toolkit contract 5.8).
type Operator string

const (
	PreparerOperator       Operator = "preparer"
	WatchdogOperator       Operator = "heartbeat watchdog"
	RemoteWatchdogOperator Operator = "remote watchdog"
	TickOperator           Operator = "tick source"
	ApplicationOperator    Operator = "application"
)

// Action is one thing that is done to a World.
type Action struct {
	At       time.Duration
	What     What
	Target   int           // data center, 0 or 1; of a link action the sending one
	For      time.Duration // how long; Step: how far
	Ports    Ports
	Delay    Delay    // Slow
	Share    float64  // Lossy
	Operator Operator // Restart
	Text     string   // Special
}

// String is the action in words, as a report prints it.
func (a Action) String() string {
	text := fmt.Sprintf("at %s %s dc%d", a.At, a.What, a.Target+1)
	if a.Ports != AllPorts {
		text += [...]string{"", " heartbeat port", " snapshot ports"}[a.Ports]
	}
	if a.For != 0 {
		text += fmt.Sprintf(" for %s", a.For)
	}
	if a.Operator != "" {
		text += " (" + string(a.Operator) + ")"
	}
	if a.Text != "" {
		text += " (" + a.Text + ")"
	}
	return text
}

// check says what is wrong with an action.
func (a Action) check() error {
	switch {
	case a.Target != 0 && a.Target != 1:
		return fmt.Errorf("%s: target = %d: give 0 or 1", a.What, a.Target)
	case a.At < 0:
		return fmt.Errorf("%s: at = %s: give 0 or more", a.What, a.At)
	case a.For < 0 && a.What != Step:
		return fmt.Errorf("%s: for = %s: give 0 or more", a.What, a.For)
	case a.Ports > SnapshotPorts:
		return fmt.Errorf("%s: ports = %d: give all, heartbeat or snapshot ports", a.What, a.Ports)
	}
	switch a.What {
	case Crash, PowerOff, Hang, Refuse, Drop, Swallow, Step, Stranger, FullDisk, ReadOnly, Corrupt, Wipe, NoStorage:
	case Slow:
		if a.Delay.Base < 0 || a.Delay.Jitter < 0 {
			return fmt.Errorf("slow: delay = %s + %s: give 0 or more", a.Delay.Base, a.Delay.Jitter)
		}
	case Lossy:
		if !(a.Share >= 0 && a.Share <= 1) {
			return fmt.Errorf("lossy: share = %g: give 0 to 1", a.Share)
		}
	case Restart:
		switch a.Operator {
		case PreparerOperator, WatchdogOperator, RemoteWatchdogOperator, TickOperator, ApplicationOperator:
		default:
			return fmt.Errorf("restart: operator = %q: give %s, %s, %s, %s or %s", a.Operator,
				PreparerOperator, WatchdogOperator, RemoteWatchdogOperator, TickOperator, ApplicationOperator)
		}
	case Special:
		if a.Text == "" {
			return fmt.Errorf("special: text is empty")
		}
	default:
		return fmt.Errorf("what = %q is no action of the model", a.What)
	}
	return nil
}
