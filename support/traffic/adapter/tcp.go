package adapter

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// tcp is the client side of lines over TCP: the application listens.
func tcp() Adapter {
	return Adapter{
		Name:    "tcp",
		Summary: "Lines over TCP; the application listens and we connect.",
		Parameters: append([]Parameter{
			{Name: "address", Doc: "host:port where the application listens", Way: BothWays, Kind: Address, Required: true},
			{Name: "tls", Doc: "true speaks TLS", Way: BothWays, Kind: Switch, Default: "false"},
			{Name: "retry", Doc: "how long to wait before connecting again", Way: BothWays, Kind: Duration, Default: "100ms"},
		}, append(tlsParameters(), certificateParameters()...)...),
		Acknowledgement: Never,
		In: func(_ context.Context, o Opening) (In, error) {
			dial, err := tcpDialer(o.Values)
			if err != nil {
				return nil, err
			}
			return &tcpIn{at: o.at(WayIn, "tcp"), dial: dial, turn: make(chan struct{}, 1)}, nil
		},
		Out: func(_ context.Context, o Opening) (Out, error) {
			dial, err := tcpDialer(o.Values)
			if err != nil {
				return nil, err
			}
			return &tcpOut{site: o.Site, dial: dial, retry: o.Values.duration("retry"), now: o.now()}, nil
		},
	}
}

type dialer func(context.Context) (net.Conn, error)

func tcpDialer(v Values) (dialer, error) {
	address := v["address"]
	if host, port, err := net.SplitHostPort(address); err != nil || host == "" || port == "" {
		return nil, fmt.Errorf("parameter \"address\": %q is no host:port", address)
	}
	plain := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 5 * time.Second}
	if !v.on("tls") {
		return func(ctx context.Context) (net.Conn, error) { return plain.DialContext(ctx, "tcp", address) }, nil
	}
	config, err := v.tlsConfig()
	if err != nil {
		return nil, err
	}
	secure := &tls.Dialer{NetDialer: plain, Config: config}
	return func(ctx context.Context) (net.Conn, error) { return secure.DialContext(ctx, "tcp", address) }, nil
}

// tcpIn keeps one connection and writes lines to it.
type tcpIn struct {
	at   string
	dial dialer
	turn chan struct{} // holds one token while somebody uses the connection
	conn *watchedConn
}

// Send implements In. Backpressure is waited for until ctx ends.
func (t *tcpIn) Send(ctx context.Context, events []Event) ([]Outcome, error) {
	lines, ends, wrong := asLines(nil, events)
	select {
	case t.turn <- struct{}{}:
	case <-ctx.Done():
		return every(len(events), Refused), fmt.Errorf("send over the %s: wait for the connection: %w", t.at, ctx.Err())
	}
	defer func() { <-t.turn }()
	if t.conn != nil && t.conn.ended() {
		t.drop()
	}
	if t.conn == nil {
		conn, err := t.dial(ctx)
		if err != nil {
			return every(len(events), Refused), fmt.Errorf("send over the %s: %w", t.at, err)
		}
		t.conn = watchConn(conn)
	}
	n, err := t.conn.write(ctx, lines)
	if err != nil {
		t.drop() // what follows on this connection would be glued to a line that was cut
		err = fmt.Errorf("send over the %s: %d of %d bytes left: %w", t.at, n, len(lines), err)
	}
	return written(ends, n), errors.Join(err, wrong)
}

func (t *tcpIn) drop() {
	t.conn.close()
	t.conn = nil
}

// Close implements In.
func (t *tcpIn) Close() error {
	t.turn <- struct{}{}
	defer func() { <-t.turn }()
	if t.conn != nil {
		t.drop()
	}
	return nil
}

// watchedConn is a connection that we only write to. Somebody reads from it all the same, to notice its end: a write alone would succeed once more
// after the other side is gone.
type watchedConn struct {
	conn net.Conn
	done chan struct{} // closed when the other side ended the connection, and after close
}

func watchConn(conn net.Conn) *watchedConn {
	w := &watchedConn{conn: conn, done: make(chan struct{})}
	go func() { // ends with close, which waits for it
		defer close(w.done)
		_, _ = io.Copy(io.Discard, conn)
	}()
	return w
}

func (w *watchedConn) ended() bool {
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

// write gives how many bytes were handed to the operating system.
func (w *watchedConn) write(ctx context.Context, lines []byte) (int, error) {
	deadline, _ := ctx.Deadline() // the zero time is none
	if err := w.conn.SetWriteDeadline(deadline); err != nil {
		return 0, err
	}
	stop := context.AfterFunc(ctx, func() { _ = w.conn.SetWriteDeadline(time.Unix(1, 0)) })
	n, err := w.conn.Write(lines)
	stop()
	return n, err
}

func (w *watchedConn) close() {
	_ = w.conn.Close()
	<-w.done
}

// tcpOut reads lines from the application's sink, for as long as it takes.
type tcpOut struct {
	site  string
	dial  dialer
	retry time.Duration
	now   func() time.Time
}

// Receive implements Out. Until we are connected, and from the loss of a connection until the next one, results may be missed: nobody keeps them for us.
func (t *tcpOut) Receive(ctx context.Context, to Receiver) error {
	blind := blindness{site: t.site, since: t.now(), why: "nobody was connected to the application yet"}
	defer func() { blind.end(t.now(), to) }()
	for {
		conn, err := t.dial(ctx)
		if err == nil {
			blind.end(t.now(), to)
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			whole, _ := readLines(conn, t.site, t.now, to)
			stop()
			_ = conn.Close()
			if ctx.Err() == nil {
				blind.begin(whole, "the connection to the application was lost")
			}
		}
		if !pause(ctx, t.retry) {
			return nil
		}
	}
}

// Close implements Out.
func (t *tcpOut) Close() error { return nil }

// pause waits; it reports false when ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
