package fleet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/crossdc/failover/support/environment/hosts"
	"github.com/crossdc/failover/support/environment/hostsfile"
	"github.com/crossdc/failover/support/environment/ssh"
	"github.com/crossdc/failover/support/fault/agent/client"
	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// longest is how long the agent may take over one request: as long as a command of a service.
const longest = 2 * time.Minute

// member is one host.
type member struct {
	host    hostsfile.Host
	options Options

	opening sync.Mutex // held while it is reached
	mu      sync.Mutex
	open    *conversation // nil: not reached yet, or lost
	taken   *renewal      // nil: no lease
}

// conversation is a connection to a host and to the agent there.
type conversation struct {
	ssh     *ssh.Host
	placed  *ssh.Placed
	agent   *client.Client
	welcome protocol.Welcome
}

func (m *member) now() *conversation {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.open
}

// reached is the conversation with the host, a new one where there is none.
func (m *member) reached(ctx context.Context) (*conversation, error) {
	m.opening.Lock()
	defer m.opening.Unlock()
	if c := m.now(); c != nil {
		return c, nil
	}
	c, err := m.reach(ctx)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open = c
	return c, nil
}

func (m *member) reach(ctx context.Context) (c *conversation, err error) {
	c = &conversation{}
	if c.ssh, err = ssh.Dial(ctx, hosts.Target(m.host), m.options.Limits); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close(ctx, m.options.Limits.Request))
		}
	}()
	path, err := c.ssh.Path(ctx)
	if err != nil {
		return c, err
	}
	architecture, err := c.ssh.Architecture(ctx)
	if err != nil {
		return c, err
	}
	program, err := m.options.Programs(ctx, architecture)
	if err != nil {
		return c, err
	}
	if c.placed, err = c.ssh.Place(ctx, program); err != nil {
		return c, err
	}
	session, err := c.ssh.Start(ctx, m.host.Command(c.placed.Program, "-vanish"))
	if err != nil {
		return c, err
	}
	c.agent = client.New(session, client.WithLimit(longest))
	limited, cancel := context.WithTimeout(ctx, m.options.Limits.Request)
	defer cancel()
	c.welcome, err = c.agent.Hello(limited, protocol.Hello{Holder: m.options.Holder, Management: []protocol.Endpoint{path}})
	if complaint := strings.TrimSpace(string(session.Complaints())); err != nil && complaint != "" {
		err = fmt.Errorf("%w (it complained %.300q)", err, complaint)
	}
	return c, err
}

// close ends the conversation and takes the agent away.
func (c *conversation) close(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	var problems []error
	if c.agent != nil {
		problems = append(problems, c.agent.Close())
	}
	if c.placed != nil {
		problems = append(problems, c.placed.Remove(ctx))
	}
	return errors.Join(append(problems, c.ssh.Close())...)
}

func (m *member) close(ctx context.Context) error {
	given := m.give(ctx)
	m.opening.Lock()
	defer m.opening.Unlock()
	c := m.now()
	if c == nil {
		return given
	}
	m.forget(c)
	return errors.Join(given, c.close(ctx, m.options.Limits.Request))
}

func (m *member) forget(c *conversation) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.open == c {
		m.open = nil
	}
}

// drop gives up a conversation that failed, so that the next request opens another.
func (m *member) drop(ctx context.Context, c *conversation) {
	m.opening.Lock()
	defer m.opening.Unlock()
	if m.now() != c {
		return
	}
	m.forget(c)
	_ = c.close(ctx, m.options.Limits.Request) // it is lost already; what is left of it in memory the next one cannot reach either
}

// once asks the agent something that must not be asked twice.
func (m *member) once(ctx context.Context, limit time.Duration, ask func(context.Context, *conversation) error) error {
	c, err := m.reached(ctx)
	if err != nil {
		return err
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err = ask(limited, c)
	if err != nil && !refused(err) && ctx.Err() == nil {
		m.drop(ctx, c)
	}
	return err
}

// ask asks the agent, and once more on a new connection where the first was lost or fell silent: what acts on the host is known there.
func (m *member) ask(ctx context.Context, ask func(context.Context, *conversation) error) error {
	return m.askFor(ctx, m.options.Limits.Request, ask)
}

func (m *member) askFor(ctx context.Context, limit time.Duration, ask func(context.Context, *conversation) error) error {
	err := m.once(ctx, limit, ask)
	if err == nil || refused(err) || ctx.Err() != nil {
		return err
	}
	return m.once(ctx, limit, ask)
}

// refused reports that the agent answered, and what it answered is no.
func refused(err error) bool {
	var no *protocol.Error
	return errors.As(err, &no)
}

// unknown reports that the host knows nothing of a fault, any more or at all.
func unknown(err error) bool {
	var no *protocol.Error
	return errors.As(err, &no) && no.Code == protocol.CodeUnknown
}
