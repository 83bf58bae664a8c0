package fault

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/crossdc/failover/toolkit/access"
)

// Each of these keeps a target from answering, and none of them is what a fault does.
var notTheFault = map[string]error{
	"a refused login":      &access.Error{Op: "read instance i", Status: 401, Class: access.ErrUnauthorized},
	"a bad certificate":    &access.Error{Op: "read instance i", Class: access.ErrTLS, Err: errors.New("x509: certificate signed by unknown authority")},
	"an unknown host":      &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "dc1.example", IsNotFound: true}},
	"a silent name server": &net.OpError{Op: "dial", Err: &net.DNSError{Err: "i/o timeout", Name: "dc1.example", IsTimeout: true}},
	"no route":             &net.OpError{Op: "dial", Err: syscall.EHOSTUNREACH},
	"a tired service":      &access.Error{Op: "read instance i", Status: 503, Class: access.ErrBusy},
}

func TestOnlyWhatAFaultCanCauseIsItsBite(t *testing.T) {
	for name, other := range notTheFault {
		for _, f := range []Fault{Crash(dc1), Hang(dc1, 0), StopInstance(dc1)} {
			t.Run(f.Name+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld()
					w.one.onAct = func() { w.one.fails = other }
					in, err := f.Inject(t.Context(), w, newJournal(t))
					if !errors.Is(err, ErrDidNotBite) || !errors.Is(err, other) || !strings.Contains(err.Error(), "fails in another way than this fault can cause") {
						t.Errorf("taken for the bite: %v", err)
					}
					if in != nil && in.Bite != "" {
						t.Errorf("bite %q", in.Bite)
					}
				})
			})
		}
		for _, mode := range []Mode{Refuse, Reset} {
			t.Run(string(mode)+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld()
					w.link.fails = other
					if _, err := Partition(mode).Inject(t.Context(), w, newJournal(t)); !errors.Is(err, ErrDidNotBite) || !errors.Is(err, other) {
						t.Errorf("taken for the bite: %v", err)
					}
				})
			})
		}
	}
}

func TestEveryModeThatCutsHasTheEffectThatItCanCause(t *testing.T) {
	for _, mode := range append([]Mode{Flapping}, blocking...) {
		if effectOf[mode].shown == nil {
			t.Errorf("mode %q has no effect to be told by", mode)
		}
	}
	// Accepted and then reset is not the same as refused, nor as silent.
	for mode, err := range map[Mode]error{Refuse: syscall.ECONNRESET, Reset: syscall.ECONNREFUSED, HangUp: syscall.ECONNREFUSED, Blackhole: syscall.ECONNRESET} {
		if effectOf[mode].shown(fmt.Errorf("probe: %w", err)) {
			t.Errorf("%v counts as the effect of mode %q", err, mode)
		}
	}
	if !unanswered.shown(context.DeadlineExceeded) || !unanswered.shown(&net.OpError{Op: "dial", Err: timeout{}}) {
		t.Error("an answer that does not come in time is not seen")
	}
}

type timeout struct{}

func (timeout) Error() string   { return "i/o timeout" }
func (timeout) Timeout() bool   { return true }
func (timeout) Temporary() bool { return true }

// A data center that cannot be asked may serve: that its ports do not answer then proves no heal.
func TestAHealIsNotProvenByAServiceThatCannotBeAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		f := Partition(Refuse)
		f.Limits.Heal = 2 * time.Second
		in, err := f.Inject(t.Context(), w, newJournal(t))
		if err != nil {
			t.Fatal(err)
		}
		w.link.dead = true
		w.one.fails = notTheFault["a refused login"]
		w.two.fails = w.one.fails
		if err := in.Heal(t.Context()); !errors.Is(err, ErrNotHealed) || !strings.Contains(err.Error(), "whether its application runs cannot be told") {
			t.Errorf("healed: %v", err)
		}
		w.link.dead, w.one.fails, w.two.fails = false, nil, nil
		if err := in.Heal(t.Context()); err != nil {
			t.Errorf("once they can be asked again: %v", err)
		}
	})
}
