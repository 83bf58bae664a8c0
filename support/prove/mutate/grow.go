package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// outcome is what became of a planted fault.
type outcome int

const (
	notCompiled outcome = iota // it was none
	noticed
	survived
)

// Limits of one attempt, wall time. A test that a fault makes hang has noticed it.
const (
	testLimit  = time.Minute
	proofLimit = 6 * time.Minute
	stopLimit  = 45 * time.Second
)

// field is where faults are planted: a folder for overlays, and one for the reports of proofs.
type field struct {
	folder, reports string
	sown            atomic.Int64
}

// grow plants one fault and runs what must notice it.
func (f *field) grow(ctx context.Context, r row, p plant) (outcome, error) {
	overlay, err := f.overlay(p)
	if err != nil {
		return survived, err
	}
	build := exec.CommandContext(ctx, "go", "build", "-overlay", overlay, "./"+filepath.ToSlash(filepath.Dir(p.file)))
	if output, err := build.CombinedOutput(); err != nil {
		if exit := new(exec.ExitError); errors.As(err, &exit) {
			return notCompiled, nil
		}
		return survived, fmt.Errorf("build with a planted fault: %w\n%s", err, output)
	}
	if len(r.proofs) > 0 {
		return f.prove(ctx, r, overlay)
	}
	ctx, cancel := context.WithTimeout(ctx, testLimit+stopLimit)
	defer cancel()
	arguments := append([]string{"test", "-overlay", overlay, "-short", "-vet=off", "-count=1", "-failfast", "-timeout", testLimit.String()}, r.tests...)
	// A property that fails because of the fault must not leave its case in the checkout, where later runs would take it up.
	return ended(exec.CommandContext(ctx, "go", arguments...), append(os.Environ(), "RAPID_NOFAILFILE=true"))
}

// prove runs proofs and controls: one of them must fail.
func (f *field) prove(ctx context.Context, r row, overlay string) (outcome, error) {
	for _, name := range r.proofs {
		limited, cancel := context.WithTimeout(ctx, proofLimit)
		command := exec.CommandContext(limited, "go", "run", "./support/prove/bugs", "-attempts", "3", name)
		became, err := ended(command, append(os.Environ(), "GOFLAGS="+strings.TrimSpace(os.Getenv("GOFLAGS")+" -overlay="+overlay), "CROSSDC_REPORTS="+f.reports))
		cancel()
		if err != nil || became == noticed {
			return became, err
		}
	}
	return survived, nil
}

// ended runs a command that fails when something is noticed.
func ended(command *exec.Cmd, environ []string) (outcome, error) {
	command.Env = environ
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // go starts others, which must not outlive it
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGINT) }
	command.WaitDelay = stopLimit
	output, err := command.CombinedOutput()
	if command.Process != nil {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL)
	}
	exit := new(exec.ExitError)
	switch {
	case err == nil:
		return survived, nil
	case strings.Contains(string(output), "[build failed]"), strings.Contains(string(output), "[setup failed]"):
		return survived, fmt.Errorf("the tests cannot be built with a planted fault that compiles:\n%s", output)
	case errors.As(err, &exit), errors.Is(err, exec.ErrWaitDelay), errors.Is(err, context.DeadlineExceeded):
		return noticed, nil
	}
	return survived, fmt.Errorf("run what must notice a planted fault: %w\n%s", err, output)
}

// overlay writes the source with the fault, and the file that makes the compiler read it instead.
func (f *field) overlay(p plant) (string, error) {
	source, err := p.into()
	if err != nil {
		return "", err
	}
	path, err := filepath.Abs(p.file)
	if err != nil {
		return "", fmt.Errorf("plant a fault: %w", err)
	}
	n := strconv.FormatInt(f.sown.Add(1), 10)
	planted, overlay := filepath.Join(f.folder, n+".go"), filepath.Join(f.folder, n+".json")
	raw, err := json.Marshal(map[string]map[string]string{"Replace": {path: planted}})
	if err != nil {
		return "", fmt.Errorf("plant a fault: %w", err)
	}
	if err := errors.Join(os.WriteFile(planted, source, 0o644), os.WriteFile(overlay, raw, 0o644)); err != nil {
		return "", fmt.Errorf("plant a fault: %w", err)
	}
	return overlay, nil
}
