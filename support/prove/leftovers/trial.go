package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/crossdc/failover/support/config"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/fault"
)

// Limits of the parts of one kill, wall time.
const (
	openLimit = 90 * time.Second // until a run has opened its fault: it first waits for steady operation and replication
	healLimit = 90 * time.Second
	endLimit  = 60 * time.Second // of an interrupted run
	poll      = 20 * time.Millisecond
)

// outcome is what a kill left.
type outcome struct {
	last string // the last event of the fault in the journal when the run was dead
}

// once kills one run and has its leftovers healed; the error says what stayed broken, or why nothing was proven.
func (b *bench) once(ctx context.Context, n int, v victim, by string, moment time.Duration) (o outcome, err error) {
	reports := filepath.Join(b.folder.Path, fmt.Sprintf("kill-%d", n))
	journals := fault.Journals{Folder: filepath.Join(reports, "journal")}
	if err := os.MkdirAll(journals.Folder, 0o700); err != nil {
		return o, fmt.Errorf("make a folder for the journal: %w", err)
	}
	settings, closeDataCenters, err := b.dataCenters(ctx)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, closeDataCenters()) }()
	environ := append(plain(), "CROSSDC_JOURNAL="+journals.Folder, "CROSSDC_REPORTS="+reports, "CROSSDC_HISTORY=-", "CROSSDC_RATE=200", "CROSSDC_MINIMUM_LOAD=0.1")
	for name, value := range settings {
		environ = append(environ, name+"="+value)
	}

	killed := b.command(ctx, v, environ, filepath.Join(reports, "killed.txt"))
	if err := killed.Start(); err != nil {
		return o, fmt.Errorf("start the run: %w", err)
	}
	opened := within(ctx, openLimit, func() bool {
		list, err := open(journals)
		return err == nil && len(list) > 0 // one that cannot be read yet is asked again
	})
	if opened {
		rest(ctx, moment)
	}
	_ = syscall.Kill(-killed.Process.Pid, syscall.SIGKILL) // it leads a group of its own
	_ = killed.Wait()
	if !opened {
		return o, fmt.Errorf("nothing is proven: the run opened no fault within %v: %s", openLimit, lastWords(filepath.Join(reports, "killed.txt")))
	}
	o.last = "healed"
	left, err := open(journals)
	if err != nil {
		return o, fmt.Errorf("nothing is proven: what the killed run left open is not known: %w", err)
	}
	if len(left) > 0 {
		o.last = left[0].Last
	}
	if by == byCommand {
		err = b.heal(ctx, environ)
	} else {
		err = b.nextRun(ctx, environ, journals, filepath.Join(reports, "next.txt"))
	}
	return o, errors.Join(err, whole(ctx, settings, journals))
}

func (b *bench) command(ctx context.Context, v victim, environ []string, output string) *exec.Cmd {
	command := exec.CommandContext(ctx, b.path("leftovers"), "-inject", v.fault)
	if v.suite != "" {
		command = exec.CommandContext(ctx, b.path(v.suite+".test"), "-ginkgo.no-color", "-ginkgo.label-filter="+v.label)
		command.Dir = filepath.Join("suites", v.suite)
	}
	command.Env = environ
	if file, err := os.Create(output); err == nil {
		command.Stdout, command.Stderr = file, file // the child has its own copy
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return command
}

func (b *bench) heal(ctx context.Context, environ []string) error {
	ctx, cancel := context.WithTimeout(ctx, healLimit)
	defer cancel()
	command := exec.CommandContext(ctx, b.path("heal"))
	command.Env = environ
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("heal: %w: %s", err, output)
	}
	return nil
}

// nextRun starts a run and ends it as soon as it has healed what it found, or was refused.
func (b *bench) nextRun(ctx context.Context, environ []string, journals fault.Journals, output string) error {
	next := b.command(ctx, victim{suite: "partition", label: "S15"}, environ, output)
	if err := next.Start(); err != nil {
		return fmt.Errorf("start the next run: %w", err)
	}
	healed := within(ctx, healLimit, func() bool {
		list, err := open(journals)
		return err == nil && len(list) == 0
	})
	_ = syscall.Kill(next.Process.Pid, syscall.SIGINT)
	ended := make(chan struct{})
	go func() { _ = next.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(endLimit):
		_ = syscall.Kill(-next.Process.Pid, syscall.SIGKILL)
		<-ended
		return errors.New("the next run did not end when it was interrupted")
	}
	if !healed {
		return fmt.Errorf("the next run healed nothing: %s", lastWords(output))
	}
	return nil
}

// lastWords are the end of what a run said.
func lastWords(output string) string {
	const most = 4000
	said, err := os.ReadFile(output)
	if err != nil {
		return "it said nothing that can be read: " + err.Error()
	}
	return string(said[max(0, len(said)-most):])
}

// whole is nil when both sides serve, no link rule is in force and no journal holds anything open.
func whole(ctx context.Context, settings map[string]string, journals fault.Journals) error {
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, config.Prefix+"_") {
			_ = os.Unsetenv(name)
		}
	}
	for name, value := range settings {
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("look at both sides: %w", err)
		}
	}
	configured, err := config.Load()
	if err != nil {
		return err
	}
	env, err := environment.Attach(configured)
	if err != nil {
		return err
	}
	defer func() { _ = env.Close(context.WithoutCancel(ctx)) }()
	left, err := env.Leftovers(ctx)
	if err != nil {
		return err
	}
	stillOpen, err := open(journals)
	if err != nil {
		return err
	}
	for _, o := range stillOpen {
		left = append(left, "open in the journal: "+o.String())
	}
	if len(left) > 0 {
		return fmt.Errorf("left broken: %s", strings.Join(left, "; "))
	}
	return nil
}

// dataCenters starts two emulated ones as "make dc" does, and returns the settings that aim a run at them.
func (b *bench) dataCenters(ctx context.Context) (map[string]string, func() error, error) {
	command := exec.CommandContext(ctx, b.path("dc"), "-json", "-until-eof")
	command.Env = append(plain(), "CROSSDC_EMULATOR_PATH="+b.programs.Emulator, "CROSSDC_EMULATOR_RELAY="+b.programs.Relay)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, nil, fmt.Errorf("start two data centers: %w", err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, nil, fmt.Errorf("start two data centers: %w", err)
	}
	if err := command.Start(); err != nil {
		return nil, nil, fmt.Errorf("start two data centers: %w", err)
	}
	end := func() error { return errors.Join(stdin.Close(), command.Wait()) }
	line, err := bufio.NewReader(stdout).ReadString('\n')
	var ready struct {
		Settings map[string]string
	}
	if err == nil {
		err = json.Unmarshal([]byte(line), &ready)
	}
	if err != nil && !errors.Is(err, io.EOF) || len(ready.Settings) == 0 {
		return nil, nil, errors.Join(fmt.Errorf("start two data centers: no ready line (%w)", err), end())
	}
	return ready.Settings, end, nil
}

// open are the faults that any journal holds open. A journal that cannot be read may hold some.
func open(journals fault.Journals) (list []fault.Open, err error) {
	paths, err := journals.Paths("")
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		recovery, err := fault.Recover(path)
		if err != nil {
			return nil, fmt.Errorf("read the journal %s: %w", path, err)
		}
		list = append(list, recovery.Open...)
	}
	return list, nil
}

// plain is our own environment without settings that would aim a child at something else.
func plain() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(entry, config.Prefix+"_") })
}

func within(ctx context.Context, limit time.Duration, reached func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for ctx.Err() == nil {
		if reached() {
			return true
		}
		rest(ctx, poll)
	}
	return false
}

func rest(ctx context.Context, pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
