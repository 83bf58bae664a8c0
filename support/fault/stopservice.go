package fault

import (
	"context"
	"fmt"
)

// Serviced is Processes that a service of the system starts and supervises.
type Serviced interface {
	// CannotStopService says why it cannot be stopped and started, with what to do about it, or is empty. It asks nobody.
	CannotStopService() string
	// StopService stops it on every host by the configured command.
	StopService(ctx context.Context) error
	// ServiceStopped is what its status commands say; an error where it runs.
	ServiceStopped(ctx context.Context) (evidence string, err error)
}

// StopService stops the service that a data center's product is on its hosts by the command that an administrator would use. Healed by
// starting it, with empty memory.
func StopService(dc string) Fault {
	return newFault("stop-service", dc, "the service of "+dc+" is stopped on its hosts", Parameters{DC: dc}, footprint{dc: dc},
		func(f Fault, env Environment) (action, string) {
			at, reason := side(env, dc)
			if reason != "" {
				return nil, reason
			}
			serviced, ok := at.Processes().(Serviced)
			if !ok {
				return nil, "it has no service of the system here; set CROSSDC_ENVIRONMENT=hosts and name its commands in the hosts file"
			}
			if why := serviced.CannotStopService(); why != "" {
				return nil, why
			}
			return &stopService{crash{dc: bounded(at, f.life())}}, ""
		}).forgetting()
}

type stopService struct{ crash }

func (s *stopService) arm(context.Context) error { return nil } // a command takes its time; nothing is gained

func (s *stopService) service() (Serviced, error) {
	serviced, ok := s.dc.Processes().(Serviced)
	if !ok {
		return nil, fmt.Errorf("%s has no service of the system any more", s.dc.Name())
	}
	return serviced, nil
}

func (s *stopService) act(ctx context.Context) error {
	serviced, err := s.service()
	if err != nil {
		return err
	}
	return serviced.StopService(ctx)
}

func (s *stopService) bite(ctx context.Context) (string, error) {
	serviced, err := s.service()
	if err != nil {
		return "", err
	}
	return serviced.ServiceStopped(ctx)
}

func (s *stopService) asLeft(ctx context.Context, _ string) error {
	_, err := s.bite(ctx)
	return err
}
