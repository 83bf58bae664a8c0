package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// another is a second run on the same host.
func another(t *testing.T, l *lab, holder string) *lab {
	t.Helper()
	second := &lab{host: l.host, peer: l.peer, state: l.state}
	second.connect(t)
	if _, err := second.Hello(t.Context(), protocol.Hello{Holder: holder, NoManagement: true}); err != nil {
		t.Fatal(err)
	}
	return second
}

func TestAHostIsLeasedToOneRun(t *testing.T) {
	l := newLab(t)
	second := another(t, l, "another run")
	leased, err := l.Lease(t.Context(), time.Minute)
	if err != nil || leased.Holder != "a test" || leased.Left() <= 0 || leased.Left() > time.Minute {
		t.Fatalf("%+v, %v", leased, err)
	}
	_, err = second.Lease(t.Context(), time.Minute)
	refused(t, err, protocol.CodeBusy, `"a test" has a lease of this host`)
	refused(t, err, protocol.CodeBusy, "expires in")
	cut := protocol.Fault{For: time.Minute, Cut: &protocol.Cut{Traffic: protocol.Traffic{Peers: []string{peerAddress}}}}
	_, err = second.Arm(t.Context(), protocol.Arm{Fault: cut, Wait: time.Minute})
	refused(t, err, protocol.CodeBusy, `"a test" has a lease of this host`)
	if welcome, err := second.Hello(t.Context(), protocol.Hello{Holder: "another run", NoManagement: true}); err != nil || welcome.Lease == nil || welcome.Lease.Holder != "a test" {
		t.Errorf("whoever asks is told who has the host: %+v, %v", welcome.Lease, err)
	}
	if _, err := second.Lease(t.Context(), 0); err == nil {
		t.Error("a lease of another was given back")
	}
	renewed, err := l.Lease(t.Context(), 2*time.Minute)
	if err != nil || renewed.SinceNs != leased.SinceNs || renewed.UntilNs <= leased.UntilNs {
		t.Errorf("renewed: %+v, %v; it was %+v", renewed, err, leased)
	}
	if id := l.arm(t, cut).ID; id != "" {
		l.healed(t, id)
	}
	if _, err := l.Lease(t.Context(), 0); err != nil {
		t.Error(err)
	}
	if _, err := second.Lease(t.Context(), time.Minute); err != nil {
		t.Errorf("it was given back: %v", err)
	}
	if _, err := second.Lease(t.Context(), 0); err != nil {
		t.Error(err)
	}
	if err := wait(10*time.Second, func() bool {
		_, err := os.Stat(l.state)
		return errors.Is(err, fs.ErrNotExist) && keepers(l.state) == 0
	}); err != nil {
		left, _ := os.ReadDir(l.state)
		t.Errorf("left: %v, and %d keepers", left, keepers(l.state))
	}
}

// keepers counts the processes that keep something in that folder.
func keepers(state string) (n int) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		line, err := os.ReadFile("/proc/" + e.Name() + "/cmdline")
		if err == nil && strings.Contains(string(line), state+"\x00keep") {
			n++
		}
	}
	return n
}

// Two runs begin at once: one has the host, the other is told who.
func TestOneOfTwoRunsThatBeginAtOnceHasTheHost(t *testing.T) {
	l := newLab(t)
	runs := []*lab{l, another(t, l, "another run")}
	const rounds = 20
	for range rounds {
		problems := make([]error, len(runs))
		var both sync.WaitGroup
		for i, r := range runs {
			both.Go(func() { _, problems[i] = r.Lease(t.Context(), time.Minute) })
		}
		both.Wait()
		if (problems[0] == nil) == (problems[1] == nil) {
			t.Fatalf("both or none: %v", problems)
		}
		for i, err := range problems {
			if err != nil {
				refused(t, err, protocol.CodeBusy, "has a lease of this host")
			} else if _, err := runs[i].Lease(t.Context(), 0); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A holder that is killed keeps the host until its lease expires; nothing is left of it then, with a successor or without.
func TestTheLeaseOfAKilledHolderExpires(t *testing.T) {
	for _, successor := range []bool{false, true} {
		t.Run(fmt.Sprintf("taken over %v", successor), func(t *testing.T) {
			l := newLab(t)
			leased, err := l.Lease(t.Context(), 1500*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			_ = l.agent.Process.Kill()
			if successor {
				second := another(t, l, "the next run")
				if err := wait(30*time.Second, func() bool { _, err = second.Lease(t.Context(), time.Minute); return err == nil }); err != nil {
					t.Fatal(err)
				}
				if early := time.Duration(leased.UntilNs - bootNow()); early > 0 {
					t.Errorf("it was taken over %v before it expired", early)
				}
				time.Sleep(50 * time.Millisecond) // whoever keeps the first one looks at it now
				if welcome, err := second.Hello(t.Context(), protocol.Hello{Holder: "the next run", NoManagement: true}); err != nil || welcome.Lease == nil || welcome.Lease.Holder != "the next run" {
					t.Errorf("the keeper of the lease that expired took that of the next: %+v, %v", welcome.Lease, err)
				}
				if _, err := second.Lease(t.Context(), 0); err != nil {
					t.Error(err)
				}
			}
			if err := wait(30*time.Second, func() bool {
				_, err := os.Stat(l.state)
				return errors.Is(err, fs.ErrNotExist) && keepers(l.state) == 0
			}); err != nil {
				left, _ := os.ReadDir(l.state)
				t.Errorf("left: %v, and %d keepers", left, keepers(l.state))
			}
		})
	}
}
