package lease

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// ThisProcess names this process for all time: the boot of its kernel, its namespace of numbers, its number and when it began. Empty where the
// system does not tell.
func ThisProcess() string { return processOf(os.Getpid()) }

// GoneHere reports whether a process that ThisProcess named ran on this machine, since it was booted and in the namespace of this process, and
// does not any more. Of others it knows nothing.
func GoneHere(process string) bool {
	here := strings.Split(ThisProcess(), "/")
	there := strings.Split(process, "/")
	if len(here) != parts || len(there) != parts || here[0] != there[0] || here[1] != there[1] {
		return false
	}
	pid, err := strconv.Atoi(there[2])
	if err != nil || pid <= 0 {
		return false
	}
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return true
	}
	now := processOf(pid) // empty for one of another user that is hidden from us
	return now != "" && now != process
}

// parts of a name: boot, namespace, number, start.
const parts = 4

func processOf(pid int) string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	namespace, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	// What follows the name of the program, which may hold anything: state is the first field there, the start time the 20th.
	at := strings.LastIndexByte(string(stat), ')')
	fields := strings.Fields(string(stat[at+1:]))
	if at < 0 || len(fields) < 20 {
		return ""
	}
	return strings.Join([]string{strings.TrimSpace(string(boot)), namespace, strconv.Itoa(pid), fields[19]}, "/")
}
