package client_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/fault/agent/client"
	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// answering plays an agent at the other end of a pipe.
func answering(t *testing.T, answer func(protocol.Request) *protocol.Answer) *client.Client {
	t.Helper()
	ours, theirs := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer theirs.Close()
		lines := protocol.NewReader(theirs)
		for {
			line, err := lines.Next()
			if err != nil {
				return
			}
			request, err := protocol.ParseRequest(line)
			if err != nil {
				t.Errorf("the client sent %s: %v", line, err)
				return
			}
			if a := answer(request); a != nil {
				a.ID = request.ID
				if protocol.Write(theirs, a) != nil {
					return
				}
			}
		}
	}()
	c := client.New(ours, client.WithLimit(2*time.Second))
	t.Cleanup(func() { _ = c.Close(); <-done })
	return c
}

func TestAnswersReachTheirRequests(t *testing.T) {
	c := answering(t, func(r protocol.Request) *protocol.Answer {
		if r.Hello != nil {
			return &protocol.Answer{Hello: &protocol.Welcome{Version: r.Hello.Version, Host: "east"}}
		}
		return &protocol.Answer{Error: &protocol.Error{Code: protocol.CodeUnknown, Text: "no fault " + r.Fire.ID, Remedy: "arm it"}}
	})
	welcome, err := c.Hello(t.Context(), protocol.Hello{Holder: "a test", NoManagement: true})
	if err != nil || welcome.Host != "east" || welcome.Version != protocol.Version {
		t.Fatalf("hello gave %+v, %v", welcome, err)
	}
	_, err = c.Fire(t.Context(), "k1")
	var refused *protocol.Error
	if !errors.As(err, &refused) || refused.Code != protocol.CodeUnknown || !strings.Contains(err.Error(), "arm it") {
		t.Fatalf("an error of the agent should be one of ours, with its remedy: %v", err)
	}
}

func TestEveryRequestHasItsDeadline(t *testing.T) {
	c := answering(t, func(r protocol.Request) *protocol.Answer { return nil })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Report(ctx, "k1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("a silent agent should cost no more than the context's deadline: %v", err)
	}
}

func TestAPeerThatReadsNothingCostsOneLimit(t *testing.T) {
	ours, theirs := net.Pipe()
	defer theirs.Close()
	c := client.New(ours, client.WithLimit(20*time.Millisecond))
	for range 2 { // the second does not get past the first that hangs
		if _, err := c.Clock(t.Context()); err == nil || !strings.Contains(err.Error(), "no answer within 20ms") {
			t.Fatalf("want the limit: %v", err)
		}
	}
	if err := c.Close(); err != nil { // joins the writer that hangs
		t.Fatal(err)
	}
	if _, err := c.Clock(t.Context()); !errors.Is(err, client.ErrClosed) {
		t.Fatalf("after Close: %v", err)
	}
}

func TestTheEndOfTheAgentIsSaid(t *testing.T) {
	ours, theirs := net.Pipe()
	c := client.New(ours)
	defer c.Close()
	theirs.Close()
	if _, err := c.Clock(t.Context()); !errors.Is(err, client.ErrClosed) {
		t.Fatalf("want the end of the conversation: %v", err)
	}
}

func TestWrongRequestsAreNotSent(t *testing.T) {
	c := answering(t, func(r protocol.Request) *protocol.Answer { t.Errorf("sent: %+v", r); return nil })
	if _, err := c.Heal(t.Context(), "../x"); err == nil || !strings.Contains(err.Error(), `"../x"`) {
		t.Fatalf("want the wrong id named: %v", err)
	}
}

func TestClockBoundsTheOffset(t *testing.T) {
	const ahead = 3 * time.Second
	c := answering(t, func(r protocol.Request) *protocol.Answer {
		return &protocol.Answer{Clock: &protocol.Clock{BootNs: int64(time.Hour), UnixNs: time.Now().Add(ahead).UnixNano()}}
	})
	o, err := c.Clock(t.Context())
	if err != nil || o.Offset-o.Bound > ahead || o.Offset+o.Bound < ahead {
		t.Fatalf("offset %v +- %v should contain %v: %v", o.Offset, o.Bound, ahead, err)
	}
}
