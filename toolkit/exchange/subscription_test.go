package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func TestFramesArriveInOrderWithTheirTime(t *testing.T) {
	c, endpoint := socket(t, func(r *http.Request, conn *websocket.Conn) {
		for i := range 3 {
			text(t, r, conn, fmt.Sprintf(`{"items":[{"seq":%d}]}`, i))
		}
		text(t, r, conn, `{"items":[],"messages":[{"message":"dropped 5"}]}`)
		_ = conn.Close(websocket.StatusGoingAway, "job canceled")
	})
	before := time.Now()
	s, err := c.Subscribe(t.Context(), endpoint)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	last := before
	for i := range 3 {
		frame, err := s.Next(t.Context())
		if err != nil || string(frame.Items[0]) != fmt.Sprintf(`{"seq":%d}`, i) || frame.Late {
			t.Fatalf("frame %d: %+v, %v", i, frame, err)
		}
		if frame.Received.Before(last) || !strings.Contains(frame.Received.String(), "m=+") {
			t.Errorf("frame %d: received %v after %v", i, frame.Received, last)
		}
		last = frame.Received
	}
	if frame, err := s.Next(t.Context()); err != nil || len(frame.Messages) != 1 || frame.Messages[0].Text != "dropped 5" {
		t.Errorf("warning: %+v, %v", frame, err)
	}
	var closed *ClosedError
	_, err = s.Next(t.Context())
	if !errors.As(err, &closed) || closed.Code != GoingAway || closed.Reason != "job canceled" || !errors.Is(err, ErrNotFound) || !errors.Is(err, ErrClosed) {
		t.Errorf("end: %v", err)
	}
	if _, again := s.Next(t.Context()); !errors.Is(again, ErrClosed) {
		t.Errorf("after the end: %v", again)
	}
	<-s.Done()
}

func TestSubscriptionsEnd(t *testing.T) {
	for name, trial := range map[string]struct {
		talk func(*http.Request, *websocket.Conn)
		code CloseCode
		want error
	}{
		"policy":      {func(_ *http.Request, c *websocket.Conn) { _ = c.Close(websocket.StatusPolicyViolation, "auth") }, PolicyViolation, ErrUnauthorized},
		"internal":    {func(_ *http.Request, c *websocket.Conn) { _ = c.Close(websocket.StatusInternalError, "") }, 1011, ErrServer},
		"killed":      {func(_ *http.Request, c *websocket.Conn) { _ = c.CloseNow() }, Abnormal, ErrUnreachable},
		"not JSON":    {func(r *http.Request, c *websocket.Conn) { text(t, r, c, `{"items":[`); <-r.Context().Done() }, 1007, ErrMalformed},
		"wrong types": {func(r *http.Request, c *websocket.Conn) { text(t, r, c, `{"items":7}`); <-r.Context().Done() }, 1007, ErrMalformed},
		"huge": {func(r *http.Request, c *websocket.Conn) {
			text(t, r, c, `{"items":["`+strings.Repeat("x", 5000)+`"]}`)
			<-r.Context().Done()
		}, 1009, ErrMalformed},
		"binary": {func(r *http.Request, c *websocket.Conn) {
			_ = c.Write(r.Context(), websocket.MessageBinary, []byte("[]"))
			<-r.Context().Done()
		}, 1007, ErrMalformed},
		"echoes": {func(_ *http.Request, c *websocket.Conn) {
			_ = c.Close(websocket.StatusPolicyViolation, "no "+password)
		}, PolicyViolation, ErrUnauthorized},
	} {
		c, endpoint := socket(t, trial.talk, func(cfg *Config) { cfg.MaxBody = 4000 })
		s, err := c.Subscribe(t.Context(), endpoint)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		_, err = s.Next(ctx)
		cancel()
		var closed *ClosedError
		if !errors.As(err, &closed) || closed.Code != trial.code || !errors.Is(err, trial.want) {
			t.Errorf("%s: got %v (%+v), want %d %v", name, err, closed, trial.code, trial.want)
		}
		if strings.Contains(fmt.Sprintf("%v %+v", err, closed), password) {
			t.Errorf("%s: the password shows in %v", name, err)
		}
		_ = s.Close()
	}
}

func TestSubscribeRefused(t *testing.T) {
	server, c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/gone" {
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"messages":[{"id":"CDISW5000E","message":"no such job"}]}`)
		}
	})
	ws := strings.Replace(server.URL, "https", "wss", 1)
	for name, trial := range map[string]struct {
		endpoint Endpoint
		want     error
	}{
		"gone":         {Endpoint{WebSocketURI: ws + "/gone"}, ErrNotFound},
		"no websocket": {Endpoint{WebSocketURI: ws + "/plain"}, ErrMalformed},
		"not offered":  {Endpoint{URI: server.URL}, ErrNoWebSocket},
		"other host":   {Endpoint{WebSocketURI: "wss://127.0.0.2:1/x"}, ErrUntrustedHost},
		"clear text":   {Endpoint{WebSocketURI: strings.Replace(ws, "wss", "ws", 1)}, ErrUntrustedHost},
	} {
		if _, err := c.Subscribe(t.Context(), trial.endpoint); !errors.Is(err, trial.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	_, stranger := serve(t, func(http.ResponseWriter, *http.Request) {}, func(cfg *Config) { cfg.URL, cfg.Password = server.URL, NewSecret("wrong") })
	if _, err := stranger.Subscribe(t.Context(), Endpoint{WebSocketURI: ws + "/x"}); !errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrUnreachable) {
		t.Errorf("wrong password: %v", err)
	}
	server.Close()
	if _, err := c.Subscribe(t.Context(), Endpoint{WebSocketURI: ws + "/x"}); !errors.Is(err, ErrUnreachable) {
		t.Errorf("server gone: %v", err)
	}
}

func TestPingFindsASilentPeer(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	c, endpoint := socket(t, func(r *http.Request, conn *websocket.Conn) {
		text(t, r, conn, `{"items":[1]}`)
		<-release // never reads: pings stay unanswered, as by a stopped process
	}, func(cfg *Config) { cfg.Timeout = 300 * time.Millisecond })
	s, err := c.Subscribe(t.Context(), endpoint)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := s.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, ErrUnreachable) {
		t.Errorf("got %v", err)
	}
}

func TestSilenceEndsTheSubscription(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	c, endpoint := socket(t, func(*http.Request, *websocket.Conn) { <-release }, func(cfg *Config) {
		cfg.Timeout, cfg.PingInterval = 300*time.Millisecond, 20*time.Millisecond
	})
	s, err := c.Subscribe(t.Context(), endpoint)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var closed *ClosedError
	if _, err := s.Next(ctx); !errors.As(err, &closed) || closed.Code != Abnormal || !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), "no sign of life") {
		t.Errorf("got %v", err)
	}
}

func TestPingOfALivePeer(t *testing.T) {
	c, endpoint := socket(t, func(r *http.Request, conn *websocket.Conn) { <-conn.CloseRead(r.Context()).Done() })
	s, err := c.Subscribe(t.Context(), endpoint)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Next(ctx); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrClosed) {
		t.Errorf("waiting in vain: %v", err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("a wait that ended hurt the stream: %v", err)
	}
	_ = s.Close()
	if _, err := s.Next(t.Context()); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestASlowCallerIsTold(t *testing.T) {
	const frames = frameBuffer + 20
	c, endpoint := socket(t, func(r *http.Request, conn *websocket.Conn) {
		for range frames {
			text(t, r, conn, `{"items":[1]}`)
		}
		<-conn.CloseRead(r.Context()).Done()
	})
	s, err := c.Subscribe(t.Context(), endpoint)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for deadline := time.Now().Add(10 * time.Second); !s.stalled.Load(); {
		if time.Now().After(deadline) {
			t.Fatal("the reader never had to wait")
		}
		time.Sleep(time.Millisecond)
	}
	late := 0
	for i := range frames {
		frame, err := s.Next(t.Context())
		if err != nil {
			t.Fatalf("frame %d: %v", i, err)
		}
		if frame.Late {
			late++
		}
	}
	if late == 0 || late > 20 {
		t.Errorf("%d of %d frames marked late", late, frames)
	}
}

func TestDialIsBounded(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	_, c := serve(t, func(http.ResponseWriter, *http.Request) {}, func(cfg *Config) {
		cfg.URL, cfg.Timeout = "https://"+silent.Addr().String(), 200*time.Millisecond
	})
	if _, err := c.Subscribe(t.Context(), Endpoint{WebSocketURI: "wss://" + silent.Addr().String()}); !errors.Is(err, ErrUnreachable) {
		t.Errorf("got %v", err)
	}
}
