package main

import (
	"encoding/binary"
	"errors"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// A link that flaps is cut and works by turns, each cut ends on time, and nothing is cut beyond the deadline, whatever becomes of the agent.
// Without its keeper no further cut begins.
func TestAFlappingLinkWorksBetweenItsCuts(t *testing.T) {
	const down, up = 200 * time.Millisecond, 400 * time.Millisecond
	// A keeper that gets no core may begin a cut late, and end it as late.
	const late = 150 * time.Millisecond
	for name, befall := range map[string]func(t *testing.T, l *lab, id string){
		"nothing":               func(*testing.T, *lab, string) {},
		"kill -9 of the agent":  func(t *testing.T, l *lab, _ string) { misfortunes["kill -9"](t, l) },
		"kill -9 of its keeper": func(t *testing.T, _ *lab, id string) { noError(t, killKeeper(id)) },
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			here, there := l.host.listen(hostAddress), l.peer.listen(peerAddress)
			id, fired := l.fire(t, protocol.Fault{For: 5*(down+up) - up/2, Cut: &protocol.Cut{
				Traffic: protocol.Traffic{Peers: []string{peerAddress}, Direction: protocol.Incoming}, Down: down, Up: up}})
			begun := fired.DeadlineNs - int64(5*(down+up)-up/2)
			befall(t, l, id)
			lost := lostUntil(t, there, here, fired.DeadlineNs+int64(200*time.Millisecond))
			cuts := map[int64]bool{}
			for _, at := range lost {
				cut, into := (at-begun)/int64(down+up), time.Duration((at-begun)%int64(down+up))
				cuts[cut] = true
				if into > down+late || at > fired.DeadlineNs+int64(20*time.Millisecond) {
					t.Errorf("a packet was lost %v into cut %d, %v before the end", into, cut, time.Duration(fired.DeadlineNs-at))
				}
			}
			t.Logf("%d packets lost in cuts %v", len(lost), cuts)
			switch keeper := name != "kill -9 of its keeper"; {
			case keeper && len(cuts) < 4: // one may have come too late to meet a packet
				t.Errorf("packets were lost in cuts %v, want 5 of them", cuts)
			case !keeper && len(cuts) > 1: // the first comes with the table
				t.Errorf("packets were lost in cuts %v without a keeper", cuts)
			}
			if name == "nothing" {
				l.host.in(func() error { return wait(2*time.Second, func() bool { return noChains() }) })
				if report := l.report(t, id); report.Phase != protocol.PhaseEnded || !report.Bites || report.Packets != uint64(len(lost)) || len(report.Ours) > 0 {
					t.Errorf("%d packets were lost, the kernel says %+v", len(lost), report)
				}
			}
		})
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lostUntil sends a packet every two milliseconds until that instant of the boot clock, and tells when those were sent that did not arrive.
func lostUntil(t *testing.T, from, to *net.UDPConn, end int64) (lost []int64) {
	t.Helper()
	arrived := map[int64]bool{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 8)
		for {
			if _, _, err := to.ReadFrom(buffer); err != nil {
				return
			}
			arrived[int64(binary.BigEndian.Uint64(buffer))] = true
		}
	}()
	var sent []int64
	for now := bootNow(); now < end; now = bootNow() {
		sent = append(sent, now)
		if _, err := from.WriteTo(binary.BigEndian.AppendUint64(nil, uint64(now)), to.LocalAddr()); err != nil && !errors.Is(err, unix.EPERM) {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Millisecond)
	}
	_ = to.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	<-done
	_ = to.SetReadDeadline(time.Time{})
	for _, at := range sent {
		if !arrived[at] {
			lost = append(lost, at)
		}
	}
	return lost
}
