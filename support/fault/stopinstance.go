package fault

import (
	"context"
	"errors"
	"fmt"
)

// StopInstance stops the Streams instance and so cancels its jobs, without an orderly shutdown (S07). Healed by starting
// it and submitting the application again.
func StopInstance(dc string) Fault {
	return newFault("stop-instance", dc, "the instance of "+dc+" is stopped", Parameters{DC: dc}, footprint{dc: dc},
		resubmitted(dc, func(dc DataCenter) action { return &stopInstance{dc: dc} })).forgetting()
}

type stopInstance struct{ dc DataCenter }

func (s *stopInstance) recall(string) {}

func (s *stopInstance) prepare(ctx context.Context) (string, error) {
	_, err := serving(ctx, s.dc)
	return "", err
}

func (s *stopInstance) act(ctx context.Context) error { return s.dc.Management().StopInstance(ctx) }

func (s *stopInstance) bite(ctx context.Context) (string, error) {
	return shows(ctx, s.dc, notRunning, refused)
}

func (s *stopInstance) heal(ctx context.Context) error {
	if s.dc.Management().Reachable(ctx) != nil {
		if err := s.dc.Management().StartInstance(ctx); err != nil {
			return err
		}
	}
	return resubmit(ctx, s.dc)
}

func (s *stopInstance) gone(ctx context.Context) (string, error) { return servesAgain(ctx, s.dc) }

func (s *stopInstance) asLeft(ctx context.Context, last string) error {
	err := s.dc.Management().Reachable(ctx)
	if errors.Is(err, ErrNotRunning) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ask %s for its instance: %w", s.dc.Name(), err)
	}
	job, err := listed(ctx, s.dc)
	switch {
	case err != nil:
		return err
	case job == "" && healingBegan(last): // started by a healing that died half way
		return nil
	}
	return fmt.Errorf("the instance of %s was started since (job %q)", s.dc.Name(), job)
}
