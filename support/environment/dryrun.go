package environment

import (
	"context"
	"fmt"
	"time"

	"github.com/crossdc/failover/support/environment/fleet"
	"github.com/crossdc/failover/support/fault"
)

// DryRun prints what faults would do on the hosts, every transaction, and does nothing. Where no host is reached it has nothing to say.
func DryRun(ctx context.Context, env *Environment) []Finding {
	link, ok := env.link.(*hostLink)
	if !ok {
		return nil
	}
	findings := []Finding{{Where: "dry run", What: "armed", State: Fits, Says: "CROSSDC_ARMED names both hosts files: scenarios break things"}}
	if link.refused != "" {
		findings[0].State, findings[0].Says = Notable, link.refused
	}
	add := func(what string, plans []fleet.Planned, err error) {
		if err != nil {
			findings = append(findings, Finding{Where: "dry run", What: what, State: Notable, Says: err.Error()})
		}
		for _, plan := range plans {
			for i, step := range plan.Transactions {
				findings = append(findings, Finding{Where: "dry run", What: what, State: Fits, Says: fmt.Sprintf("%s, step %d: %s", plan.Host, i+1, step)})
			}
			findings = append(findings, Finding{Where: "dry run", What: what, State: Fits, Says: fmt.Sprintf("%s ends by itself: %s", plan.Host, plan.Guard)})
		}
	}
	const sample = time.Minute // how long it would last decides the scenario
	for _, rule := range []fault.LinkRule{
		{Ports: fault.AllPorts, Mode: fault.Refuse}, {Ports: fault.AllPorts, Mode: fault.Blackhole}, {Ports: fault.AllPorts, Mode: fault.Lossy, Lost: 0.05},
		{Ports: fault.AllPorts, Mode: fault.Delay, Delay: 20 * time.Millisecond}, {Ports: fault.AllPorts, Mode: fault.Throttle, BytesPerSecond: 1 << 20},
	} {
		rule.Lifetime = sample
		for _, rule.Direction = range fault.Directions() {
			plans, err := link.DryRun(ctx, rule)
			add(string(rule.Mode)+" "+rule.Direction, plans, err)
		}
	}
	for _, dc := range []*DataCenter{env.DC1, env.DC2} {
		processes, ok := dc.onHosts.(*hostProcesses)
		if !ok {
			continue
		}
		for _, deed := range []fault.Deed{fault.Suspending, fault.Killing} {
			plans, err := processes.DryRun(ctx, deed)
			add(string(deed)+" "+dc.Name(), plans, err)
		}
	}
	return findings
}
