package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// spinArgument makes this program a process that keeps one core busy.
const spinArgument = "spin"

// longestSpin ends a spinner that nobody ends.
const longestSpin = 30 * time.Minute

// spin keeps one core busy until its standard input ends, which it does when the parent is gone.
func spin(parent io.Reader) {
	runtime.GOMAXPROCS(1)
	gone := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, parent)
		close(gone)
	}()
	deadline := time.Now().Add(longestSpin)
	for n := uint64(0); ; n++ {
		if n%(1<<24) == 0 {
			select {
			case <-gone:
				return
			default:
			}
			if time.Now().After(deadline) {
				return
			}
		}
	}
}

// spinner is a running child process.
type spinner struct {
	command *exec.Cmd
	parent  io.Closer
}

// startSpinners starts one for each core.
func startSpinners(ctx context.Context) ([]spinner, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start a process that keeps a core busy: %w", err)
	}
	var list []spinner
	for range runtime.NumCPU() {
		command := exec.CommandContext(ctx, program, spinArgument)
		parent, err := command.StdinPipe()
		err = errors.Join(err, command.Start())
		if err != nil {
			stopSpinners(list)
			return nil, fmt.Errorf("start a process that keeps a core busy: %w", err)
		}
		list = append(list, spinner{command, parent})
	}
	return list, nil
}

func stopSpinners(list []spinner) {
	for _, s := range list {
		_ = s.parent.Close()
		_ = s.command.Process.Kill()
		_ = s.command.Wait() // killed
	}
}

// pressure is the machine's CPU pressure: since it was started, how long at least one process waited for a core although
// it could have run. ok is false where the kernel does not tell.
func pressure() (waited time.Duration, ok bool) {
	raw, err := os.ReadFile("/proc/pressure/cpu")
	if err != nil {
		return 0, false
	}
	for field := range strings.FieldsSeq(string(raw)) {
		if total, found := strings.CutPrefix(field, "total="); found { // of the first line, "some"
			microseconds, err := strconv.ParseInt(total, 10, 64)
			return time.Duration(microseconds) * time.Microsecond, err == nil
		}
	}
	return 0, false
}
