package process

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// groupPoll is how often the kernel is asked for the state of a process group while we wait for it to change.
const groupPoll = 500 * time.Microsecond

// groupTimeout bounds waiting for a group to die or stop: the kernel needs microseconds, a loaded machine milliseconds.
const groupTimeout = 5 * time.Second

// Members returns the process ids of the group that are alive (zombies are not), with their kernel state letter.
func (p *Process) Members() (map[int]byte, error) {
	names, err := processNames()
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	members := map[int]byte{}
	for _, name := range names {
		id, err := strconv.Atoi(name)
		if err != nil {
			continue // not a process
		}
		// Its own state is read only of those that are ours: a machine has hundreds of others, and a look at each costs.
		if group, err := syscall.Getpgid(id); err != nil || group != p.PID() {
			continue
		}
		entry := "/proc/" + name + "/stat"
		raw, err := os.ReadFile(entry)
		if err != nil {
			continue // it ended meanwhile
		}
		pid, state, group, err := parseStat(string(raw))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", entry, err)
		}
		if group == p.PID() && state != 'Z' && state != 'X' {
			members[pid] = state
		}
	}
	return members, nil
}

// processNames lists /proc without a look at each entry: this is asked several times a second while a failover is watched.
func processNames() (names []string, err error) {
	folder, err := os.Open("/proc")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	return folder.Readdirnames(-1)
}

// parseStat takes pid, state and process group from /proc/<pid>/stat (proc(5)); the command name may hold anything.
func parseStat(line string) (pid int, state byte, group int, err error) {
	open, end := strings.IndexByte(line, '('), strings.LastIndexByte(line, ')')
	if open < 0 || end < open {
		return 0, 0, 0, fmt.Errorf("no command name in %q", line)
	}
	fields := strings.Fields(line[end+1:])
	if len(fields) < 3 || len(fields[0]) != 1 {
		return 0, 0, 0, fmt.Errorf("too few fields in %q", line)
	}
	if pid, err = strconv.Atoi(strings.TrimSpace(line[:open])); err != nil {
		return 0, 0, 0, fmt.Errorf("process id in %q: %w", line, err)
	}
	if group, err = strconv.Atoi(fields[2]); err != nil {
		return 0, 0, 0, fmt.Errorf("process group in %q: %w", line, err)
	}
	return pid, fields[0][0], group, nil
}

// Kill sends SIGKILL to the whole group and returns when the kernel shows none of it alive.
func (p *Process) Kill(ctx context.Context) error {
	if err := syscall.Kill(-p.PID(), syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill %s (process group %d): %w", p.Name, p.PID(), err)
	}
	return p.await(ctx, "to end", func(members map[int]byte) bool { return len(members) == 0 })
}

// Suspend sends SIGSTOP to the group and returns when every member is stopped.
func (p *Process) Suspend(ctx context.Context) error {
	if err := syscall.Kill(-p.PID(), syscall.SIGSTOP); err != nil {
		return fmt.Errorf("suspend %s (process group %d): %w", p.Name, p.PID(), err)
	}
	return p.await(ctx, "to stop", func(members map[int]byte) bool {
		for _, state := range members {
			if state != 'T' && state != 't' {
				return false
			}
		}
		return len(members) > 0
	})
}

// Resume sends SIGCONT to the group and returns when no member is stopped.
func (p *Process) Resume(ctx context.Context) error {
	if err := syscall.Kill(-p.PID(), syscall.SIGCONT); err != nil {
		return fmt.Errorf("resume %s (process group %d): %w", p.Name, p.PID(), err)
	}
	return p.await(ctx, "to go on", func(members map[int]byte) bool {
		for _, state := range members {
			if state == 'T' || state == 't' {
				return false
			}
		}
		return true
	})
}

// SignalMember signals one process of the group, after checking that it is one.
func (p *Process) SignalMember(pid int, signal syscall.Signal) error {
	members, err := p.Members()
	if err != nil {
		return err
	}
	if _, ours := members[pid]; !ours {
		return fmt.Errorf("signal process %d: it is not a living process of %s; refusing to touch what is not ours", pid, p.Name)
	}
	if err := syscall.Kill(pid, signal); err != nil {
		return fmt.Errorf("signal process %d of %s: %w", pid, p.Name, err)
	}
	return nil
}

func (p *Process) await(ctx context.Context, what string, reached func(map[int]byte) bool) error {
	ctx, cancel := context.WithTimeout(ctx, groupTimeout)
	defer cancel()
	ticker := time.NewTicker(groupPoll)
	defer ticker.Stop()
	for {
		members, err := p.Members()
		if err != nil {
			return err
		}
		if reached(members) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s (process group %d) %s: still %v: %w", p.Name, p.PID(), what, members, context.Cause(ctx))
		case <-ticker.C:
		}
	}
}
