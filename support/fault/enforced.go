package fault

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// What a target may offer besides its interface. Targets that enforce faults themselves, such as the kernel of a host, do; who acts through
// them asks by type.

// Particular is a Link that can apply some rules and not others.
type Particular interface {
	// CannotApply says why, with what to do about it, or is empty. It asks nobody.
	CannotApply(rule LinkRule) string
}

// Armable is a Link whose rules are prepared first, so that putting them into force is one short step.
type Armable interface {
	// Arm prepares all of the rules and puts none into force. What is never fired disarms itself.
	Arm(ctx context.Context, rules []LinkRule) (Armed, error)
}

// Armed is what was prepared.
type Armed interface {
	// Fire puts all of it into force at once.
	Fire(ctx context.Context) error
}

// Counter is a Link that counts what its rules hit.
type Counter interface {
	// Felt says what was hit on a direction since its rules are in force; an error where a probe must have been hit and was not.
	Felt(ctx context.Context, direction string) (evidence string, err error)
}

// Timing is a Link whose probes are sent from elsewhere, and timed there: the way to whoever sends them is not the link's.
type Timing interface {
	// ProbeTook is Probe, with how long it took.
	ProbeTook(ctx context.Context, direction string, port int) (time.Duration, error)
}

// Limiting is an Environment in which no fault may last longer than that; 0: there is no such limit.
type Limiting interface {
	FaultLimit() time.Duration
}

// capped is the fault as it may last here, or why it must not.
func (f Fault) capped(env Environment) (Fault, string) {
	limiting, ok := env.(Limiting)
	if !ok || limiting.FaultLimit() <= 0 {
		return f, ""
	}
	limit := limiting.FaultLimit()
	if f.ends > limit {
		return f, fmt.Sprintf("it would last %v, longer than CROSSDC_FAULT_LIMIT=%v allows", f.ends, limit)
	}
	f.Lifetime = min(f.Lifetime, limit)
	return f, ""
}

// Held is a Link or Processes whose target keeps a journal of its own, in which whoever does something is its holder.
type Held interface {
	Holder() string
	// Claim lets what a holder that is dead left be ended like our own.
	Claim(holder string)
}

// Deadlined is Processes whose target ends by itself what is done to them.
type Deadlined interface {
	// Lasting is the same with the time after which what is done now ends.
	Lasting(d time.Duration) Processes
	// Cannot says why these deeds are not possible, with what to do about it, or is empty. It asks nobody.
	Cannot(deeds ...Deed) string
	// Arm prepares to kill or to suspend all of them, so that doing it is short.
	Arm(ctx context.Context, deed Deed) error
	// Restore ends what was done before its time, starts what does not run, and returns when the management API answers.
	Restore(ctx context.Context) error
}

// DeadlinedStorage is a Storage whose target ends by itself what is done to it.
type DeadlinedStorage interface {
	Storage
	// Lasting is the same with the time after which what is done now ends.
	Lasting(d time.Duration) Storage
	// Cannot says why it cannot be hidden, with what to do about it, or is empty. It asks nobody.
	Cannot() string
}

// Deed is what can be done to processes.
type Deed string

// Deeds.
const (
	Killing    Deed = "kill"
	Suspending Deed = "suspend"
	Starting   Deed = "start"
	Stopping   Deed = "stop" // their service
)

// memory is what a later process must know to end what a target holds of ours.
type memory struct {
	Holder string `json:"holder,omitempty"`
}

// remembered is the memory of a target that has one.
func remembered(target any) (text string, ok bool) {
	held, ok := target.(Held)
	if !ok {
		return "", false
	}
	raw, err := json.Marshal(memory{Holder: held.Holder()})
	return string(raw), err == nil
}

// recalled hands a memory back to its target.
func recalled(target any, text string) {
	var m memory
	if held, ok := target.(Held); ok && json.Unmarshal([]byte(text), &m) == nil && m.Holder != "" {
		held.Claim(m.Holder)
	}
}

// lastingSide is a data center whose processes know how long it lasts.
type lastingSide struct {
	DataCenter
	processes Processes
}

func (l lastingSide) Processes() Processes { return l.processes }

// bounded is the data center for a fault of that life.
func bounded(dc DataCenter, life time.Duration) DataCenter {
	if d, ok := dc.Processes().(Deadlined); ok {
		return lastingSide{dc, d.Lasting(life)}
	}
	return dc
}
