package fault

import (
	"context"
	"fmt"
)

// orderlyShutdown is the toolkit's command, case-sensitive (contract 3.1).
const orderlyShutdown = "OrderlyShutdown"

// OrderlyShutdown announces a planned shutdown to the toolkit, which tells its peer and falls silent until it is restarted
// (contract 5.2 HP8, Q16; S11). Healed by cancelling the job, if the spec did not, and submitting it again.
//
// The management API shows nothing of it: the evidence is that the application accepted the message; that the peer got it
// is for the scenario to observe.
func OrderlyShutdown(dc string) Fault {
	return newFault("orderly-shutdown", dc, dc+" announces an orderly shutdown", Parameters{DC: dc}, footprint{dc: dc},
		resubmitted(dc, func(dc DataCenter) action { return &orderly{cancelJob: cancelJob{dc: dc}} })).forgetting()
}

type orderly struct{ cancelJob }

func (o *orderly) act(ctx context.Context) error {
	return o.dc.Management().SpecialMessage(ctx, orderlyShutdown)
}

func (o *orderly) bite(ctx context.Context) (string, error) {
	job, err := serving(ctx, o.dc)
	if err != nil {
		return "", err
	}
	if job != o.job {
		return "", fmt.Errorf("%s runs job %s now; the message went to job %s", o.dc.Name(), job, o.job)
	}
	return fmt.Sprintf("%s/job %s accepted %s and goes on running", o.dc.Name(), job, orderlyShutdown), nil
}

func (o *orderly) heal(ctx context.Context) error {
	job, err := listed(ctx, o.dc)
	if err != nil {
		return err
	}
	if job != "" && job == o.job {
		if err := o.dc.Management().CancelJob(ctx); err != nil {
			return fmt.Errorf("cancel %s/job %s, which is deaf and mute since its orderly shutdown: %w", o.dc.Name(), job, err)
		}
	}
	return resubmit(ctx, o.dc)
}

func (o *orderly) gone(ctx context.Context) (string, error) {
	return until(ctx, func(ctx context.Context) (string, error) {
		job, err := serving(ctx, o.dc)
		if err != nil {
			return "", err
		}
		if job == o.job {
			return "", fmt.Errorf("%s/job %s still runs and stays silent until it is restarted", o.dc.Name(), job)
		}
		return fmt.Sprintf("%s runs a fresh job %s", o.dc.Name(), job), nil
	})
}

func (o *orderly) asLeft(ctx context.Context, last string) error {
	if err := o.dc.Management().Reachable(ctx); err != nil {
		return fmt.Errorf("the fault silenced a job only, and now %s itself does not answer as it should: %w", o.dc.Name(), err)
	}
	job, err := listed(ctx, o.dc)
	switch {
	case err != nil:
		return err
	case job == o.job, job == "" && (healingBegan(last) || last == eventGoesOn): // silent still, or cancelled as planned, or by a healing that died half way
		return nil
	}
	return fmt.Errorf("%s lists job %q; the fault left job %s", o.dc.Name(), job, o.job)
}

// healingBegan reports whether a healing was under way when its process died.
func healingBegan(last string) bool { return last == eventHealing || last == eventNotHealed }
