package fleet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// portsPage is the catalogue of a toolkit listener's ports; asking for it does not count as a heartbeat (toolkit contract 4.2).
const portsPage = "/ports/info"

// probed is an outcome of a probe as the network's error that its host saw.
type probed struct {
	text  string
	cause error
}

func (p *probed) Error() string { return p.text }
func (p *probed) Unwrap() error { return p.cause }

// Probe implements fault.Link: the first host of the data center that sends opens the connection, to every host that may listen there. One
// answer is enough, because the toolkit listens on one of them.
func (l *Link) Probe(ctx context.Context, direction string, port int) error {
	_, err := l.ProbeTook(ctx, direction, port)
	return err
}

// ProbeTook implements fault.Timing.
func (l *Link) ProbeTook(ctx context.Context, direction string, port int) (time.Duration, error) {
	from, to := l.ends(direction)
	asks := from.members[0]
	results, took := make([]error, len(to.members)), make([]time.Duration, len(to.members))
	_ = together(len(to.members), func(i int) error {
		took[i], results[i] = l.probe(ctx, asks, to.members[i], port)
		return nil
	})
	for i, err := range results {
		if err == nil {
			return took[i], nil
		}
	}
	for i, err := range results { // who is asked in vain tells most: the others only say that nobody listens there
		if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, syscall.ECONNRESET) {
			return took[i], err
		}
	}
	return took[0], results[0]
}

func (l *Link) probe(ctx context.Context, asks, answers *member, port int) (took time.Duration, err error) {
	limit := protocol.MaxProbe
	if deadline, ok := ctx.Deadline(); ok {
		limit = min(limit, time.Until(deadline))
	}
	if limit < time.Millisecond {
		return 0, fmt.Errorf("no time is left for host %s to ask host %s", asks.host.Address, answers.host.Address)
	}
	// A host that cannot be reached by us says nothing of the link: its error must not pass for an effect of a fault, and a connection
	// that is made anew must not use up the time of the probe.
	reaching := context.WithoutCancel(ctx)
	there, err := answers.reached(reaching)
	if err != nil {
		return 0, fmt.Errorf("reach host %s: %v", answers.host.Address, err)
	}
	if _, err := asks.reached(reaching); err != nil {
		return 0, fmt.Errorf("reach host %s: %v", asks.host.Address, err)
	}
	address, _, err := answers.applicationEnd(there.welcome)
	if err != nil {
		return 0, err
	}
	target := net.JoinHostPort(address.String(), strconv.Itoa(l.port+port))
	var result protocol.Probed
	err = asks.once(context.WithoutCancel(ctx), limit+asks.options.Limits.Request, func(ctx context.Context, c *conversation) (err error) {
		result, err = c.agent.Probe(ctx, protocol.Probe{Address: target, Path: portsPage, Limit: limit})
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("let host %s ask %s for its ports: %v", asks.host.Address, target, err)
	}
	took = time.Duration(result.TookNs)
	text := fmt.Sprintf("host %s asked %s for its ports: %s", asks.host.Address, target, result.Text)
	switch result.Outcome {
	case protocol.Answered:
		if result.Status != 200 {
			return took, &probed{text: fmt.Sprintf("host %s asked %s for its ports: it answered %d", asks.host.Address, target, result.Status)}
		}
		return took, nil
	case protocol.Refused:
		return took, &probed{text, syscall.ECONNREFUSED}
	case protocol.WasReset:
		return took, &probed{text, syscall.ECONNRESET}
	case protocol.Silent:
		return took, &probed{text, os.ErrDeadlineExceeded}
	}
	return took, &probed{text: text}
}
