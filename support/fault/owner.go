package fault

import (
	"bytes"
	"os"
	"strconv"
	"strings"
)

// Owner is the process that injected a fault. A process id alone is reused; with its start time, on one boot of one
// kernel, it is not.
type Owner struct {
	PID     int    `json:"pid"`
	Started uint64 `json:"started"`         // clock ticks since boot, /proc/<pid>/stat field 22
	Boot    string `json:"boot,omitempty"`  // of the kernel, /proc/sys/kernel/random/boot_id; empty in journals of older versions
	Space   string `json:"space,omitempty"` // process ids mean something within it only, /proc/self/ns/pid
	Host    string `json:"host,omitempty"`
}

// thisProcess is us as an owner. What cannot be read stays empty, and then does not tell us from others.
func thisProcess() Owner {
	o := Owner{PID: os.Getpid(), Started: startTicks(os.Getpid()), Boot: bootID()}
	o.Space, _ = os.Readlink("/proc/self/ns/pid")
	o.Host, _ = os.Hostname()
	return o
}

func bootID() string {
	raw, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}

// fate is what can be known here of the process that injected a fault.
type fate int

const (
	dead    fate = iota
	running      // it will heal the fault itself
	unknown      // it ran on another machine or in another container, and may still run there
)

func (o *Owner) fate(us Owner) fate {
	switch {
	case o == nil || o.PID <= 0 || o.Started == 0:
		return dead
	case o.Boot != "" && o.Host != us.Host:
		return unknown
	case o.Boot != "" && o.Boot != us.Boot: // this machine was started again since
		return dead
	case o.Boot != "" && o.Space != us.Space:
		return unknown
	case startTicks(o.PID) == o.Started:
		return running
	}
	return dead
}

// startTicks is when a process started, or 0 when there is none.
func startTicks(pid int) uint64 {
	_, ticks := processState(pid)
	return ticks
}

// processState is the state letter of a process and when it started, or 0 when there is none.
func processState(pid int) (state byte, started uint64) {
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, 0
	}
	// The second field is the command in parentheses and may hold anything; the start time is the 20th after it.
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" { // the dead do nothing any more
		return 0, 0
	}
	ticks, err := strconv.ParseUint(fields[19], 10, 64)
	if err != nil {
		return 0, 0
	}
	return fields[0][0], ticks
}
