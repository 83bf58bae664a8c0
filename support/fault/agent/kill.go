package main

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// kill ends processes. Their platform restarts them or does not: nothing of it is healed here.
var kill = kind{
	name: "kill",
	try:  tryProcesses,
	plan: func(h *host, r *record) ([]string, string, *protocol.Error) {
		list := r.Fault.Kill.Processes
		return describe("SIGKILL to", list), "SIGKILL through pidfd", checkProcesses(list)
	},
	act: func(r *record) error {
		// One of several may have ended since it was armed; if all have, nothing is ours to claim.
		alive := slices.ContainsFunc(r.Fault.Kill.Processes, func(p protocol.Process) bool { return agrees(p) == nil })
		if err := sendAll(r.Fault.Kill.Processes, unix.SIGKILL, alive); err != nil {
			return err
		}
		return wait(effectLimit, func() bool {
			for _, p := range r.Fault.Kill.Processes {
				if !errors.Is(agrees(p), errGone) {
					return false
				}
			}
			return true
		})
	},
	heal: func(*record) error { return nil },
	report: func(r *record, out *protocol.Report) error {
		out.Bites = true
		for _, p := range r.Fault.Kill.Processes {
			gone := errors.Is(agrees(p), errGone)
			out.Bites = out.Bites && gone
			out.Evidence = append(out.Evidence, fmt.Sprintf("pid %d gone: %v", p.PID, gone))
		}
		return nil
	},
	owns: func(*record, trace) bool { return false },
}
