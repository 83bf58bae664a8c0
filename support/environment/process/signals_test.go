package process

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// roleVariable makes this test binary the child of TestAClosedTerminalEndsAProgramAsSIGTERMDoes.
const roleVariable = "SIGNALS_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "program": // as our commands do
		ctx, stop := signal.NotifyContext(context.Background(), EndSignals()...)
		defer stop()
		fmt.Println("ready")
		select {
		case <-ctx.Done():
			fmt.Println("took everything back")
		case <-time.After(time.Minute):
		}
	case "suite": // as Ginkgo does: it knows SIGINT and SIGTERM
		ended := make(chan os.Signal, 1)
		signal.Notify(ended, os.Interrupt, syscall.SIGTERM)
		EndOnHangup()
		fmt.Println("ready")
		select {
		case <-ended:
			fmt.Println("took everything back")
		case <-time.After(time.Minute):
		}
	default:
		os.Exit(m.Run())
	}
}

func TestAClosedTerminalEndsAProgramAsSIGTERMDoes(t *testing.T) {
	for _, role := range []string{"program", "suite"} {
		for _, nohup := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, nohup %t", role, nohup), func(t *testing.T) {
				script := `exec "$0"`
				if nohup {
					script = `trap '' HUP; exec "$0"`
				}
				child := exec.Command("/bin/sh", "-c", script, os.Args[0])
				child.Env = append(os.Environ(), roleVariable+"="+role)
				stdout, err := child.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := child.Start(); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = child.Process.Kill() })
				lines := bufio.NewReader(stdout)
				if line, err := lines.ReadString('\n'); err != nil || line != "ready\n" {
					t.Fatalf("%q, %v", line, err)
				}
				if ignored := ignoresHangup(t, child.Process.Pid); ignored != nohup {
					t.Errorf("ignores SIGHUP: %t", ignored)
				}
				end := syscall.SIGHUP
				if nohup { // without effect, so that something else has to end it
					if err := child.Process.Signal(syscall.SIGHUP); err != nil {
						t.Fatal(err)
					}
					end = syscall.SIGTERM
				}
				if err := child.Process.Signal(end); err != nil {
					t.Fatal(err)
				}
				if line, err := lines.ReadString('\n'); err != nil || line != "took everything back\n" {
					t.Errorf("after the signal: %q, %v", line, err)
				}
				if err := child.Wait(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// ignoresHangup reads it from the kernel, proc(5): SIGHUP is bit 0 of SigIgn.
func ignoresHangup(t *testing.T, pid int) bool {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(status), "SigIgn:")
	fields := strings.Fields(rest)
	if !found || len(fields) == 0 {
		t.Fatalf("no mask of ignored signals in %q", status)
	}
	mask, err := strconv.ParseUint(fields[0], 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return mask&1 != 0
}
