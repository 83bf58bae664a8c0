package protocol

import (
	"fmt"
	"time"
)

// Version of the protocol. An agent answers no other.
const Version = 3

// Request is one line to the agent. Exactly one member besides ID is set.
type Request struct {
	ID     uint64  `json:"id"`
	Hello  *Hello  `json:"hello,omitempty"`
	Arm    *Arm    `json:"arm,omitempty"`
	Fire   *Which  `json:"fire,omitempty"`
	Report *Which  `json:"report,omitempty"`
	Heal   *Which  `json:"heal,omitempty"`
	Clock  *Asking `json:"clock,omitempty"`
	Probe  *Probe  `json:"probe,omitempty"`
	List   *Below  `json:"list,omitempty"`
	Lease  *Lease  `json:"lease,omitempty"`

	Sockets *Ports `json:"sockets,omitempty"`
	Files   *In    `json:"files,omitempty"`
}

// Answer is one line of the agent. Exactly one member besides ID is set: the one of the request, or Error.
type Answer struct {
	ID     uint64   `json:"id"`
	Hello  *Welcome `json:"hello,omitempty"`
	Arm    *Armed   `json:"arm,omitempty"`
	Fire   *Fired   `json:"fire,omitempty"`
	Report *Report  `json:"report,omitempty"`
	Heal   *Healed  `json:"heal,omitempty"`
	Clock  *Clock   `json:"clock,omitempty"`
	Probe  *Probed  `json:"probe,omitempty"`
	List   *Listed  `json:"list,omitempty"`
	Lease  *Leased  `json:"lease,omitempty"`

	Sockets *Listening `json:"sockets,omitempty"`
	Files   *Files     `json:"files,omitempty"`

	Error *Error `json:"error,omitempty"`
}

// Endpoint is one end of a connection that no fault may touch.
type Endpoint struct {
	// Address of the other side: the one the target sees, after any jump host.
	Address string `json:"address"`
	// Port on the target, such as that of sshd.
	Port uint16 `json:"port"`
}

// Hello opens the conversation.
type Hello struct {
	Version int `json:"version"`
	// Holder names who asks. Faults of another holder that are still open refuse ours.
	Holder string `json:"holder"`
	// Management is the path by which we reach the target, besides what SSH_CONNECTION says in the agent's environment (sudo
	// removes it). Faults that would touch it are refused.
	Management []Endpoint `json:"management,omitempty"`
	// NoManagement says that there is none, because the agent was started on the spot. Without it and without a known path the
	// agent refuses to talk: it could cut us off.
	NoManagement bool `json:"noManagement,omitempty"`
}

// Capability is what can be done on this host, found by a trial transaction.
type Capability struct {
	// Fault is one of Kinds.
	Fault string `json:"fault"`
	// Way names the mechanism; empty if there is none.
	Way string `json:"way,omitempty"`
	// Reason and Remedy are set if there is none.
	Reason string `json:"reason,omitempty"`
	Remedy string `json:"remedy,omitempty"`
}

// Welcome answers Hello.
type Welcome struct {
	Version      int          `json:"version"`
	Host         string       `json:"host"`
	BootID       string       `json:"bootId"`
	PID          int          `json:"pid"`
	State        string       `json:"state"` // folder of the target's journal
	Capabilities []Capability `json:"capabilities"`
	Interfaces   []Interface  `json:"interfaces,omitempty"`
	Lease        *Leased      `json:"lease,omitempty"` // one that has not expired, of any holder
	Open         []Known      `json:"open,omitempty"`  // what the target's journal holds, of any holder
}

// Known is one fault of the target's journal.
type Known struct {
	ID         string `json:"id"`
	Holder     string `json:"holder"`
	Kind       string `json:"kind"`
	Phase      Phase  `json:"phase"`
	DeadlineNs int64  `json:"deadlineNs"` // boot clock
}

// Phase of a fault on the target.
type Phase string

// Phases. Lost: somebody else removed it before its deadline, as a reload of a firewall does.
const (
	PhaseArmed  Phase = "armed"
	PhaseActive Phase = "active"
	PhaseLost   Phase = "lost"
	PhaseEnded  Phase = "ended" // by itself, at its deadline
	PhaseHealed Phase = "healed"
)

// Arm prepares a fault.
type Arm struct {
	Fault Fault `json:"fault"`
	// Wait is how long it stays armed at most; then it disarms itself. 1 ms to 1 h; a dry run may leave it 0.
	Wait time.Duration `json:"waitNs,omitempty"`
	// DryRun changes nothing: the answer says what would be done and has no id.
	DryRun bool `json:"dryRun,omitempty"`
}

// Armed answers Arm.
type Armed struct {
	ID string `json:"id,omitempty"`
	// Way as in Capability.
	Way string `json:"way"`
	// Transactions in order, for people.
	Transactions []string `json:"transactions"`
	// Guard is how the fault ends without the agent, for people.
	Guard string `json:"guard"`
}

// Which names a fault by its id.
type Which struct {
	ID string `json:"id"`
}

// Asking has nothing to say.
type Asking struct{}

// Fired answers Fire. The fault began between CalledNs and DoneNs.
type Fired struct {
	CalledNs   int64 `json:"calledNs"`
	DoneNs     int64 `json:"doneNs"`
	DeadlineNs int64 `json:"deadlineNs"`
}

// Report answers Report.
type Report struct {
	Phase Phase `json:"phase"`
	NowNs int64 `json:"nowNs"`
	// DeadlineNs is 0 until it is fired.
	DeadlineNs int64 `json:"deadlineNs,omitempty"`
	// Packets and Bytes that the kernel counted as hit; 0 for faults that hit no packets.
	Packets uint64 `json:"packets,omitempty"`
	Bytes   uint64 `json:"bytes,omitempty"`
	// Bites says that the effect was seen on the host: packets hit, processes stopped or gone, no space left.
	Bites bool `json:"bites"`
	// Evidence in words.
	Evidence []string `json:"evidence,omitempty"`
	Difference
}

// Difference of the host to what it was before the fault: tables, qdiscs, stopped processes, mounts.
type Difference struct {
	// Ours is what carries the mark of this fault.
	Ours []string `json:"ours,omitempty"`
	// Foreign is what changed besides.
	Foreign []string `json:"foreign,omitempty"`
}

// Healed answers Heal. Healing twice is no error.
type Healed struct {
	// Phase before it was healed.
	Was        Phase `json:"was"`
	CalledNs   int64 `json:"calledNs"`
	DoneNs     int64 `json:"doneNs"`
	Difference       // Ours is empty: else healing failed
}

// Clock answers Clock: stamps taken between receiving and answering.
type Clock struct {
	BootNs int64 `json:"bootNs"`
	UnixNs int64 `json:"unixNs"`
}

// Code is the class of an error.
type Code string

// Codes.
const (
	CodeInvalid     Code = "invalid"     // the request is wrong: field and value in the text
	CodeForbidden   Code = "forbidden"   // it would touch the management path, or what was not named
	CodeUnavailable Code = "unavailable" // the host cannot do it, or we lack the rights
	CodeBusy        Code = "busy"        // another holder has a fault open
	CodeUnknown     Code = "unknown"     // no such fault
	CodeFailed      Code = "failed"      // it was tried and went wrong
)

// Error answers a request that was not carried out.
type Error struct {
	Code Code   `json:"code"`
	Text string `json:"text"`
	// Remedy says what to do; may be empty.
	Remedy string `json:"remedy,omitempty"`
}

// Error makes it one of Go.
func (e *Error) Error() string {
	if e.Remedy == "" {
		return e.Text
	}
	return e.Text + "; " + e.Remedy
}

// Validate says what is wrong with the request.
func (r Request) Validate() error {
	if r.ID == 0 {
		return fmt.Errorf("id is 0: a number of its own for every request expected")
	}
	members := 0
	for _, set := range []bool{r.Hello != nil, r.Arm != nil, r.Fire != nil, r.Report != nil, r.Heal != nil, r.Clock != nil, r.Probe != nil, r.List != nil, r.Lease != nil, r.Sockets != nil, r.Files != nil} {
		if set {
			members++
		}
	}
	if members != 1 {
		return fmt.Errorf("request %d has %d members: exactly one of hello, arm, fire, report, heal, clock, probe, list, lease, sockets, files expected", r.ID, members)
	}
	switch {
	case r.Hello != nil:
		return in("hello", r.Hello.validate())
	case r.Arm != nil:
		return in("arm", r.Arm.validate())
	case r.Probe != nil:
		return in("probe", r.Probe.validate())
	case r.List != nil:
		return in("list", r.List.validate())
	case r.Sockets != nil:
		return in("sockets", r.Sockets.validate())
	case r.Files != nil:
		return in("files", r.Files.validate())
	case r.Lease != nil:
		return in("lease", r.Lease.validate())
	}
	for _, which := range []*Which{r.Fire, r.Report, r.Heal} {
		if which != nil {
			return ValidID(which.ID)
		}
	}
	return nil
}

func (a Arm) validate() error {
	if err := a.Fault.Validate(); err != nil {
		return err
	}
	if a.DryRun && a.Wait == 0 {
		return nil
	}
	if a.Wait < time.Millisecond || a.Wait > MaxWait {
		return fmt.Errorf("waitNs is %v: 1ms to %v expected", a.Wait, MaxWait)
	}
	return nil
}
