// Package process starts the processes of an embedded environment so that none of them can outlive the suite: each is
// bound to the suite by the kernel (parent-death signal) and by its standard input, and whatever lies in the temporary
// folder is removed by a sweeper that runs even when the suite is killed with SIGKILL.
//
// It imports nothing of ours.
package process

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"syscall"
)

// Launcher starts processes from one operating-system thread that lives as long as the suite. The kernel sends the
// parent-death signal when the *thread* that started a child ends, so the thread must never go away.
type Launcher struct {
	requests chan request
	done     chan struct{}
	ended    chan struct{}
	once     sync.Once
}

type request struct {
	command *exec.Cmd
	started chan error
}

// NewLauncher starts the launching thread; Close ends it, which kills every process still running.
func NewLauncher() *Launcher {
	if hangupIgnored {
		// Started by nohup, our children would ignore it too, and it is what ends the rest of a stopped process group when we are
		// killed. Caught here, it is still without effect on us, and has its own effect on them.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	l := &Launcher{requests: make(chan request), done: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		for {
			select {
			case r := <-l.requests:
				r.started <- r.command.Start()
			case <-l.done:
				return
			}
		}
	}()
	return l
}

// Close ends the launching thread. The kernel then kills whatever it started and is still alive.
func (l *Launcher) Close() {
	l.once.Do(func() { close(l.done) })
	<-l.ended
}

// Process is a running child with a process group of its own.
type Process struct {
	Name  string
	Ready json.RawMessage // the ready line it printed

	command *exec.Cmd
	stdin   io.WriteCloser
	exited  chan struct{}
	err     error // of Wait; valid once exited is closed

	mu   sync.Mutex
	tail []string // last lines of standard error, for error messages
}

// tailLines of a child's standard error are kept for error messages.
const tailLines = 20

// Start runs a binary in a process group of its own and waits for its ready line: one JSON object on standard output
// that has "ready": true. On failure nothing is left running, and the error carries the end of its standard error.
func (l *Launcher) Start(ctx context.Context, name, binary string, arguments []string, environ []string) (*Process, error) {
	command := exec.Command(binary, arguments...)
	command.Env = environ
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	stderr, err := command.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	r := request{command: command, started: make(chan error, 1)}
	select {
	case l.requests <- r:
	case <-l.done:
		return nil, fmt.Errorf("start %s: the environment is already closed", name)
	}
	if err := <-r.started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p := &Process{Name: name, command: command, stdin: stdin, exited: make(chan struct{})}
	ready := make(chan json.RawMessage, 1)
	var readers sync.WaitGroup
	readers.Go(func() { p.readStdout(stdout, ready) })
	readers.Go(func() { p.readStderr(stderr) })
	go func() {
		readers.Wait() // Wait closes the pipes; reading must be over
		p.err = command.Wait()
		close(p.exited)
	}()
	select {
	case p.Ready = <-ready:
		return p, nil
	case <-p.exited:
		ended := p.err
		if ended == nil {
			ended = errors.New("exit status 0")
		}
		return nil, fmt.Errorf("start %s: it exited before it was ready (%w); its last words: %s", name, ended, p.lastWords())
	case <-ctx.Done():
		killErr := p.Kill(context.WithoutCancel(ctx))
		return nil, errors.Join(fmt.Errorf("start %s: not ready in time: %w; its last words: %s", name, context.Cause(ctx), p.lastWords()), killErr)
	}
}

func (p *Process) readStdout(stdout io.Reader, ready chan<- json.RawMessage) {
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	announced := false
	for lines.Scan() {
		var line struct {
			Ready bool `json:"ready"`
		}
		if !announced && json.Unmarshal(lines.Bytes(), &line) == nil && line.Ready {
			announced = true
			ready <- append(json.RawMessage(nil), lines.Bytes()...)
		}
	}
	_, _ = io.Copy(io.Discard, stdout) // an overlong line must not block the child
}

func (p *Process) readStderr(stderr io.Reader) {
	lines := bufio.NewScanner(stderr)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		p.mu.Lock()
		p.tail = append(p.tail, lines.Text())
		if len(p.tail) > tailLines {
			p.tail = p.tail[1:]
		}
		p.mu.Unlock()
	}
	_, _ = io.Copy(io.Discard, stderr)
}

func (p *Process) lastWords() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.tail) == 0 {
		return "(none)"
	}
	return strings.Join(p.tail, " | ")
}

// PID of the process, which is also its process group.
func (p *Process) PID() int { return p.command.Process.Pid }

// Exited is closed when the process itself (not yet all of its group) has ended.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Terminate asks the process to end by closing its standard input, and kills its group if ctx ends first.
func (p *Process) Terminate(ctx context.Context) error {
	if err := p.stdin.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return errors.Join(fmt.Errorf("close the standard input of %s: %w", p.Name, err), p.Kill(ctx))
	}
	select {
	case <-p.exited:
	case <-ctx.Done():
	}
	return p.Kill(context.WithoutCancel(ctx)) // whatever is left of the group
}
