package adapter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// program is everything else: a program of the team's own that reads events or writes results as lines.
func program() Adapter {
	return Adapter{
		Name:    "exec",
		Summary: "A program that reads events as lines, or writes results as lines; no shell is involved.",
		Parameters: []Parameter{
			{Name: "command", Doc: "the program and its arguments, one a line", Way: BothWays, Kind: Lines, Required: true},
			{Name: "directory", Doc: "where it runs; without it where we do", Way: BothWays},
			{Name: "answers", Doc: "true: it answers each event, in order, with a line: ok, refused, or anything else for unknown", Way: WayIn, Kind: Switch, Default: "false"},
			{Name: "retry", Doc: "how long to wait before a program that ended is started again", Way: BothWays, Kind: Duration, Default: "500ms"},
		},
		Acknowledgement: Depends,
		Acknowledges:    func(v Values) bool { return v.on("answers") },
		In: func(_ context.Context, o Opening) (In, error) {
			start, err := newStarter(o)
			if err != nil {
				return nil, err
			}
			return &programIn{at: o.at(WayIn, "exec"), start: start, answers: o.Values.on("answers"), retry: o.Values.duration("retry"), now: o.now(), turn: make(chan struct{}, 1)}, nil
		},
		Out: func(_ context.Context, o Opening) (Out, error) {
			start, err := newStarter(o)
			if err != nil {
				return nil, err
			}
			return &programOut{site: o.Site, start: start, retry: o.Values.duration("retry"), now: o.now()}, nil
		},
	}
}

// starter starts the program.
type starter struct {
	command   []string
	directory string
}

func newStarter(o Opening) (starter, error) {
	s := starter{o.Values.lines("command"), o.Values["directory"]}
	if len(s.command) == 0 {
		return s, errors.New("parameter \"command\" is empty")
	}
	if _, err := exec.LookPath(s.command[0]); err != nil {
		return s, fmt.Errorf("parameter \"command\": %w", err)
	}
	return s, nil
}

// running is a program under way, with everything that it started in a group of its own.
type running struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	out   *os.File
	done  chan struct{} // closed when it has ended
	err   error         // how, once done is closed
}

func (s starter) start(withInput bool) (*running, error) {
	cmd := exec.Command(s.command[0], s.command[1:]...)
	cmd.Dir = s.directory
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	r := &running{cmd: cmd, done: make(chan struct{})}
	var err error
	if withInput {
		if r.stdin, err = cmd.StdinPipe(); err != nil {
			return nil, err
		}
	}
	read, write, err := os.Pipe() // ours, so that Wait does not close what nobody has read yet
	if err != nil {
		return nil, err
	}
	cmd.Stdout, r.out = write, read
	started := make(chan error)
	go func() { // ends with the program, which stop kills
		runtime.LockOSThread() // Pdeathsig is sent when the thread ends that started the program: this one stays until it has ended
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			r.err = cmd.Wait()
		}
		close(r.done)
	}()
	err = <-started
	_ = write.Close()
	if err != nil {
		_ = read.Close()
		return nil, fmt.Errorf("start %s: %w", s.command[0], err)
	}
	return r, nil
}

func (r *running) ended() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// patience is how long a program may take to end when its input has, or when it is asked to.
const patience = 2 * time.Second

// stop ends the program and what it started: its input ends, it is asked, it is killed.
func (r *running) stop() {
	if r.stdin != nil {
		_ = r.stdin.Close()
	}
	group := -r.cmd.Process.Pid
	if r.stdin == nil || !r.wait(patience/4) {
		_ = syscall.Kill(group, syscall.SIGTERM)
		r.wait(patience)
	}
	_ = syscall.Kill(group, syscall.SIGKILL) // also of what outlived it
	<-r.done
	_ = r.out.Close()
}

func (r *running) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-r.done:
		return true
	case <-timer.C:
		return false
	}
}

// programIn writes events to a program.
type programIn struct {
	at      string
	start   starter
	answers bool
	retry   time.Duration
	now     func() time.Time
	turn    chan struct{} // holds one token while somebody uses the program

	program *running
	replies chan string // lines of the program; closed at their end
	began   time.Time   // when it was last started
}

// Send implements In.
func (p *programIn) Send(ctx context.Context, events []Event) ([]Outcome, error) {
	select {
	case p.turn <- struct{}{}:
	case <-ctx.Done():
		return every(len(events), Refused), fmt.Errorf("send over the %s: wait for the program: %w", p.at, ctx.Err())
	}
	defer func() { <-p.turn }()
	if err := p.ready(); err != nil {
		return every(len(events), Refused), fmt.Errorf("send over the %s: %w", p.at, err)
	}
	lines, ends, wrong := asLines(nil, events)
	n, err := p.write(ctx, lines)
	outcomes := written(ends, n)
	if p.answers {
		err = errors.Join(err, p.answered(ctx, outcomes))
	}
	if err != nil {
		p.end() // what it would read or say from here on belongs to no event
		return outcomes, errors.Join(fmt.Errorf("send over the %s: %w", p.at, err), wrong)
	}
	if said := lacking(outcomes); said != "" && p.answers {
		wrong = errors.Join(wrong, fmt.Errorf("send over the %s: the program answered %s", p.at, said))
	}
	return outcomes, wrong
}

// lacking says of how many events a program answered that it has them not, or nothing that is understood; empty where there are none.
func lacking(outcomes []Outcome) string {
	refused, unknown := 0, 0
	for _, outcome := range outcomes {
		switch outcome {
		case Refused:
			refused++
		case Unknown:
			unknown++
		}
	}
	if refused+unknown == 0 {
		return ""
	}
	return fmt.Sprintf("refused for %d of %d events, and neither ok nor refused for %d", refused, len(outcomes), unknown)
}

// write hands lines to the program's input. A pipe of os/exec has deadlines.
func (p *programIn) write(ctx context.Context, lines []byte) (int, error) {
	pipe := p.program.stdin
	if file, ok := pipe.(interface{ SetWriteDeadline(time.Time) error }); ok {
		if err := file.SetWriteDeadline(time.Time{}); err != nil {
			return 0, err
		}
		defer context.AfterFunc(ctx, func() { _ = file.SetWriteDeadline(time.Unix(1, 0)) })()
	}
	return pipe.Write(lines)
}

// answered reads one line for each event that was sent whole. The error ends the program; an event's refusal alone does not.
func (p *programIn) answered(ctx context.Context, outcomes []Outcome) error {
	var failed error
	for i, outcome := range outcomes {
		if outcome != Sent {
			continue
		}
		outcomes[i] = Unknown
		if failed != nil {
			continue
		}
		select {
		case line, ok := <-p.replies:
			switch {
			case !ok:
				failed = errors.New("the program ended without an answer")
			case line == "ok":
				outcomes[i] = Acknowledged
			case line == "refused":
				outcomes[i] = Refused
			}
		case <-ctx.Done():
			failed = fmt.Errorf("no answer of the program: %w", ctx.Err())
		}
	}
	return failed
}

// ready starts the program where none runs, but not at once after it was started.
func (p *programIn) ready() error {
	if p.program != nil && !p.program.ended() {
		return nil
	}
	if p.program != nil {
		p.end()
	}
	if !p.began.IsZero() && p.now().Sub(p.began) < p.retry {
		return fmt.Errorf("%s ended and is started again later", p.start.command[0])
	}
	p.began = p.now()
	program, err := p.start.start(true)
	if err != nil {
		return err
	}
	p.program, p.replies = program, make(chan string, 1024)
	go func(replies chan string) { // ends when the program's output is closed, with the program
		defer close(replies)
		lines := lineReader{}
		for {
			chunk := make([]byte, 32<<10)
			n, err := program.out.Read(chunk)
			results, _ := lines.take(chunk[:n:n], time.Time{}, time.Time{})
			for _, line := range results {
				if !p.answers {
					continue // nobody asked, and its output must not fill up
				}
				reply := strings.TrimSpace(string(line.Bytes))
				select {
				case replies <- reply: // also what a program said before it ended
					continue
				default:
				}
				select {
				case replies <- reply:
				case <-program.done:
				}
			}
			if err != nil {
				return
			}
		}
	}(p.replies)
	return nil
}

func (p *programIn) end() {
	p.program.stop()
	for range p.replies { // until its reader has ended
	}
	p.program = nil
}

// Close implements In.
func (p *programIn) Close() error {
	p.turn <- struct{}{}
	defer func() { <-p.turn }()
	if p.program != nil {
		p.end()
	}
	return nil
}

// programOut reads results from a program.
type programOut struct {
	site  string
	start starter
	retry time.Duration
	now   func() time.Time
}

// Receive implements Out.
func (p *programOut) Receive(ctx context.Context, to Receiver) error {
	blind := blindness{site: p.site, since: p.now(), why: "the program was not started yet"}
	defer func() { blind.end(p.now(), to) }()
	for {
		program, err := p.start.start(false)
		if err != nil {
			return fmt.Errorf("receive from a program: %w", err)
		}
		blind.end(p.now(), to)
		stopped := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			defer close(stopped)
			program.stop()
		})
		whole, _ := readLines(program.out, p.site, p.now, to)
		if ctx.Err() == nil {
			blind.begin(whole, "the program ended")
		}
		if stop() {
			program.stop()
		} else {
			<-stopped
		}
		if !pause(ctx, p.retry) {
			return nil
		}
	}
}

// Close implements Out.
func (p *programOut) Close() error { return nil }
