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
				return wait(2*time.Second, func() bool { return noChains() || name == "kill -9 and journal" })
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

// An agent that somebody suspended ends neither with its input nor by itself: the keeper of its fault ends it after the deadline.
func TestASuspendedAgentIsEndedWithItsFault(t *testing.T) {
	for name, f := range map[string]func(protocol.Process) protocol.Fault{
		"the kernel ends it": func(protocol.Process) protocol.Fault {
			return protocol.Fault{For: lasts, Cut: &protocol.Cut{Traffic: protocol.Traffic{Peers: []string{peerAddress}}}}
		},
		"its keeper ends it": func(p protocol.Process) protocol.Fault {
			return protocol.Fault{For: lasts, Hang: &protocol.Hang{Processes: []protocol.Process{p}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			p, _ := sleeper(t)
			_, fired := l.fire(t, f(p))
			agent := l.agent.Process.Pid
			stat, err := readStat(agent)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.agent.Process.Signal(syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			if err := wait(10*time.Second, func() bool {
				_, err := os.Stat(l.state)
				return errors.Is(err, fs.ErrNotExist) && gone(protocol.Process{PID: agent, StartTicks: stat.start})
			}); err != nil {
				left, _ := os.ReadDir(l.state)
				t.Fatalf("the agent is there, or its journal with %v: %v", left, err)
			}
			if early := time.Duration(fired.DeadlineNs - bootNow()); early > 0 {
				t.Errorf("it was ended %v before the deadline", early)
			}
		})
	}
}

// One that runs again, or that is another process with the same number, is left alone.
func TestOnlyTheSuspendedAgentOfTheFaultIsEnded(t *testing.T) {
	p, ended := sleeper(t)
	if err := syscall.Kill(p.PID, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	j, err := openJournal(stateFolder(t))
	if err != nil {
		t.Fatal(err)
	}
	r := &record{ID: "p1n1t1", Agent: p.PID, AgentStart: p.StartTicks - 1, Phase: protocol.PhaseEnded}
	if err := j.write(r); err != nil {
		t.Fatal(err)
	}
	if err := outlive(j, r); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
		t.Error("another process was ended")
	default:
	}
	if _, err := os.Stat(string(j)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the journal is left: %v", err)
	}
}

// What an agent was told of a fault that is over stays with it: once it is killed nobody else could remove it.
func TestAKilledAgentLeavesNothingOfWhatIsOver(t *testing.T) {
	l := newLab(t)
	cut := func(lasts time.Duration) protocol.Fault {
		return protocol.Fault{For: lasts, Cut: &protocol.Cut{Traffic: protocol.Traffic{Peers: []string{peerAddress}}}}
	}
	healed, _ := l.fire(t, cut(time.Minute))
	l.healed(t, healed)
	ended, _ := l.fire(t, cut(lasts))
	if err := wait(15*time.Second, func() bool { return l.report(t, ended).Phase == protocol.PhaseEnded }); err != nil {
		t.Fatal(err)
	}
	unread, _ := l.fire(t, cut(lasts))
	if err := wait(15*time.Second, func() bool {
		r, err := journal(l.state).read(unread)
		return err == nil && r.Phase == protocol.PhaseEnded
	}); err != nil {
		t.Fatal(err)
	}
	if report := l.report(t, healed); report.Phase != protocol.PhaseHealed {
		t.Errorf("the agent forgot what it healed: %+v", report)
	}
	_ = l.agent.Process.Kill()
	if err := wait(5*time.Second, func() bool { _, err := os.Stat(l.state); return errors.Is(err, fs.ErrNotExist) }); err != nil {
		left, _ := os.ReadDir(l.state)
		t.Errorf("%s is still there with %v", l.state, left)
	}
}

// An agent may be killed at any step of arming: a record always has a keeper, which was there before it.
func TestARecordFindsItsKeeperThere(t *testing.T) {
	j, err := openJournal(stateFolder(t))
	if err != nil {
		t.Fatal(err)
	}
	p, ended := sleeper(t) // stands for the agent
	r := &record{ID: "p1n1t1", Holder: "a test", Agent: p.PID, AgentStart: p.StartTicks, Phase: protocol.PhaseArmed, ArmedUntil: bootNow() + int64(200*time.Millisecond),
		Fault: protocol.Fault{For: time.Minute, Kill: &protocol.Kill{Processes: []protocol.Process{p}}}}
	kept := make(chan error, 1)
	go func() { kept <- keep(j, r.ID) }()
	if err := j.write(r); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(p.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-ended
	if err := <-kept; err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(string(j)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the journal is left: %v", err)
	}
}

// A fault that was armed and lapsed with nobody there to say so keeps no other run from the host, and its record goes with the next agent.
func TestWhatLapsedKeepsNobodyOut(t *testing.T) {
	l := newLab(t)
	p, ended := sleeper(t)
	r := &record{ID: "p1n1t1", Holder: "a dead run", Agent: p.PID, AgentStart: p.StartTicks, Phase: protocol.PhaseArmed, ArmedUntil: bootNow() - int64(2*time.Minute),
		Fault: protocol.Fault{For: time.Minute, Cut: &protocol.Cut{Traffic: protocol.Traffic{Peers: []string{peerAddress}}}}}
	if err := journal(l.state).write(r); err != nil {
		t.Fatal(err)
	}
	l.healed(t, l.arm(t, r.Fault).ID)
	if err := syscall.Kill(p.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-ended
	_ = l.Close()
	if err := wait(5*time.Second, func() bool { _, err := os.Stat(l.state); return errors.Is(err, fs.ErrNotExist) }); err != nil {
		left, _ := os.ReadDir(l.state)
		t.Errorf("%s is still there with %v", l.state, left)
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
