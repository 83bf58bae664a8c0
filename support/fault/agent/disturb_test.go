package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// numbers sends n numbered packets and returns the numbers in the order in which they arrived.
func numbers(t *testing.T, from, to *net.UDPConn, n int) (got []byte) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 8)
		for {
			size, _, err := to.ReadFrom(buffer)
			if err != nil {
				return
			}
			if size == 1 {
				got = append(got, buffer[0])
			}
		}
	}()
	for i := range n {
		if _, err := from.WriteTo([]byte{byte(i)}, to.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	_ = to.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
	<-done
	_ = to.SetReadDeadline(time.Time{})
	return got
}

func inOrder(n int) (list []byte) {
	for i := range n {
		list = append(list, byte(i))
	}
	return list
}

// passes expects that everything arrives once and in order.
func passes(t *testing.T, from, to *net.UDPConn) {
	t.Helper()
	if got := numbers(t, from, to, 50); !bytes.Equal(got, inOrder(50)) {
		t.Errorf("after the fault packets arrived as %v", got)
	}
}

func TestAShareThatIsHeldIsOvertaken(t *testing.T) {
	l := newLab(t)
	here, there := l.host.listen(hostAddress), l.peer.listen(peerAddress)
	id, _ := l.fire(t, protocol.Fault{For: time.Minute, Delay: &protocol.Delay{
		Traffic: protocol.Traffic{Peers: []string{peerAddress}, Direction: protocol.Incoming}, Delay: 40 * time.Millisecond, Share: 0.2}})
	got := numbers(t, there, here, 200)
	report := l.report(t, id)
	if len(got) != 200 || slices.IsSorted(got) || !report.Bites || report.Packets == 0 || report.Packets > 120 {
		t.Errorf("%d of 200 packets arrived, in order: %v; %+v", len(got), slices.IsSorted(got), report)
	}
	slices.Sort(got)
	if !bytes.Equal(got, inOrder(200)) {
		t.Errorf("not each packet arrived once: %v", got)
	}
	l.healed(t, id)
	passes(t, there, here)
}

func TestPacketsAreDuplicatedOnTheirWayOut(t *testing.T) {
	l := newLab(t)
	here, there := l.host.listen(hostAddress), l.peer.listen(peerAddress)
	traffic := protocol.Traffic{Peers: []string{peerAddress}, Direction: protocol.Outgoing}
	id, _ := l.fire(t, protocol.Fault{For: time.Minute, Duplicate: &protocol.Duplicate{Traffic: traffic}})
	got := numbers(t, here, there, 100)
	slices.Sort(got)
	twice := inOrder(100)
	twice = append(twice, twice...)
	slices.Sort(twice)
	if report := l.report(t, id); !bytes.Equal(got, twice) || !report.Bites || report.Packets != 100 {
		t.Errorf("%d packets arrived of 100 that should twice; %+v", len(got), report)
	}
	l.healed(t, id)
	passes(t, here, there)

	_, fired := l.fire(t, protocol.Fault{For: 300 * time.Millisecond, Duplicate: &protocol.Duplicate{Traffic: traffic}})
	_ = l.agent.Process.Kill()
	time.Sleep(until(fired.DeadlineNs + int64(50*time.Millisecond)))
	passes(t, here, there)
}

func TestCorruptPacketsAreThrownAwayByTheirChecksum(t *testing.T) {
	l := newLab(t)
	here, there := l.host.listen(hostAddress), l.peer.listen(peerAddress)
	traffic := protocol.Traffic{Peers: []string{peerAddress}, Direction: protocol.Incoming}
	id, _ := l.fire(t, protocol.Fault{For: time.Minute, Corrupt: &protocol.Corrupt{Traffic: traffic}})
	// A flipped bit in the ports sends a packet to nobody; none reaches its reader.
	if got := numbers(t, there, here, 100); len(got) > 0 {
		t.Errorf("packets %v arrived", got)
	}
	report := l.report(t, id)
	if !report.Bites || report.Packets != 100 || len(report.Evidence) != 2 || report.Evidence[1] == "the host counts 0 wrong checksums more than before" {
		t.Errorf("%+v", report)
	}
	t.Log(report.Evidence)
	l.healed(t, id)
	passes(t, there, here)

	_, fired := l.fire(t, protocol.Fault{For: 300 * time.Millisecond, Corrupt: &protocol.Corrupt{Traffic: traffic}})
	_ = l.agent.Process.Kill()
	before, after := sawEnd(t, there, here, 10*time.Second)
	sameEnd(t, "the corruption", fired.DeadlineNs, before, after, 20*time.Millisecond, 20*time.Millisecond)
}

// What TCP carries arrives whole and in order through all of it: it is slower.
func TestTCPSurvivesPacketsThatAreHeldCorruptedAndRepeated(t *testing.T) {
	l := newLab(t)
	peers := protocol.Traffic{Peers: []string{peerAddress}}
	in, out := peers, peers
	in.Direction, out.Direction = protocol.Incoming, protocol.Outgoing
	for name, f := range map[string]protocol.Fault{
		"held":      {Delay: &protocol.Delay{Traffic: in, Delay: 5 * time.Millisecond, Share: 0.3}},
		"corrupted": {Corrupt: &protocol.Corrupt{Traffic: in, Share: 0.2}},
		"repeated":  {Duplicate: &protocol.Duplicate{Traffic: out, Share: 0.9}},
	} {
		f.For = time.Minute
		id, _ := l.fire(t, f)
		sent := bytes.Repeat([]byte("what is sent\n"), 200_000) // some 50 packets of a virtual link: that chance spares all of them comes once in 70,000 runs
		got := l.transfer(t, sent)
		if report := l.report(t, id); !bytes.Equal(got, sent) || !report.Bites {
			t.Errorf("%s: %d of %d bytes arrived; %+v", name, len(got), len(sent), report)
		} else {
			t.Logf("%s: %v", name, report.Evidence)
		}
		l.healed(t, id)
	}
}

// transfer sends bytes from the peer to the host over TCP and returns what the host received.
func (l *lab) transfer(t *testing.T, content []byte) (got []byte) {
	t.Helper()
	var listener net.Listener
	l.host.in(func() (err error) { listener, err = net.Listen("tcp", hostAddress+":0"); return err })
	defer listener.Close()
	var conn net.Conn
	l.peer.in(func() (err error) {
		conn, err = net.DialTimeout("tcp", listener.Addr().String(), 20*time.Second)
		return err
	})
	sent := make(chan error, 1)
	go func() {
		_, err := conn.Write(content)
		sent <- errors.Join(err, conn.Close())
	}()
	taken, err := listener.Accept()
	noError(t, err)
	defer taken.Close()
	_ = taken.SetDeadline(time.Now().Add(time.Minute))
	got, err = io.ReadAll(taken)
	noError(t, errors.Join(err, <-sent))
	return got
}

func TestTheTrafficOfSomePortsIsNarrowAndAllElseIsNot(t *testing.T) {
	l := newLab(t)
	here, narrow, wide := l.host.listen(hostAddress), l.peer.listen(peerAddress), l.peer.listen(peerAddress)
	for _, c := range []*net.UDPConn{narrow, wide} {
		raw, err := c.SyscallConn()
		noError(t, err)
		noError(t, raw.Control(func(fd uintptr) { // all of them are sent before one is read
			_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 4<<20)
		}))
	}
	port := uint16(narrow.LocalAddr().(*net.UDPAddr).Port)
	const perSecond = 20_000
	f := protocol.Fault{For: time.Minute, Narrow: &protocol.Narrow{Interface: "wire", BytesPerSecond: perSecond,
		Traffic: protocol.Traffic{Peers: []string{peerAddress}, Ports: []uint16{port}, At: protocol.OnPeer, Direction: protocol.Outgoing}}}
	id, _ := l.fire(t, f)
	// Twice the burst: what is beyond it waits.
	packet := make([]byte, 1000)
	n := 2 * int(burst(perSecond)) / len(packet)
	arrivals := func(to *net.UDPConn) (took time.Duration, got int) {
		start := time.Now()
		for range n {
			if _, err := here.WriteTo(packet, to.LocalAddr()); err != nil && !errors.Is(err, unix.ENOBUFS) {
				t.Fatal(err)
			}
		}
		_ = to.SetReadDeadline(start.Add(30 * time.Second))
		for buffer := make([]byte, 2000); got < n; got++ {
			if _, _, err := to.ReadFrom(buffer); err != nil {
				break
			}
		}
		return time.Since(start), got
	}
	took, got := arrivals(narrow)
	// (n packets - burst) at the rate; nothing may be faster.
	least := time.Duration(float64(n*len(packet)-int(burst(perSecond))) / perSecond * float64(time.Second))
	report := l.report(t, id)
	if got != n || took < least*9/10 || !report.Bites || int(report.Packets) != n || len(report.Ours) < 3 {
		t.Errorf("%d of %d packets took %v, want %v or more; %+v", got, n, took, least, report)
	}
	freely, got := arrivals(wide)
	if got != n || freely > took/2 {
		t.Errorf("on another port %d of %d packets took %v, where it took %v on the narrow one", got, n, freely, took)
	}
	t.Logf("narrow %v, wide %v; %v", took, freely, report.Evidence)
	l.healed(t, id)

	f.For = 300 * time.Millisecond
	_, fired := l.fire(t, f)
	_ = l.agent.Process.Kill()
	time.Sleep(until(fired.DeadlineNs))
	l.host.in(func() error {
		return wait(2*time.Second, func() bool {
			q, err := ourQueue("wire", "htb")
			return err == nil && q == nil && noChains()
		})
	})
	if freely, got := arrivals(narrow); got != n || freely > took/2 {
		t.Errorf("after the deadline %d of %d packets took %v", got, n, freely)
	}
}

func TestOneBitIsFlippedBehindTheHeader(t *testing.T) {
	for range 1000 {
		for _, packet := range [][]byte{append([]byte{0x46}, make([]byte, 30)...), append([]byte{0x60}, make([]byte, 59)...)} {
			from, changed := headerLength(packet), 0
			for i, b := range flipped(slices.Clone(packet)) {
				for diff := b ^ packet[i]; diff != 0; diff &= diff - 1 {
					changed++
					if i < from {
						t.Fatalf("byte %d of a header of %d was changed", i, from)
					}
				}
			}
			if changed != 1 {
				t.Fatal(fmt.Errorf("%d bits were changed", changed))
			}
		}
	}
	if flipped(nil) != nil || flipped([]byte{0x45}) != nil {
		t.Error("what has nothing behind its header stays as it is")
	}
}
