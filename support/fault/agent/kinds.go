package main

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// kind is one fault as a value. A new one adds its member to the protocol, its file, its line below and its test.
type kind struct {
	name string
	// kernelEnds says that the effect stops at the deadline with no process alive; its keeper only tidies up.
	kernelEnds bool
	// try finds out by a trial transaction that leaves the host alone how it can be done here.
	try func() (way string, err error)
	// plan checks everything, refuses what it may not do, completes the record and tells the transactions. It changes nothing.
	plan func(h *host, r *record) (steps []string, way string, refused *protocol.Error)
	// serve, where there is one, runs in the keeper for as long as it lives; the function that it returns ends it.
	serve func(r *record) (end func() error, err error)
	// during, where there is one, runs in the keeper from when the fault is fired until over is closed.
	during func(r *record, over <-chan struct{})
	// act does it, in the time until r.Deadline.
	act func(r *record) error
	// heal undoes it; more than once does no harm, nor does it if act failed half way.
	heal func(r *record) error
	// report says whether it bites.
	report func(r *record, out *protocol.Report) error
	// owns says which traces of a survey belong to it.
	owns func(r *record, t trace) bool
}

// kinds is the table of faults, in the order of the protocol.
func kinds() []kind {
	return []kind{cut, delay, corrupt, duplicate, rate, narrow, hang, kill, fill, readOnly, service}
}

func kindOf(f protocol.Fault) (kind, *protocol.Error) {
	name := f.Kind()
	for _, k := range kinds() {
		if k.name == name {
			return k, nil
		}
	}
	return kind{}, &protocol.Error{Code: protocol.CodeUnavailable, Text: fmt.Sprintf("this agent does not know the fault %q", name),
		Remedy: "use the agent that was built with the suites"}
}

func (k kind) capability() protocol.Capability {
	way, err := k.try()
	if err == nil {
		return protocol.Capability{Fault: k.name, Way: way}
	}
	remedy := "run the agent as root (privilege command of the host)"
	if unix.Geteuid() == 0 {
		remedy = "use a host whose kernel has it"
	}
	return protocol.Capability{Fault: k.name, Reason: err.Error(), Remedy: remedy}
}

// elsewhere does something in a network namespace of its own that is gone afterwards: the kernel and our rights are the
// same as in that of the host.
func elsewhere(do func() error) error {
	result := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread ends with this goroutine, and the namespace with it
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			result <- fmt.Errorf("make a network namespace for a trial: %w", err)
			return
		}
		result <- do()
	}()
	return <-result
}
