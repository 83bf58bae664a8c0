package fleet

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// armedFor is how long a fault waits armed before it disarms itself.
const armedFor = time.Minute

// order is a fault for one host.
type order struct {
	on    *member
	fault protocol.Fault
}

// hit is a fault that was armed on one host.
type hit struct {
	order
	id string

	mu    sync.Mutex
	fired protocol.Fired // zero until then
}

// limit of a request that lets it act or ends it: a command of a service may take its time.
func (o order) limit() time.Duration {
	if o.fault.Service != nil {
		return longest
	}
	return o.on.options.Limits.Request
}

func (h *hit) acted() protocol.Fired {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.fired
}

// arm arms all of them at once. On an error what was armed is disarmed.
func arm(ctx context.Context, orders []order) ([]*hit, error) {
	hits := make([]*hit, len(orders))
	err := together(len(orders), func(i int) error {
		o := orders[i]
		return o.on.ask(ctx, func(ctx context.Context, c *conversation) error {
			armed, err := c.agent.Arm(ctx, protocol.Arm{Fault: o.fault, Wait: armedFor})
			if err == nil {
				hits[i] = &hit{order: o, id: armed.ID}
			}
			return o.failed("arm", err)
		})
	})
	if err == nil {
		return hits, nil
	}
	var armed []*hit
	for _, h := range hits {
		if h != nil {
			armed = append(armed, h)
		}
	}
	_, left := heal(context.WithoutCancel(ctx), armed) // bounded by the limits of each request
	return nil, errors.Join(err, left)
}

// fire lets all of them act at once. On an error some may act.
func fire(ctx context.Context, hits []*hit) error {
	return together(len(hits), func(i int) error {
		h := hits[i]
		return h.on.once(ctx, h.limit(), func(ctx context.Context, c *conversation) error {
			fired, err := c.agent.Fire(ctx, h.id)
			h.mu.Lock()
			defer h.mu.Unlock()
			h.fired = fired
			return h.failed("fire", err)
		})
	})
}

// heal ends all of them at once. One that the host knows no more is over.
func heal(ctx context.Context, hits []*hit) ([]protocol.Healed, error) {
	healed := make([]protocol.Healed, len(hits))
	err := together(len(hits), func(i int) error {
		h := hits[i]
		return h.on.askFor(ctx, h.limit(), func(ctx context.Context, c *conversation) (err error) {
			healed[i], err = c.agent.Heal(ctx, h.id)
			if unknown(err) {
				healed[i], err = protocol.Healed{Was: protocol.PhaseEnded}, nil
			}
			if err == nil && len(healed[i].Ours) > 0 {
				err = fmt.Errorf("it is said to be healed, but left %v", healed[i].Ours)
			}
			return h.failed("heal", err)
		})
	})
	return healed, err
}

// report asks what one of them does; over says that the host knows it no more.
func (h *hit) report(ctx context.Context) (report protocol.Report, over bool, err error) {
	err = h.on.ask(ctx, func(ctx context.Context, c *conversation) (err error) {
		report, err = c.agent.Report(ctx, h.id)
		if over = unknown(err); over {
			return nil
		}
		return h.failed("ask about", err)
	})
	return report, over, err
}

func (o order) failed(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s on host %s: %w", what, o.fault.Kind(), o.on.host.Address, err)
}

// together does n things at once.
func together(n int, do func(i int) error) error {
	problems := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { problems[i] = do(i) })
	}
	all.Wait()
	return errors.Join(problems...)
}

// left are the faults of the given kinds that the hosts knew when they were reached, of a holder or, where it is empty, of anybody.
func (f *Fleet) left(ctx context.Context, holder string, kinds ...string) ([]*hit, error) {
	found := make([][]*hit, len(f.members))
	err := f.each(func(i int, m *member) error {
		c, err := m.reached(ctx)
		if err != nil {
			return err
		}
		for _, known := range c.welcome.Open {
			for _, kind := range kinds {
				if known.Kind == kind && (holder == "" || known.Holder == holder) {
					found[i] = append(found[i], &hit{order: order{on: m, fault: ofKind(kind)}, id: known.ID})
				}
			}
		}
		return nil
	})
	var all []*hit
	for _, list := range found {
		all = append(all, list...)
	}
	return all, err
}

// ofKind is a fault of which no more than its kind is known.
func ofKind(kind string) protocol.Fault {
	switch kind {
	case "cut":
		return protocol.Fault{Cut: &protocol.Cut{}}
	case "delay":
		return protocol.Fault{Delay: &protocol.Delay{}}
	case "corrupt":
		return protocol.Fault{Corrupt: &protocol.Corrupt{}}
	case "duplicate":
		return protocol.Fault{Duplicate: &protocol.Duplicate{}}
	case "narrow":
		return protocol.Fault{Narrow: &protocol.Narrow{}}
	case "rate":
		return protocol.Fault{Rate: &protocol.Rate{}}
	case "hang":
		return protocol.Fault{Hang: &protocol.Hang{}}
	case "kill":
		return protocol.Fault{Kill: &protocol.Kill{}}
	case "fill":
		return protocol.Fault{Fill: &protocol.Fill{}}
	case "readOnly":
		return protocol.Fault{ReadOnly: &protocol.ReadOnly{}}
	case "service":
		return protocol.Fault{Service: &protocol.Service{}}
	}
	return protocol.Fault{}
}
