package ssh

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/fault/agent/client"
	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// clockOf answers clock requests with a clock that is off by what the function says of each answer.
func clockOf(t *testing.T, off func(answer int) time.Duration) *client.Client {
	t.Helper()
	ours, theirs := net.Pipe()
	agent := client.New(ours)
	done := make(chan struct{})
	go func() {
		defer close(done)
		lines := protocol.NewReader(theirs)
		for i := 0; ; i++ {
			line, err := lines.Next()
			if err != nil {
				return
			}
			request, err := protocol.ParseRequest(line)
			if err != nil {
				t.Error(err)
				return
			}
			if protocol.Write(theirs, protocol.Answer{ID: request.ID, Clock: &protocol.Clock{UnixNs: time.Now().Add(off(i)).UnixNano(), BootNs: 1}}) != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = agent.Close()
		_ = theirs.Close()
		<-done
	})
	return agent
}

func TestTheClockOfAHostIsBounded(t *testing.T) {
	const skew = -42 * time.Second
	got, err := Clock(t.Context(), clockOf(t, func(int) time.Duration { return skew }), 5)
	if err != nil || (got.Offset-skew).Abs() > got.Bound || got.Bound > 10*time.Second {
		t.Errorf("%v, %v: the truth is %v", got, err, skew)
	}
	_, err = Clock(t.Context(), clockOf(t, func(answer int) time.Duration { return time.Duration(answer) * time.Hour }), 3)
	if err == nil || !strings.Contains(err.Error(), "it moved by at least") {
		t.Errorf("a clock that moves: %v", err)
	}
}
