package main

import (
	"errors"
	"math"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

func TestPartitionDropsBothWaysAndHeals(t *testing.T) {
	l := newLab(t)
	for _, pair := range [][2]string{{hostAddress, peerAddress}, {hostIn6, peerIn6}} {
		here, there := l.host.listen(pair[0]), l.peer.listen(pair[1])
		if n := arrive(t, there, here, 20) + arrive(t, here, there, 20); n != 40 {
			t.Fatalf("before the cut %d of 40 packets arrived", n)
		}
		id, _ := l.fire(t, protocol.Fault{For: time.Minute, Cut: &protocol.Cut{Traffic: protocol.Traffic{Peers: []string{pair[1]}}}})
		if n := arrive(t, there, here, 20) + arrive(t, here, there, 20); n != 0 {
			t.Errorf("%s: %d of 40 packets passed the cut", pair[1], n)
		}
		report := l.report(t, id)
		if report.Phase != protocol.PhaseActive || !report.Bites || report.Packets < 40 {
			t.Errorf("want 40 packets hit or more: %+v", report)
		}
		if len(report.Ours) == 0 || len(report.Foreign) > 0 && strings.Contains(strings.Join(report.Foreign, " "), "table") {
			t.Errorf("the difference should be our table and no other: %+v", report.Difference)
		}
		if healed := l.healed(t, id); healed.Was != protocol.PhaseActive {
			t.Errorf("was %s", healed.Was)
		}
		if n := arrive(t, there, here, 20) + arrive(t, here, there, 20); n != 40 {
			t.Errorf("after healing %d of 40 packets arrived", n)
		}
		if again := l.healed(t, id); again.Was != protocol.PhaseHealed {
			t.Errorf("healing twice: was %s", again.Was)
		}
	}
}

func TestOneWayCutsOneWay(t *testing.T) {
	l := newLab(t)
	here, there := l.host.listen(hostAddress), l.peer.listen(peerAddress)
	for direction, want := range map[protocol.Direction][2]int{protocol.Incoming: {0, 20}, protocol.Outgoing: {20, 0}} {
		id, _ := l.fire(t, protocol.Fault{For: time.Minute, Cut: &protocol.Cut{Traffic: protocol.Traffic{Peers: []string{peerAddress + "/30"}, Direction: direction}}})
		if got := [2]int{arrive(t, there, here, 20), arrive(t, here, there, 20)}; got != want {
			t.Errorf("%s: %v of 20 arrived here and there, want %v", direction, got, want)
		}
		l.healed(t, id)
	}
}

func TestPortsAreCutAloneAndRejectAnswers(t *testing.T) {
	l := newLab(t)
	var open, shut net.Listener
	l.peer.in(func() (err error) { open, err = net.Listen("tcp", peerAddress+":0"); return err })
	l.peer.in(func() (err error) { shut, err = net.Listen("tcp", peerAddress+":0"); return err })
	t.Cleanup(func() { open.Close(); shut.Close() })
	id, _ := l.fire(t, protocol.Fault{For: time.Minute, Cut: &protocol.Cut{
		Traffic: protocol.Traffic{Peers: []string{peerAddress}, Ports: []uint16{uint16(shut.Addr().(*net.TCPAddr).Port)}}, Verdict: protocol.Reject,
	}})
	dial := func(r *room, address string) (err error) {
		r.in(func() error {
			var conn net.Conn
			if conn, err = net.DialTimeout("tcp", address, 5*time.Second); err == nil {
				_ = conn.Close()
			}
			return nil
		})
		return err
	}
	if err := dial(l.host, shut.Addr().String()); !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("the port that is cut should refuse: %v", err)
	}
	if err := dial(l.host, open.Addr().String()); err != nil {
		t.Errorf("the other port should answer: %v", err)
	}
	l.healed(t, id)

	// From the peer to the host: our reset must get past our own rules.
	var here net.Listener
	l.host.in(func() (err error) { here, err = net.Listen("tcp", hostAddress+":0"); return err })
	t.Cleanup(func() { here.Close() })
	id, _ = l.fire(t, protocol.Fault{For: time.Minute, Cut: &protocol.Cut{Traffic: protocol.Traffic{Peers: []string{peerAddress}}, Verdict: protocol.Reject}})
	if err := dial(l.peer, here.Addr().String()); !errors.Is(err, unix.ECONNREFUSED) {
		t.Errorf("the peer should be refused: %v", err)
	}
	if report := l.report(t, id); !report.Bites {
		t.Errorf("the counter should show it: %+v", report)
	}
	l.healed(t, id)
	if err := dial(l.peer, here.Addr().String()); err != nil {
		t.Errorf("after healing: %v", err)
	}
}

// Both sides listen on the same port, as the toolkit does: the connections to one of them are cut, those to the other are not.
func TestPortsOfOneEndAreCutAlone(t *testing.T) {
	l := newLab(t)
	var here, there net.Listener
	l.host.in(func() (err error) { here, err = net.Listen("tcp", hostAddress+":0"); return err })
	t.Cleanup(func() { here.Close() })
	port := here.Addr().(*net.TCPAddr).Port
	l.peer.in(func() (err error) {
		there, err = net.Listen("tcp", net.JoinHostPort(peerAddress, strconv.Itoa(port)))
		return err
	})
	t.Cleanup(func() { there.Close() })
	dial := func(r *room, to net.Listener) (err error) {
		r.in(func() error {
			var conn net.Conn
			if conn, err = net.DialTimeout("tcp", to.Addr().String(), 5*time.Second); err == nil {
				_ = conn.Close()
			}
			return nil
		})
		return err
	}
	for end, sides := range map[protocol.End]struct{ shutFrom, openFrom *room }{protocol.OnHost: {l.peer, l.host}, protocol.OnPeer: {l.host, l.peer}} {
		to := map[*room]net.Listener{l.peer: here, l.host: there}
		id, _ := l.fire(t, protocol.Fault{For: time.Minute, Cut: &protocol.Cut{
			Traffic: protocol.Traffic{Peers: []string{peerAddress}, Ports: []uint16{uint16(port)}, At: end}, Verdict: protocol.Reject,
		}})
		if err := dial(sides.shutFrom, to[sides.shutFrom]); !errors.Is(err, unix.ECONNREFUSED) {
			t.Errorf("%s: the end that is cut should refuse: %v", end, err)
		}
		if err := dial(sides.openFrom, to[sides.openFrom]); err != nil {
			t.Errorf("%s: the same port of the other end should answer: %v", end, err)
		}
		if report := l.report(t, id); !report.Bites {
			t.Errorf("%s: the counter should show it: %+v", end, report)
		}
		l.healed(t, id)
		if err := dial(sides.shutFrom, to[sides.shutFrom]); err != nil {
			t.Errorf("%s: after healing: %v", end, err)
		}
	}
}

func TestLossHitsItsShare(t *testing.T) {
	l := newLab(t)
	here, there := l.host.listen(hostAddress), l.peer.listen(peerAddress)
	const sent, part = 5000, 0.2
	id, _ := l.fire(t, protocol.Fault{For: time.Minute, Cut: &protocol.Cut{
		Traffic: protocol.Traffic{Peers: []string{peerAddress}, Direction: protocol.Incoming}, Share: part,
	}})
	arrive(t, there, here, sent)
	report := l.report(t, id)
	// Six standard deviations of a binomial: chance passes it once in 500 million runs.
	if off := math.Abs(float64(report.Packets) - sent*part); off > 6*math.Sqrt(sent*part*(1-part)) {
		t.Errorf("%d of %d packets hit, %v asked", report.Packets, sent, part)
	}
	l.healed(t, id)
}

func TestTheManagementPathIsNeverCut(t *testing.T) {
	l := newLab(t) // its management path is 192.0.2.1 to port 22
	for _, traffic := range []protocol.Traffic{{Peers: []string{"192.0.2.1"}}, {Peers: []string{peerAddress, "192.0.0.0/16"}}, {Peers: []string{"192.0.2.1"}, Ports: []uint16{22}}} {
		_, err := l.Arm(t.Context(), protocol.Arm{Fault: protocol.Fault{For: time.Second, Cut: &protocol.Cut{Traffic: traffic}}, DryRun: true})
		refused(t, err, protocol.CodeForbidden, "192.0.2.1")
	}
}

func TestADryRunTellsAndDoesNothing(t *testing.T) {
	l := newLab(t)
	armed, err := l.Arm(t.Context(), protocol.Arm{DryRun: true, Fault: protocol.Fault{For: time.Second, Cut: &protocol.Cut{
		Traffic: protocol.Traffic{Peers: []string{peerAddress}, Ports: []uint16{9714}}, Share: 0.1}}})
	if err != nil || armed.ID != "" {
		t.Fatalf("%+v, %v", armed, err)
	}
	text := strings.Join(armed.Transactions, "\n")
	for _, want := range []string{"add table inet crossdc_", "timeout 1s", "{ 9714 }", "ip saddr " + peerAddress + "/32 tcp sport @ports numgen random mod 1000000 < 100000 counter drop"} {
		if !strings.Contains(text, want) {
			t.Errorf("the dry run does not tell %q:\n%s", want, text)
		}
	}
	l.host.in(func() error {
		if lines, err := chains(); err != nil || len(lines) > 0 {
			t.Errorf("a dry run left %v (%v)", lines, err)
		}
		return nil
	})
}

func TestAReloadOfTheRulesetIsNoticed(t *testing.T) {
	l := newLab(t)
	id, _ := l.fire(t, protocol.Fault{For: time.Minute, Cut: &protocol.Cut{Traffic: protocol.Traffic{Peers: []string{peerAddress}}}})
	l.host.in(func() error {
		conn, err := connect()
		if err != nil {
			return err
		}
		conn.FlushRuleset()
		return conn.Flush()
	})
	if report := l.report(t, id); report.Phase != protocol.PhaseLost || report.Bites {
		t.Errorf("want lost: %+v", report)
	}
	l.healed(t, id)
}
