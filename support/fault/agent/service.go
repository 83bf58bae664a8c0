package main

import (
	"context"
	"fmt"
	"os/exec"
	"syscall"
	"time"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// service runs the configured command, and at the end the one that undoes it.
var service = kind{
	name: "service",
	try:  func() (string, error) { return "commands", nil },
	plan: func(h *host, r *record) ([]string, string, *protocol.Error) {
		s := r.Fault.Service
		for _, argv := range [][]string{s.Do, s.Undo} {
			if _, err := exec.LookPath(argv[0]); err != nil {
				return nil, "", &protocol.Error{Code: protocol.CodeUnavailable, Text: "command of the service: " + err.Error(), Remedy: "name a program that exists on the host"}
			}
		}
		return []string{fmt.Sprintf("run %q", s.Do), fmt.Sprintf("at the end run %q", s.Undo)}, "commands", nil
	},
	act: func(r *record) error {
		err := run(r.Fault.Service.Do, r.Fault.Service.Limit)
		r.Done = err == nil
		return err
	},
	heal: func(r *record) error { return run(r.Fault.Service.Undo, r.Fault.Service.Limit) },
	report: func(r *record, out *protocol.Report) error {
		out.Bites = r.Done
		out.Evidence = append(out.Evidence, fmt.Sprintf("the command returned without an error: %v", r.Done))
		return nil
	},
	owns: func(*record, trace) bool { return false },
}

// run waits for the command in a session of its own: what it starts stays when we end. Its output may hold secrets and is
// not kept.
func run(argv []string, limit time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(context.Background(), limit, fmt.Errorf("longer than %v", limit))
	defer cancel()
	command := exec.CommandContext(ctx, argv[0], argv[1:]...)
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Run(); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return fmt.Errorf("run %s: %w", argv[0], err)
	}
	return nil
}
