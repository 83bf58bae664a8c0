// Package local is the engine that runs shards on this machine, several at once, each as a process of its own with an
// environment of its own. Nothing that it starts outlives it, not even when it is killed.
//
// It may import its siblings engine, frame, plan and programs.
package local

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/crossdc/failover/support/campaign/engine"
	"github.com/crossdc/failover/support/campaign/frame"
	"github.com/crossdc/failover/support/campaign/plan"
)

// grace is how long a shard that is asked to end may take to take back what it broke.
const grace = 30 * time.Second

// Engine of this machine.
type Engine struct {
	Shard    []string      // program that runs one shard, with its first arguments
	Programs string        // folder of the built suites, emulator and relay
	Work     string        // absolute; folder for logs
	Parallel int           // shards at once
	Limit    time.Duration // wall time of one shard
	Attempt  func() string // a new name for an attempt
	Environ  []string      // of the shards
}

// Name implements engine.Engine.
func (*Engine) Name() string { return "local" }

// Run implements engine.Engine.
func (e *Engine) Run(ctx context.Context, round engine.Round, tell func(engine.Event) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if err := os.MkdirAll(e.Work, 0o755); err != nil {
		return fmt.Errorf("run shards here: %w", err)
	}
	if err := os.RemoveAll(e.temporary()); err != nil { // of shards that were killed with the process that ran them
		return fmt.Errorf("run shards here: %w", err)
	}
	if err := os.Mkdir(e.temporary(), 0o700); err != nil {
		return fmt.Errorf("run shards here: %w", err)
	}
	defer os.RemoveAll(e.temporary()) //nolint:errcheck // the next round removes what is left
	host, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("run shards here: %w", err)
	}
	var mu sync.Mutex
	say := func(event engine.Event) {
		mu.Lock()
		defer mu.Unlock()
		if err := tell(event); err != nil {
			cancel(err)
		}
	}
	todo := make(chan plan.Shard)
	var workers sync.WaitGroup
	for range max(1, e.Parallel) {
		workers.Go(func() {
			for shard := range todo {
				e.run(ctx, round.Plan, shard, host, say)
			}
		})
	}
	for _, shard := range round.Todo {
		select {
		case todo <- shard:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(todo)
	workers.Wait()
	return context.Cause(ctx)
}

// temporary is where shards keep what they need while they run: the same for a campaign whenever it goes on, and short,
// because paths of unix sockets below it may have few letters only.
func (e *Engine) temporary() string {
	sum := sha256.Sum256([]byte(e.Work))
	return filepath.Join(os.TempDir(), "cdc-"+hex.EncodeToString(sum[:4]))
}

func (e *Engine) run(ctx context.Context, request plan.Request, shard plan.Shard, host string, say func(engine.Event)) {
	event := engine.Event{Shard: shard.Index, Attempt: e.Attempt(), Node: host, Began: true}
	say(event)
	event.Began = false
	defer func() { say(event) }()
	log := filepath.Join(e.Work, fmt.Sprintf("%06d-%s.log", shard.Index, event.Attempt))
	file, err := os.OpenFile(log, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		event.Why = err.Error()
		return
	}
	defer file.Close() //nolint:errcheck // read to its end, or given up
	limited, cancel := context.WithTimeoutCause(ctx, e.Limit, fmt.Errorf("it took longer than its limit of %v", e.Limit))
	defer cancel()
	arguments, err := Arguments(request, strconv.Itoa(shard.Index))
	if err != nil {
		event.Why = err.Error()
		return
	}
	arguments = append(append([]string{}, e.Shard[1:]...), append(arguments, "-programs", e.Programs, "-attempt", event.Attempt, "-node", host)...)
	command := exec.CommandContext(limited, e.Shard[0], arguments...)
	command.Stdout, command.Stderr = file, file
	command.Env = append(append([]string{}, e.Environ...), "TMPDIR="+e.temporary())
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.WaitDelay = grace
	runtime.LockOSThread() // the kernel kills the child when the thread that started it ends
	err = command.Run()
	runtime.UnlockOSThread()
	if err != nil {
		event.Why = err.Error()
		if limited.Err() != nil {
			event.Why = context.Cause(limited).Error()
		}
	}
	if _, err := file.Seek(0, 0); err != nil {
		event.Why = err.Error()
		return
	}
	attempts, _, err := frame.Read(file)
	if err != nil {
		event.Why = err.Error()
		return
	}
	for _, a := range attempts {
		if a.Campaign == request.Run && a.Shard == shard.Index && a.Attempt == event.Attempt {
			event.Arrived = a
		}
	}
	if event.Arrived != nil && event.Arrived.Whole() {
		_ = os.Remove(log) // what matters of it is in the delivery
	} else if event.Why == "" {
		event.Why = "see " + log
	} else {
		event.Why += "; see " + log
	}
}

// Arguments are those that every engine gives the program that runs one shard: the request, from which the shard follows,
// and which of todo it is.
func Arguments(request plan.Request, todo string) ([]string, error) {
	text, err := request.Text()
	if err != nil {
		return nil, err
	}
	if todo == "" {
		return nil, errors.New("no shard is left to run")
	}
	return []string{"-request", text, "-todo", todo}, nil
}
