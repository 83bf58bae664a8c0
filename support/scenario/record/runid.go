// Package record keeps what a scenario saw on disk while it runs, and turns Ginkgo's account of a suite together with
// those records into the result model. The disk comes first: a verdict must survive a panic, a timeout, a second Ctrl-C
// and a teardown that fails.
//
// It may import reports and package roster.
package record

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// RunID names everything that one command started: ginkgo and "go test" run each suite in a process of its own, so the
// identity of their common parent (its process id and start time) is what the suites share.
func RunID() (string, error) {
	parent := os.Getppid()
	started, err := startTime(parent)
	if err != nil {
		return "", err
	}
	host, err := os.Hostname()
	if err != nil {
		return "", fmt.Errorf("name this run: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d/%s", host, parent, started))
	return hex.EncodeToString(sum[:6]), nil
}

// startTime is field 22 of /proc/<pid>/stat (proc(5)), in clock ticks since boot.
func startTime(pid int) (string, error) {
	path := filepath.Join("/proc", strconv.Itoa(pid), "stat")
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("name this run: %w", err)
	}
	line := string(raw)
	fields := strings.Fields(line[strings.LastIndexByte(line, ')')+1:])
	if len(fields) < 20 {
		return "", fmt.Errorf("name this run: %s has too few fields: %q", path, line)
	}
	return fields[19], nil
}
