package fault

import (
	"context"
	"fmt"
	"time"
)

// Selective is Processes among which those of the application are known.
type Selective interface {
	// SuspendApplication sends SIGSTOP to the PEs of the application's job alone and returns when the kernel shows them stopped.
	SuspendApplication(ctx context.Context) error
	// Suspended is what the kernel says of what was suspended; an error where one of them runs, or none was.
	Suspended(ctx context.Context) (evidence string, err error)
}

// HangApplication suspends the PEs of a data center's application alone and resumes them after d, or when it is healed if d is 0. The
// platform, and what else runs there, goes on.
func HangApplication(dc string, d time.Duration) Fault {
	bind := signalled(dc, func(dc DataCenter) action { return &hangApplication{hang{dc: dc}} }, Suspending)
	return newFault("hang-application", dc, "the application of "+dc+" hangs: SIGSTOP to its PEs", Parameters{DC: dc, For: d}, footprint{dc: dc},
		func(f Fault, env Environment) (action, string) {
			made, why := bind(f, env)
			if h, ok := made.(*hangApplication); ok && why == "" {
				if _, can := h.dc.Processes().(Selective); !can {
					return nil, "the application's processes cannot be told from the platform's here; set CROSSDC_ENVIRONMENT=hosts for real hosts, or take the fault hang"
				}
			}
			return made, why
		}).takingService().For(d)
}

type hangApplication struct{ hang }

func (h *hangApplication) arm(context.Context) error { return nil } // which processes are meant is asked when it acts

func (h *hangApplication) act(ctx context.Context) error {
	return h.dc.Processes().(Selective).SuspendApplication(ctx)
}

func (h *hangApplication) bite(ctx context.Context) (string, error) {
	evidence, err := h.dc.Processes().(Selective).Suspended(ctx)
	if err != nil {
		return "", err
	}
	if err := h.dc.Management().Reachable(ctx); err != nil {
		return "", fmt.Errorf("%w: the platform of %s does not answer either: %w", ErrTouchedOthers, h.dc.Name(), err)
	}
	return evidence + "; the management API of " + h.dc.Name() + " answers", nil
}
