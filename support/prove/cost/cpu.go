package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/busy"
)

// Roles of a data center's processes.
const (
	application = "application" // its PEs
	platform    = "platform"    // everything else: management, data exchange, metrics
)

// consumed is the CPU time, user and system, that the processes of both data centers have used since they started.
func (b *bench) consumed(ctx context.Context) (map[string]time.Duration, error) {
	totals := map[string]time.Duration{}
	for _, dc := range []*environment.DataCenter{b.env.DC1, b.env.DC2} {
		pids, err := dc.Processes().List(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the processes of %s: %w", dc.Name(), err)
		}
		for _, pid := range pids {
			role, err := roleOf(pid)
			if err != nil {
				return nil, err
			}
			used, err := busy.CPU(pid)
			if err != nil {
				return nil, err
			}
			totals[role] += used
		}
	}
	return totals, nil
}

// roleOf tells a PE from the platform by its command line, "<program> pe ...".
func roleOf(pid int) (string, error) {
	line, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline"))
	if err != nil {
		return "", fmt.Errorf("tell what process %d is: %w", pid, err)
	}
	if arguments := bytes.Split(line, []byte{0}); len(arguments) > 1 && string(arguments[1]) == "pe" {
		return application, nil
	}
	return platform, nil
}
