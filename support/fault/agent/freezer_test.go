package main

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

func TestProcessesWithACgroupOfTheirOwnAreFrozen(t *testing.T) {
	l := newLab(t)
	p, other := first(sleeper(t)), first(sleeper(t))
	root := cgroupRoot()
	if root == "" {
		t.Skip("no cgroup v2 is mounted")
	}
	group, err := os.MkdirTemp(root, "crossdc-agent-test-")
	if err != nil {
		t.Skipf("make a cgroup: %v", err)
	}
	move := func(pid int, to string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(to, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		_ = freeze(group, "0")
		for _, pid := range []int{p.PID, other.PID} {
			_ = os.WriteFile(filepath.Join(root, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0)
		}
		if err := wait(5*time.Second, func() bool { return os.Remove(group) == nil }); err != nil {
			t.Errorf("remove %s: %v", group, err)
		}
	})
	move(p.PID, group)
	hang := protocol.Fault{For: 500 * time.Millisecond, Hang: &protocol.Hang{Processes: []protocol.Process{p}}}
	armed := l.arm(t, hang)
	if armed.Way != "cgroup freezer" {
		t.Errorf("the way is %q", armed.Way)
	}
	fired, err := l.Fire(t.Context(), armed.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !frozen(group) && bootNow() < fired.DeadlineNs {
		t.Error("the group is not frozen")
	}
	_ = l.agent.Process.Kill()
	before := bootNow()
	if err := wait(10*time.Second, func() bool {
		now := bootNow()
		if !frozen(group) {
			return true
		}
		before = now
		return false
	}); err != nil {
		t.Fatal(err)
	}
	sameEnd(t, "the frost", fired.DeadlineNs, before, bootNow(), 0, 2*time.Second)

	// With somebody else in the group it must not be frozen.
	move(other.PID, group)
	l.connect(t)
	dry, err := l.Arm(t.Context(), protocol.Arm{DryRun: true, Fault: hang})
	if err != nil || dry.Way != "SIGSTOP through pidfd" {
		t.Errorf("%+v, %v", dry, err)
	}
}

func first[A, B any](a A, _ B) A { return a }
