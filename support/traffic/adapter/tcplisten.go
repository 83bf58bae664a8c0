package adapter

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// tcpListen is the server side of lines over TCP: the application connects.
func tcpListen() Adapter {
	return Adapter{
		Name:    "tcp-listen",
		Summary: "Lines over TCP; we listen and the application connects.",
		Parameters: append([]Parameter{
			{Name: "listen", Doc: "host:port where we listen; port 0 takes a free one", Way: BothWays, Kind: Listen, Required: true},
			{Name: "tls", Doc: "true speaks TLS, with cert_file and key_file", Way: BothWays, Kind: Switch, Default: "false"},
		}, certificateParameters()...),
		Acknowledgement: Never,
		In: func(_ context.Context, o Opening) (In, error) {
			listener, err := listen(o.Values)
			if err != nil {
				return nil, err
			}
			in := &tcpListenIn{at: o.at(WayIn, "tcp-listen"), listener: listener, turn: make(chan struct{}, 1)}
			in.wait.Go(in.accept)
			return in, nil
		},
		Out: func(_ context.Context, o Opening) (Out, error) {
			listener, err := listen(o.Values)
			if err != nil {
				return nil, err
			}
			return &tcpListenOut{site: o.Site, listener: listener, now: o.now()}, nil
		},
	}
}

func listen(v Values) (net.Listener, error) {
	var config *tls.Config
	if v.on("tls") {
		if v["cert_file"] == "" || v["key_file"] == "" {
			return nil, errors.New("parameter \"tls\": who listens with TLS needs cert_file and key_file")
		}
		pair, err := tls.LoadX509KeyPair(v["cert_file"], v["key_file"])
		if err != nil {
			return nil, fmt.Errorf("read cert_file %s with its key_file: %w", v["cert_file"], err)
		}
		config = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}}
	}
	listener, err := net.Listen("tcp", v["listen"])
	if err != nil {
		return nil, fmt.Errorf("parameter \"listen\": %w", err)
	}
	if config != nil {
		listener = tls.NewListener(listener, config)
	}
	return listener, nil
}

// tcpListenIn writes to whoever connected last: an application that was started again connects anew, and its former connection is dead.
type tcpListenIn struct {
	at       string
	listener net.Listener
	wait     sync.WaitGroup
	turn     chan struct{} // holds one token while somebody writes

	mu   sync.Mutex
	conn *watchedConn
}

// Addr is where it listens.
func (t *tcpListenIn) Addr() net.Addr { return t.listener.Addr() }

func (t *tcpListenIn) accept() {
	for {
		conn, err := t.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // out of file descriptors, or a client that was gone at once
			continue
		}
		t.mu.Lock()
		former := t.conn
		t.conn = watchConn(conn)
		t.mu.Unlock()
		if former != nil {
			former.close()
		}
	}
}

// current gives the connection that takes events; nil: nobody is connected.
func (t *tcpListenIn) current() *watchedConn {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.conn != nil && t.conn.ended() {
		t.conn.close()
		t.conn = nil
	}
	return t.conn
}

// Send implements In.
func (t *tcpListenIn) Send(ctx context.Context, events []Event) ([]Outcome, error) {
	lines, ends, wrong := asLines(nil, events)
	select {
	case t.turn <- struct{}{}:
	case <-ctx.Done():
		return every(len(events), Refused), fmt.Errorf("send over the %s: wait for the connection: %w", t.at, ctx.Err())
	}
	defer func() { <-t.turn }()
	conn := t.current()
	if conn == nil {
		return every(len(events), Refused), fmt.Errorf("send over the %s: nobody is connected to %s", t.at, t.listener.Addr())
	}
	n, err := conn.write(ctx, lines)
	if err != nil {
		conn.close()
		err = fmt.Errorf("send over the %s: %d of %d bytes left: %w", t.at, n, len(lines), err)
	}
	return written(ends, n), errors.Join(err, wrong)
}

// Close implements In.
func (t *tcpListenIn) Close() error {
	err := t.listener.Close()
	t.wait.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.conn != nil {
		t.conn.close()
		t.conn = nil
	}
	return err
}

// tcpListenOut reads what every client writes.
type tcpListenOut struct {
	site     string
	listener net.Listener
	now      func() time.Time
}

// Addr is where it listens.
func (t *tcpListenOut) Addr() net.Addr { return t.listener.Addr() }

// Receive implements Out. It ends the way: the listener is closed with ctx.
func (t *tcpListenOut) Receive(ctx context.Context, to Receiver) error {
	shared := &alone{to: to}
	var readers sync.WaitGroup
	defer readers.Wait()
	defer context.AfterFunc(ctx, func() { _ = t.listener.Close() })()
	for {
		conn, err := t.listener.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = conn.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("receive at %s: %w", t.listener.Addr(), err)
		case err != nil:
			if !pause(ctx, 10*time.Millisecond) {
				return nil
			}
			continue
		}
		readers.Go(func() {
			stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
			last, err := readLines(conn, t.site, t.now, shared)
			stop()
			_ = conn.Close()
			if !errors.Is(err, io.EOF) && ctx.Err() == nil {
				shared.Gap(Gap{Site: t.site, From: last, Until: t.now(), Why: "the application's connection broke off"})
			}
		})
	}
}

// Close implements Out.
func (t *tcpListenOut) Close() error {
	if err := t.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
