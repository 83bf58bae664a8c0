package fleet

import (
	"context"
	"fmt"

	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// Planned is what a host would do.
type Planned struct {
	Host         string
	Way          string
	Transactions []string
	Guard        string // how it ends without us
}

// dryRun asks every host what it would do, and does nothing.
func dryRun(ctx context.Context, orders []order) ([]Planned, error) {
	plans := make([]Planned, len(orders))
	err := together(len(orders), func(i int) error {
		o := orders[i]
		return o.on.ask(ctx, func(ctx context.Context, c *conversation) error {
			armed, err := c.agent.Arm(ctx, protocol.Arm{Fault: o.fault, DryRun: true})
			plans[i] = Planned{Host: o.on.host.Address, Way: armed.Way, Transactions: armed.Transactions, Guard: armed.Guard}
			return o.failed("plan", err)
		})
	})
	return plans, err
}

// DryRun says what a rule would do on which host.
func (l *Link) DryRun(ctx context.Context, r fault.LinkRule) ([]Planned, error) {
	orders, err := l.orders(ctx, r)
	if err != nil {
		return nil, err
	}
	return dryRun(ctx, orders)
}

// DryRun says what a crash and a hang would do on which host.
func (p *Processes) DryRun(ctx context.Context, deed fault.Deed) ([]Planned, error) {
	hosts, err := p.byHost(ctx)
	if err != nil {
		return nil, err
	}
	for i, list := range hosts {
		if len(list) == 0 {
			return nil, fmt.Errorf("nothing runs from below %s on host %s", p.fleet.members[i].host.InstallFolder, p.fleet.members[i].host.Address)
		}
	}
	orders := p.orders(hosts, func(list []protocol.Process) protocol.Fault {
		if deed == fault.Suspending {
			return protocol.Fault{For: armedFor, Hang: &protocol.Hang{Processes: list}}
		}
		return protocol.Fault{For: armedFor, Kill: &protocol.Kill{Processes: list}}
	})
	if deed == fault.Killing {
		orders = append(orders, p.stops(armedFor)...)
	}
	return dryRun(ctx, orders)
}
