package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// Numbered is a process as the management API tells it.
type Numbered struct {
	PID     int
	Address string // of the host that it runs on; empty where that is not told
}

// SuspendSome stops those processes alone, for as long as it lasts. Each must run from below the install folder.
func (p *Processes) SuspendSome(ctx context.Context, which []Numbered, lasts time.Duration) error {
	if len(which) == 0 {
		return fmt.Errorf("the management API of %s tells no process of the application", p.fleet.name)
	}
	hosts, err := p.byHost(ctx)
	if err != nil {
		return err
	}
	chosen := make([][]protocol.Process, len(hosts))
	for _, one := range which {
		on, process, err := p.find(hosts, one.PID, one.Address)
		if err != nil {
			return err
		}
		i := slices.Index(p.fleet.members, on)
		chosen[i] = append(chosen[i], process)
	}
	hits, err := p.arm(ctx, p.orders(chosen, func(list []protocol.Process) protocol.Fault {
		return protocol.Fault{For: lasts, Hang: &protocol.Hang{Processes: list}}
	}))
	if err != nil {
		return err
	}
	return fire(ctx, hits)
}

// Suspended is what the kernels say of what was suspended; an error where one of the processes runs, or none was suspended.
func (p *Processes) Suspended(ctx context.Context) (string, error) {
	return p.shown(ctx, "is suspended", func(f protocol.Fault) bool { return f.Hang != nil })
}

// StopServices stops the service of every host for as long as it lasts.
func (p *Processes) StopServices(ctx context.Context, lasts time.Duration) error {
	hits, err := p.arm(ctx, p.stops(lasts))
	if err != nil {
		return err
	}
	return fire(ctx, hits)
}

// ServicesStopped is what the hosts say of their services; an error where one runs.
func (p *Processes) ServicesStopped(ctx context.Context) (string, error) {
	evidence, err := p.shown(ctx, "is stopped", func(f protocol.Fault) bool { return f.Service != nil })
	if err != nil {
		return "", err
	}
	err = p.fleet.each(func(_ int, m *member) error {
		if m.host.Service == nil {
			return nil
		}
		runs, err := m.runs(ctx, *m.host.Service)
		if err == nil && runs {
			err = errors.New("the status command says that its service runs")
		}
		return err
	})
	return evidence + "; the status commands say that it does not run", err
}

// shown are the reports of what was done in that way.
func (p *Processes) shown(ctx context.Context, what string, of func(protocol.Fault) bool) (string, error) {
	p.mu.Lock()
	hits := slices.Clone(p.hits)
	p.mu.Unlock()
	var texts []string
	for _, h := range hits {
		if !of(h.fault) {
			continue
		}
		report, over, err := h.report(ctx)
		switch {
		case err != nil:
			return "", err
		case over || report.Phase != protocol.PhaseActive || !report.Bites:
			return "", fmt.Errorf("host %s: not everything %s any more (%s)", h.on.host.Address, what, strings.Join(report.Evidence, ", "))
		}
		texts = append(texts, fmt.Sprintf("host %s: %s", h.on.host.Address, strings.Join(report.Evidence, ", ")))
	}
	if len(texts) == 0 {
		return "", fmt.Errorf("nothing of %s %s by us", p.fleet.name, what)
	}
	return strings.Join(texts, "; "), nil
}
