package ssh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	xssh "golang.org/x/crypto/ssh"
)

// Result of a command that ran to its end.
type Result struct {
	Out, Complaints []byte // its standard output and error, at most MaxOutput each
	Exit            int    // its exit status; -1 when a signal ended it
}

// MaxOutput bounds what is kept of a command's output and of its complaints, in bytes; more is dropped.
const MaxOutput = 1 << 20

// notFound is what a POSIX shell exits with where there is no such command.
const notFound = 127

// Run runs a command to its end and feeds it input, which may be nil. A command that ends with another status than 0 is no error. What
// fails is an *Error.
func (h *Host) Run(ctx context.Context, argv []string, input io.Reader) (Result, error) {
	ctx, cancel := context.WithTimeout(ctx, h.limits.Request)
	defer cancel()
	s, err := h.begin(ctx, argv)
	if err != nil {
		return Result{}, err
	}
	var out, complaints bounded
	s.session.Stdout, s.session.Stderr = &out, &complaints
	feed, err := s.session.StdinPipe()
	if err == nil {
		err = s.start(ctx)
	}
	if err != nil {
		s.release()
		return Result{}, err
	}
	h.running.Go(func() { // ends with the input, with the command, or with the connection
		if input != nil {
			_, _ = io.Copy(feed, input) // a command need not read all of it; its status tells
		}
		_ = feed.Close()
	})
	ended := make(chan error, 1)
	h.running.Go(func() {
		defer s.release()
		ended <- s.session.Wait()
	})
	select {
	case err = <-ended:
	case <-ctx.Done():
		_ = s.session.Close()
		return Result{}, h.late(ctx, argv)
	}
	result := Result{Out: out.bytes(), Complaints: complaints.bytes()}
	var exit *xssh.ExitError
	switch {
	case err == nil:
	case errors.As(err, &exit):
		result.Exit = exit.ExitStatus()
		if exit.Signal() != "" {
			result.Exit = -1
		}
	default:
		return result, h.lost(argv, err)
	}
	return result, nil
}

// Session is a command that goes on: what is read is its output, what is written its input.
type Session struct {
	*begun
	fromHost   *io.PipeReader
	toHost     *io.PipeWriter
	complaints bounded
}

// Start starts a command and returns when the host says that it runs. What fails is an *Error.
func (h *Host) Start(ctx context.Context, argv []string) (*Session, error) {
	ctx, cancel := context.WithTimeout(ctx, h.limits.Request)
	defer cancel()
	b, err := h.begin(ctx, argv)
	if err != nil {
		return nil, err
	}
	s := &Session{begun: b}
	// Pipes of our own between, because a channel's Read and Write end only when the other side answers.
	fromHost, out := io.Pipe()
	in, toHost := io.Pipe()
	s.fromHost, s.toHost = fromHost, toHost
	b.session.Stdout, b.session.Stderr = out, &s.complaints
	feed, err := b.session.StdinPipe()
	if err == nil {
		err = b.start(ctx)
	}
	if err != nil {
		b.release()
		return nil, err
	}
	h.running.Go(func() {
		_, err := io.Copy(feed, in)
		_ = feed.Close()
		_ = in.CloseWithError(err)
	})
	h.running.Go(func() {
		defer b.release()
		_ = b.session.Wait() // who reads sees the end
		_ = out.Close()      // nothing more is read
		_ = in.CloseWithError(io.ErrClosedPipe)
	})
	return s, nil
}

// Read implements io.Reader.
func (s *Session) Read(p []byte) (int, error) { return s.fromHost.Read(p) }

// Write implements io.Writer.
func (s *Session) Write(p []byte) (int, error) { return s.toHost.Write(p) }

// Close ends the conversation; the command sees the end of its input.
func (s *Session) Close() error {
	_ = s.toHost.Close()
	_ = s.fromHost.Close()
	_ = s.session.Close() // it may have ended already
	return nil
}

// Complaints is what the command wrote to its standard error so far.
func (s *Session) Complaints() []byte { return s.complaints.bytes() }

// begun is a session that holds one of the host's slots.
type begun struct {
	host    *Host
	session *xssh.Session
	line    string
	argv    []string
	once    sync.Once
}

func (b *begun) release() {
	b.once.Do(func() {
		_ = b.session.Close()
		<-b.host.slots
	})
}

// begin waits for a slot and opens a session.
func (h *Host) begin(ctx context.Context, argv []string) (*begun, error) {
	line, err := quote(argv)
	if err != nil {
		return nil, &Error{BadSettings, h.target.Address, "run a command", "", "", err}
	}
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, h.late(ctx, argv)
	case <-h.gone:
		return nil, h.lost(argv, nil)
	}
	var session *xssh.Session
	if err := h.within(ctx, argv, func() (err error) { session, err = h.client.NewSession(); return err }); err != nil {
		<-h.slots
		return nil, err
	}
	return &begun{host: h, session: session, line: line, argv: argv}, nil
}

func (b *begun) start(ctx context.Context) error {
	return b.host.within(ctx, b.argv, func() error { return b.session.Start(b.line) })
}

// within does what the other side must answer at once. If it does not, the whole connection is given up: nothing else ends the call.
func (h *Host) within(ctx context.Context, argv []string, ask func() error) error {
	hung := context.AfterFunc(ctx, h.end)
	err := ask()
	switch inTime := hung(); {
	case !inTime:
		return h.late(ctx, argv)
	case err != nil:
		return h.lost(argv, err)
	}
	return nil
}

func (h *Host) late(ctx context.Context, argv []string) error {
	return &Error{TimedOut, h.target.Address, tried(argv), "", "see whether the host is overloaded", context.Cause(ctx)}
}

func (h *Host) lost(argv []string, err error) error {
	return &Error{Lost, h.target.Address, tried(argv), "the connection ended", "see sshd's log on the host", err}
}

// tried names a command by its program only: arguments may be long.
func tried(argv []string) string {
	if len(argv) == 0 {
		return "run a command"
	}
	return fmt.Sprintf("run %q", argv[0])
}

// bounded keeps the first MaxOutput bytes.
type bounded struct {
	mu   sync.Mutex
	kept bytes.Buffer
}

func (b *bounded) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept.Write(p[:min(len(p), MaxOutput-b.kept.Len())])
	return len(p), nil
}

func (b *bounded) bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.kept.Bytes())
}
