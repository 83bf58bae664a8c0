package main

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// What may become of an agent while its fault acts.
var misfortunes = map[string]func(t *testing.T, l *lab){
	"nothing":             func(*testing.T, *lab) {},
	"end of its input":    func(t *testing.T, l *lab) { _ = l.Close() },
	"kill -9":             func(t *testing.T, l *lab) { _ = l.agent.Process.Kill() },
	"SIGSTOP":             func(t *testing.T, l *lab) { _ = l.agent.Process.Signal(syscall.SIGSTOP) },
	"kill -9 and journal": func(t *testing.T, l *lab) { _ = l.agent.Process.Kill(); _ = os.RemoveAll(l.state) },
}

const lasts = 700 * time.Millisecond

func TestACutEndsAtItsDeadlineWhateverBecomesOfTheAgent(t *testing.T) {
	for name, befall := range misfortunes {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			here, there := l.host.listen(hostAddress), l.peer.listen(peerAddress)
			_, fired := l.fire(t, protocol.Fault{For: lasts, Cut: &protocol.Cut{Traffic: protocol.Traffic{Peers: []string{peerAddress}}}})
			befall(t, l)
			before, after := sawEnd(t, there, here, 10*time.Second)
			// Two kernel ticks early (10 ms each where HZ is 100), one and 10 ms late.
			sameEnd(t, "the cut", fired.DeadlineNs, before, after, 20*time.Millisecond, 20*time.Millisecond)
			l.host.in(func() error {
				return wait(2*time.Second, func() bool { return len(chains()) == 0 || name == "kill -9 and journal" })
			})
		})
	}
}

func TestAHangEndsAtItsDeadlineWhateverBecomesOfTheAgent(t *testing.T) {
	for name, befall := range misfortunes {
		if name == "kill -9 and journal" {
			continue // without the journal nobody knows what hangs
		}
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			p, _ := sleeper(t)
			id, fired := l.fire(t, protocol.Fault{For: lasts, Hang: &protocol.Hang{Processes: []protocol.Process{p}}})
			if report := l.report(t, id); !report.Bites || len(report.Ours) != 1 {
				t.Fatalf("it should hang: %+v", report)
			}
			befall(t, l)
			before, after := resumed(t, p)
			sameEnd(t, "the hang", fired.DeadlineNs, before, after, 0, 2*time.Second)
		})
	}
}

// resumed waits until the process runs again; it hung at before and ran at after.
func resumed(t *testing.T, p protocol.Process) (before, after int64) {
	t.Helper()
	before = bootNow()
	err := wait(10*time.Second, func() bool {
		now := bootNow()
		if stat, err := readStat(p.PID); err != nil || stat.state != 'T' {
			after = bootNow()
			return true
		}
		before = now
		return false
	})
	if err != nil {
		t.Fatalf("pid %d does not run again: %v", p.PID, err)
	}
	return before, after
}

func TestWhatIsArmedAndNeverFiredDisarmsItself(t *testing.T) {
	l := newLab(t)
	p, _ := sleeper(t)
	armed, err := l.Arm(t.Context(), protocol.Arm{Fault: protocol.Fault{For: time.Minute, Hang: &protocol.Hang{Processes: []protocol.Process{p}}}, Wait: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if err := wait(5*time.Second, func() bool { return l.report(t, armed.ID).Phase == protocol.PhaseHealed }); err != nil {
		t.Fatal(err)
	}
	_, err = l.Fire(t.Context(), armed.ID)
	refused(t, err, protocol.CodeInvalid, armed.ID)
}

func TestANewAgentHealsWhatADeadOneLeft(t *testing.T) {
	l := newLab(t)
	p, _ := sleeper(t)
	hang, _ := l.fire(t, protocol.Fault{For: time.Minute, Hang: &protocol.Hang{Processes: []protocol.Process{p}}})
	cut, _ := l.fire(t, protocol.Fault{For: time.Minute, Cut: &protocol.Cut{Traffic: protocol.Traffic{Peers: []string{peerAddress}}}})
	_ = l.agent.Process.Kill()
	l.connect(t)
	welcome, err := l.Hello(t.Context(), protocol.Hello{Holder: "another", NoManagement: true})
	if err != nil || len(welcome.Open) != 2 {
		t.Fatalf("the new agent should know both: %+v, %v", welcome.Open, err)
	}
	_, err = l.Arm(t.Context(), protocol.Arm{DryRun: true, Fault: protocol.Fault{For: time.Second, Kill: &protocol.Kill{Processes: []protocol.Process{p}}}})
	refused(t, err, protocol.CodeBusy, "a test")
	l.healed(t, hang)
	l.healed(t, cut)
	if stat, err := readStat(p.PID); err != nil || stat.state == 'T' {
		t.Errorf("pid %d still hangs: %v", p.PID, err)
	}
	here, there := l.host.listen(hostAddress), l.peer.listen(peerAddress)
	if n := arrive(t, there, here, 20); n != 20 {
		t.Errorf("%d of 20 packets arrived", n)
	}
}

func TestNothingStaysOfTheJournal(t *testing.T) {
	l := newLab(t)
	id, _ := l.fire(t, protocol.Fault{For: time.Minute, Cut: &protocol.Cut{Traffic: protocol.Traffic{Peers: []string{peerAddress}}}})
	if info, err := os.Stat(l.state); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the journal should be ours alone: %v, %v", info, err)
	}
	l.healed(t, id)
	_ = l.Close()
	if err := wait(5*time.Second, func() bool { _, err := os.Stat(l.state); return errors.Is(err, fs.ErrNotExist) }); err != nil {
		left, _ := os.ReadDir(l.state)
		t.Errorf("%s is still there with %v", l.state, left)
	}
}
