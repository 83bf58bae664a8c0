package main

import (
	"net"
	"slices"
	"testing"
	"time"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// trips measures n round trips from the peer to the host and back; a lost packet counts as one that took the limit.
func trips(t *testing.T, there, here *net.UDPConn, n int) []time.Duration {
	t.Helper()
	const limit = 2 * time.Second
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 100)
		for {
			size, from, err := here.ReadFrom(buffer)
			if err != nil {
				return
			}
			_, _ = here.WriteTo(buffer[:size], from)
		}
	}()
	var all []time.Duration
	buffer := make([]byte, 100)
	for range n {
		start := time.Now()
		if _, err := there.WriteTo([]byte("a packet"), here.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		_ = there.SetReadDeadline(start.Add(limit))
		_, _, _ = there.ReadFrom(buffer)
		all = append(all, time.Since(start))
	}
	_ = here.SetReadDeadline(time.Now())
	<-done
	_ = here.SetReadDeadline(time.Time{})
	slices.Sort(all)
	return all
}

func TestDelayHoldsEachPacketAndEndsAtItsDeadline(t *testing.T) {
	l := newLab(t)
	here, there := l.host.listen(hostAddress), l.peer.listen(peerAddress)
	const held = 30 * time.Millisecond
	f := protocol.Fault{For: time.Minute, Delay: &protocol.Delay{Traffic: protocol.Traffic{Peers: []string{peerAddress}, Direction: protocol.Incoming}, Delay: held}}
	id, _ := l.fire(t, f)
	during := trips(t, there, here, 21)
	// No packet may be early; how late the middle one is depends on how busy the machine is.
	if during[0] < held || during[10] > held+150*time.Millisecond {
		t.Errorf("round trips took %v .. %v .. %v, want %v and little more", during[0], during[10], during[20], held)
	}
	if report := l.report(t, id); !report.Bites || report.Packets < 21 {
		t.Errorf("%+v", report)
	}
	l.healed(t, id)
	after := trips(t, there, here, 21)
	t.Logf("round trips: %v .. %v .. %v, afterwards %v .. %v", during[0], during[10], during[20], after[0], after[10])
	if after[0] >= held || after[10] >= held {
		t.Errorf("after healing round trips took %v .. %v", after[0], after[10])
	}

	f.For, f.Delay.Jitter = 600*time.Millisecond, 10*time.Millisecond
	_, fired := l.fire(t, f)
	if first := trips(t, there, here, 3); first[0] < held-f.Delay.Jitter && bootNow() < fired.DeadlineNs {
		t.Errorf("with jitter a round trip took %v", first[0])
	}
	_ = l.agent.Process.Kill() // its keeper holds the packets: nothing changes
	if first := trips(t, there, here, 1); first[0] < held-f.Delay.Jitter && bootNow() < fired.DeadlineNs {
		t.Errorf("after the agent's death a round trip took %v", first[0])
	}
	time.Sleep(until(fired.DeadlineNs + int64(50*time.Millisecond)))
	if end := trips(t, there, here, 21); end[0] >= held || end[20] >= 2*time.Second {
		t.Errorf("after the deadline round trips took %v .. %v", end[0], end[20])
	}
}

func TestADelayWhoseKeeperDiesLetsPacketsPass(t *testing.T) {
	l := newLab(t)
	here, there := l.host.listen(hostAddress), l.peer.listen(peerAddress)
	armed := l.arm(t, protocol.Fault{For: time.Minute, Delay: &protocol.Delay{Traffic: protocol.Traffic{Peers: []string{peerAddress}}, Delay: time.Second}})
	if err := killKeeper(armed.ID); err != nil {
		t.Fatal(err)
	}
	// Without its keeper it must not even begin.
	_, err := l.Fire(t.Context(), armed.ID)
	refused(t, err, protocol.CodeFailed, "no keeper")
	if all := trips(t, there, here, 5); all[4] >= time.Second {
		t.Errorf("round trips took %v", all)
	}

	id, _ := l.fire(t, protocol.Fault{For: time.Minute, Delay: &protocol.Delay{Traffic: protocol.Traffic{Peers: []string{peerAddress}}, Delay: time.Second}})
	if err := killKeeper(id); err != nil {
		t.Fatal(err)
	}
	if all := trips(t, there, here, 5); all[4] >= time.Second {
		t.Errorf("with nobody at the queue round trips took %v", all)
	}
	l.healed(t, id)
}
