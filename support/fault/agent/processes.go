package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// errGone says that the process does not exist any more, or is another one by now.
var errGone = errors.New("process is gone")

// hold opens the process by a pidfd and then compares everything: the descriptor cannot come to mean another process. The
// caller closes it.
func hold(p protocol.Process) (int, error) {
	fd, err := unix.PidfdOpen(p.PID, 0)
	if errors.Is(err, unix.ESRCH) {
		return -1, fmt.Errorf("%w: no pid %d", errGone, p.PID)
	}
	if err != nil {
		return -1, fmt.Errorf("open pid %d: %w", p.PID, err)
	}
	if err := agrees(p); err != nil {
		return -1, errors.Join(err, unix.Close(fd))
	}
	return fd, nil
}

// gone says whether a process is not there any more, or only waits for its parent to take notice.
func gone(p protocol.Process) bool {
	stat, err := readStat(p.PID)
	return err != nil || stat.start != p.StartTicks || stat.state == 'Z' || stat.state == 'X'
}

func agrees(p protocol.Process) error {
	if gone(p) {
		return fmt.Errorf("%w: pid %d that started at tick %d is not there", errGone, p.PID, p.StartTicks)
	}
	folder := filepath.Join("/proc", strconv.Itoa(p.PID))
	executable, err := os.Readlink(filepath.Join(folder, "exe"))
	if err != nil && gone(p) { // it died between the two looks, as the children of what was just killed do
		return fmt.Errorf("%w: pid %d ended while it was looked at", errGone, p.PID)
	}
	if err != nil {
		return fmt.Errorf("read the executable of pid %d: %w", p.PID, err)
	}
	if executable != p.Executable {
		return fmt.Errorf("pid %d runs %s, not %s", p.PID, executable, p.Executable)
	}
	var s unix.Stat_t
	if err := unix.Stat(folder, &s); err != nil {
		return fmt.Errorf("read the owner of pid %d: %w", p.PID, err)
	}
	if s.Uid != p.UID {
		return fmt.Errorf("pid %d belongs to uid %d, not %d", p.PID, s.Uid, p.UID)
	}
	return nil
}

// sendAll signals to all of them, and goes on after an error. Those that are gone count as done if goneIsFine.
func sendAll(list []protocol.Process, s unix.Signal, goneIsFine bool) error {
	var problems []error
	for _, p := range list {
		fd, err := hold(p)
		if err == nil {
			err = errors.Join(unix.PidfdSendSignal(fd, s, nil, 0), unix.Close(fd))
		}
		if goneIsFine && (errors.Is(err, errGone) || errors.Is(err, unix.ESRCH)) {
			continue
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("signal %v: %w", s, err))
		}
	}
	return errors.Join(problems...)
}

// checkProcesses refuses what does not agree, ourselves and whoever carries us, such as sshd.
func checkProcesses(list []protocol.Process) *protocol.Error {
	for pid := os.Getpid(); pid > 1; {
		if i := slices.IndexFunc(list, func(p protocol.Process) bool { return p.PID == pid }); i >= 0 {
			return &protocol.Error{Code: protocol.CodeForbidden, Text: fmt.Sprintf("pid %d carries this fault agent", pid),
				Remedy: "name processes of the application only"}
		}
		stat, err := readStat(pid)
		if err != nil {
			break
		}
		pid = stat.parent
	}
	for _, p := range list {
		fd, err := hold(p)
		if err != nil {
			return &protocol.Error{Code: protocol.CodeForbidden, Text: "the process is not the one that was named: " + err.Error(),
				Remedy: "ask the management REST for the current pid"}
		}
		err = unix.PidfdSendSignal(fd, 0, nil, 0)
		_ = unix.Close(fd)
		if err != nil {
			return &protocol.Error{Code: protocol.CodeUnavailable, Text: fmt.Sprintf("may not signal pid %d: %v", p.PID, err),
				Remedy: "run the agent as root or as uid " + strconv.Itoa(int(p.UID))}
		}
	}
	return nil
}

func tryProcesses() (string, error) {
	fd, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		return "", fmt.Errorf("pidfd_open: %w; Linux 5.3 or later has it", err)
	}
	defer unix.Close(fd)
	return "signal through pidfd", unix.PidfdSendSignal(fd, 0, nil, 0)
}

func describe(what string, list []protocol.Process) (steps []string) {
	for _, p := range list {
		steps = append(steps, fmt.Sprintf("%s pid %d (%s, uid %d, started at tick %d)", what, p.PID, p.Executable, p.UID, p.StartTicks))
	}
	return steps
}

// own are the cgroups (v2) that contain the listed processes and nothing else; none if a process is in a shared one.
func own(list []protocol.Process) []string {
	root := cgroupRoot()
	if root == "" {
		return nil
	}
	var groups []string
	pids := map[int]bool{}
	for _, p := range list {
		pids[p.PID] = true
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", p.PID))
		if err != nil {
			return nil
		}
		for line := range strings.Lines(string(text)) {
			if path, is := strings.CutPrefix(strings.TrimSpace(line), "0::"); is {
				groups = append(groups, filepath.Join(root, path))
			}
		}
	}
	slices.Sort(groups)
	groups = slices.Compact(groups)
	for _, g := range groups {
		if g == root || unix.Access(filepath.Join(g, "cgroup.freeze"), unix.W_OK) != nil {
			return nil
		}
		alone := filepath.WalkDir(g, func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.IsDir() {
				return err
			}
			text, err := os.ReadFile(filepath.Join(path, "cgroup.procs"))
			for _, pid := range strings.Fields(string(text)) {
				if n, _ := strconv.Atoi(pid); !pids[n] {
					return fmt.Errorf("%s holds pid %s besides", path, pid)
				}
			}
			return err
		})
		if alone != nil {
			return nil
		}
	}
	return groups
}

func cgroupRoot() string {
	text, _ := os.ReadFile("/proc/self/mountinfo")
	for line := range strings.Lines(string(text)) {
		before, after, _ := strings.Cut(line, " - ")
		if f := strings.Fields(before); strings.HasPrefix(after, "cgroup2 ") && len(f) > 4 && f[3] == "/" {
			return unescaped.Replace(f[4])
		}
	}
	return ""
}

func freeze(group, value string) error {
	return os.WriteFile(filepath.Join(group, "cgroup.freeze"), []byte(value), 0)
}

func frozen(group string) bool {
	text, _ := os.ReadFile(filepath.Join(group, "cgroup.events"))
	return strings.Contains(string(text), "frozen 1")
}
