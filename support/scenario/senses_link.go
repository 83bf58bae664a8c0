package scenario

import (
	"context"
	"sync"
	"syscall"

	"github.com/crossdc/failover/support/fault"
)

// world is what faults act on.
func (s *senses) world(env fault.Environment) fault.Environment {
	switch {
	case env.Link() == nil:
		return env
	case s.is(deadHeal):
		return distorted{env, incurableLink{env.Link()}}
	case s.is(shortFault):
		return distorted{env, shortLink{env.Link()}}
	case s.is(oneWayPartition):
		return distorted{env, &lyingLink{Link: env.Link(), leaves: func(direction string, _ int) bool { return direction == fault.ToDC1 }}}
	case s.is(heartbeatPartition):
		return distorted{env, &lyingLink{Link: env.Link(), leaves: func(_ string, port int) bool { return port > 0 }}}
	}
	return env
}

// distorted is an environment with another link.
type distorted struct {
	fault.Environment
	link fault.Link
}

// Link implements fault.Environment.
func (d distorted) Link() fault.Link { return d.link }

// incurableLink cannot be healed.
type incurableLink struct{ fault.Link }

// Clear implements fault.Link; it does not.
func (incurableLink) Clear(context.Context, string) error { return nil }

// shortLink lifts rules after half their lives.
type shortLink struct{ fault.Link }

// Apply implements fault.Link.
func (l shortLink) Apply(ctx context.Context, rule fault.LinkRule) error {
	rule.Lifetime /= 2
	return l.Link.Apply(ctx, rule)
}

// lyingLink leaves some ports of some directions alone, and says that it does not.
type lyingLink struct {
	fault.Link
	leaves func(direction string, port int) bool

	mu    sync.Mutex
	rules []fault.LinkRule // as it says
}

// Apply implements fault.Link.
func (l *lyingLink) Apply(ctx context.Context, rule fault.LinkRule) error {
	l.mu.Lock()
	l.rules = append(l.rules, rule)
	l.mu.Unlock()
	switch {
	case rule.Ports == fault.SnapshotPorts && l.leaves(rule.Direction, 1):
		return nil
	case l.leaves(rule.Direction, 0):
		return nil
	case l.leaves(rule.Direction, 1):
		rule.Ports = fault.HeartbeatPort
	}
	return l.Link.Apply(ctx, rule)
}

// Clear implements fault.Link.
func (l *lyingLink) Clear(ctx context.Context, direction string) error {
	l.mu.Lock()
	l.rules = nil
	l.mu.Unlock()
	return l.Link.Clear(ctx, direction)
}

// Rules implements fault.Link.
func (l *lyingLink) Rules(ctx context.Context) ([]fault.LinkRule, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.rules) > 0 {
		return l.rules, nil
	}
	return l.Link.Rules(ctx)
}

// Probe implements fault.Link.
func (l *lyingLink) Probe(ctx context.Context, direction string, port int) error {
	l.mu.Lock()
	lying := len(l.rules) > 0 && l.leaves(direction, port)
	l.mu.Unlock()
	if lying {
		return syscall.ECONNREFUSED // as the relay's own refusal
	}
	return l.Link.Probe(ctx, direction, port)
}
