package fault

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
)

// unarmable is an action whose target does not want to be told beforehand.
type unarmable struct{ noop }

func (unarmable) arm(context.Context) error { return errors.New("the host is full") }

func (unarmable) act(context.Context) error {
	return errors.New("it acted although it could not be armed")
}

// A fault that could not be armed never acts; taking it back needs none of what arming makes.
func TestAFaultThatCannotBeArmedIsTakenBackAndNeverActs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFault("unarmable", dc1, "nothing can be armed", Parameters{}, footprint{}, func(Fault, Environment) (action, string) { return unarmable{}, "" })
		in, err := f.Inject(t.Context(), newWorld(), newJournal(t))
		if err == nil || !strings.Contains(err.Error(), "arm: the host is full") || strings.Contains(err.Error(), "it acted") {
			t.Fatalf("it says %v", err)
		}
		if healing, ok := in.Healing(); !ok || healing.Err != nil {
			t.Errorf("healed %v: %+v", ok, healing)
		}
		if in.Acted.IsZero() || in.T0.Latest.Before(in.T0.Earliest) {
			t.Errorf("acted at %v, t0 %+v", in.Acted, in.T0)
		}
	})
}
