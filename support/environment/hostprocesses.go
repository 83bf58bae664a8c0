package environment

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/crossdc/failover/support/environment/fleet"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/toolkit/streams"
)

// hostProcesses implements fault.Processes for a data center whose hosts are reached.
type hostProcesses struct {
	*fleet.Processes
	dc      *DataCenter
	refused string        // why nothing may be broken
	lasts   time.Duration // what is done now ends by itself after this
}

// Lasting implements fault.Deadlined.
func (p *hostProcesses) Lasting(d time.Duration) fault.Processes {
	lasting := *p
	lasting.lasts = d
	return &lasting
}

// agentsWord is what the agent calls a deed.
func agentsWord(deed fault.Deed) string {
	switch deed {
	case fault.Killing:
		return "kill"
	case fault.Suspending:
		return "hang"
	}
	return "service"
}

// Cannot implements fault.Deadlined.
func (p *hostProcesses) Cannot(deeds ...fault.Deed) string {
	if p.refused != "" {
		return p.refused
	}
	for _, deed := range deeds {
		if why := p.Processes.Cannot(agentsWord(deed), slices.Contains(deeds, fault.Starting)); why != "" {
			return why
		}
	}
	return ""
}

// Arm implements fault.Deadlined.
func (p *hostProcesses) Arm(ctx context.Context, deed fault.Deed) error {
	return p.Processes.Arm(ctx, deed, p.lasts)
}

// Kill implements fault.Processes. What would start them again is stopped.
func (p *hostProcesses) Kill(ctx context.Context) error { return p.Crash(ctx, p.lasts) }

// Suspend implements fault.Processes.
func (p *hostProcesses) Suspend(ctx context.Context) error { return p.Processes.Suspend(ctx, p.lasts) }

// Resume implements fault.Processes.
func (p *hostProcesses) Resume(ctx context.Context) error { return p.Heal(ctx) }

// SuspendApplication implements fault.Selective.
func (p *hostProcesses) SuspendApplication(ctx context.Context) error {
	instance, err := p.dc.management.knownInstance(ctx)
	if err != nil {
		return err
	}
	ids, err := p.dc.management.PEs(ctx)
	if err != nil {
		return err
	}
	var list []fleet.Numbered
	for id := range ids {
		pe, err := p.dc.management.client.PE(ctx, instance, id)
		if err != nil {
			return err
		}
		pid, ok := pe.PID()
		if !ok {
			return fmt.Errorf("suspend %s/pe %s: the management API tells no process id (%q)", p.dc.Name(), id, pe.ProcessID)
		}
		list = append(list, fleet.Numbered{PID: pid, Address: p.address(ctx, instance, pe)})
	}
	return p.SuspendSome(ctx, list, p.lasts)
}

// CannotStopService implements fault.Serviced.
func (p *hostProcesses) CannotStopService() string { return p.Cannot(fault.Stopping, fault.Starting) }

// StopService implements fault.Serviced.
func (p *hostProcesses) StopService(ctx context.Context) error { return p.StopServices(ctx, p.lasts) }

// ServiceStopped implements fault.Serviced.
func (p *hostProcesses) ServiceStopped(ctx context.Context) (string, error) {
	return p.ServicesStopped(ctx)
}

// KillPE implements fault.Processes.
func (p *hostProcesses) KillPE(ctx context.Context, id string) error {
	instance, err := p.dc.management.knownInstance(ctx)
	if err != nil {
		return err
	}
	pe, err := p.dc.management.client.PE(ctx, instance, id)
	if err != nil {
		return err
	}
	pid, ok := pe.PID()
	if !ok {
		return fmt.Errorf("kill %s/pe %s: the management API tells no process id (%q)", p.dc.Name(), id, pe.ProcessID)
	}
	return p.KillOne(ctx, pid, p.address(ctx, instance, pe))
}

// address is that of the resource that the PE runs on; empty where the management API does not tell it.
func (p *hostProcesses) address(ctx context.Context, instance streams.Instance, pe streams.PE) string {
	link, ok := pe.Link("resource")
	if !ok {
		return ""
	}
	resources, err := p.dc.management.client.Resources(ctx, instance)
	if err != nil {
		return ""
	}
	for _, r := range resources {
		if r.Self == link {
			return r.IPAddress
		}
	}
	return ""
}

// Start implements fault.Processes.
func (p *hostProcesses) Start(ctx context.Context) error {
	if err := p.StartServices(ctx); err != nil {
		return fmt.Errorf("start the services of %s: %w", p.dc.Name(), err)
	}
	return await(ctx, p.dc.Name()+" to answer", func(ctx context.Context) (bool, error) {
		return p.dc.management.Reachable(ctx) == nil, nil
	})
}

// Restore implements fault.Deadlined.
func (p *hostProcesses) Restore(ctx context.Context) error {
	if err := p.Heal(ctx); err != nil {
		return err
	}
	return p.Start(ctx)
}
