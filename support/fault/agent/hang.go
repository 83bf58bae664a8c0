package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// hang suspends processes: by the cgroup freezer if their cgroups hold nothing else, else by SIGSTOP.
var hang = kind{
	name: "hang",
	try:  tryProcesses,
	plan: func(h *host, r *record) ([]string, string, *protocol.Error) {
		list := r.Fault.Hang.Processes
		if err := checkProcesses(list); err != nil {
			return nil, "", err
		}
		for _, p := range list {
			if stat, err := readStat(p.PID); err == nil && stat.state == 'T' {
				return nil, "", &protocol.Error{Code: protocol.CodeForbidden, Text: fmt.Sprintf("pid %d is stopped already, not by us", p.PID),
					Remedy: "resume it, or wait for whoever stopped it"}
			}
		}
		if r.Groups = own(list); len(r.Groups) > 0 {
			return []string{"write 1 to cgroup.freeze of " + strings.Join(r.Groups, ", ")}, "cgroup freezer", nil
		}
		return describe("SIGSTOP to", list), "SIGSTOP through pidfd", nil
	},
	act: func(r *record) error {
		for _, g := range r.Groups {
			if err := freeze(g, "1"); err != nil {
				return err
			}
		}
		if len(r.Groups) > 0 {
			return wait(effectLimit, func() bool {
				for _, g := range r.Groups {
					if !frozen(g) {
						return false
					}
				}
				return true
			})
		}
		if err := sendAll(r.Fault.Hang.Processes, unix.SIGSTOP, false); err != nil {
			return err
		}
		// A signal is taken when the process is next scheduled: only then does it hang.
		return wait(effectLimit, func() bool {
			for _, p := range r.Fault.Hang.Processes {
				if stat, err := readStat(p.PID); err == nil && stat.start == p.StartTicks && stat.state != 'T' {
					return false
				}
			}
			return true
		})
	},
	heal: func(r *record) error {
		var problems []error
		for _, g := range r.Groups {
			if err := freeze(g, "0"); err != nil && !errors.Is(err, fs.ErrNotExist) {
				problems = append(problems, err)
			}
		}
		if len(r.Groups) == 0 {
			problems = append(problems, sendAll(r.Fault.Hang.Processes, unix.SIGCONT, true))
		}
		return errors.Join(problems...)
	},
	report: func(r *record, out *protocol.Report) error {
		out.Bites = true
		for _, g := range r.Groups {
			out.Bites = out.Bites && frozen(g)
			out.Evidence = append(out.Evidence, fmt.Sprintf("%s frozen: %v", g, frozen(g)))
		}
		if len(r.Groups) > 0 {
			return nil
		}
		for _, p := range r.Fault.Hang.Processes {
			stat, err := readStat(p.PID)
			hangs := err == nil && stat.start == p.StartTicks && stat.state == 'T'
			out.Bites = out.Bites && hangs
			out.Evidence = append(out.Evidence, fmt.Sprintf("pid %d stopped: %v", p.PID, hangs))
		}
		return nil
	},
	owns: func(r *record, t trace) bool {
		for _, p := range r.Fault.Hang.Processes {
			if t.Kind == stoppedTrace && t.Of == processName(p.PID, p.StartTicks) {
				return true
			}
		}
		return false
	},
}

// effectLimit is how long a process may take to be suspended or to end; one that waits for a device may take longer, and then
// the fault is undone.
const effectLimit = 2 * time.Second

// wait polls a state of the kernel that has no event.
func wait(limit time.Duration, done func() bool) error {
	for end := time.Now().Add(limit); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			return fmt.Errorf("no effect within %v", limit)
		}
	}
	return nil
}
