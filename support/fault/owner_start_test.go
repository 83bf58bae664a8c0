package fault

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// uptime is how long the machine has been up, in clock ticks of a hundredth of a second (proc(5): what user space is told).
func uptime(t *testing.T) uint64 {
	t.Helper()
	raw, err := os.ReadFile("/proc/uptime")
	if err != nil {
		t.Fatal(err)
	}
	seconds, err := strconv.ParseFloat(strings.Fields(string(raw))[0], 64)
	if err != nil {
		t.Fatal(err)
	}
	return uint64(seconds * 100)
}

// A process is told from a later one with the same id by when it was started.
func TestAProcessIsKnownByWhenItWasStarted(t *testing.T) {
	before := uptime(t)
	child := exec.Command("sleep", "60")
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	after := uptime(t)
	if state, started := processState(child.Process.Pid); state == 0 || started < before || started > after+1 {
		t.Errorf("state %q, started at %d, not between %d and %d", state, started, before, after)
	}
}
