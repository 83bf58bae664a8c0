package environment

import (
	"context"
	"errors"
	"fmt"
)

// Leftovers says what is not as a scenario must leave it: link rules in force, a data center that does not serve.
func (e *Environment) Leftovers(ctx context.Context) ([]string, error) {
	var left []string
	if e.link != nil {
		rules, err := e.link.Rules(ctx)
		if err != nil {
			return nil, err
		}
		for _, rule := range rules {
			left = append(left, fmt.Sprintf("link rule %s %s on %s", rule.Mode, rule.Ports, rule.Direction))
		}
	}
	for _, dc := range []*DataCenter{e.DC1, e.DC2} {
		if !dc.Serving(ctx) {
			left = append(left, dc.Name()+" does not serve")
		}
	}
	return left, nil
}

// Close takes everything away that Open brought.
func (e *Environment) Close(ctx context.Context) error {
	var problems []error
	e.stop.close()
	problems = append(problems, e.lease.Give(ctx)) // over connections that are closed next
	e.lease = nil
	if e.DC1 != nil && e.DC2 != nil { // opening may have failed before
		e.CloseIdle()
	}
	if e.canary != nil {
		problems = append(problems, e.canary.close())
		e.canary = nil
	}
	if e.pulse != nil {
		e.pulse.Stop() // what it measured is still asked for
	}
	e.busy.Stop()
	if e.own != nil {
		problems = append(problems, e.own.close(ctx))
		e.own = nil
	}
	if e.hosts != nil {
		problems = append(problems, e.hosts.close(ctx))
		e.hosts = nil
	}
	return errors.Join(problems...)
}
