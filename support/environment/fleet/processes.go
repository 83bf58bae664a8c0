package fleet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/crossdc/failover/support/environment/hostsfile"
	"github.com/crossdc/failover/support/fault"
	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// Processes are those of a data center's product: whatever runs on its hosts from below the folder that it is installed in.
type Processes struct {
	fleet  *Fleet
	holder string

	mu      sync.Mutex
	hits    []*hit
	claimed []string
	loaded  []*hit // what was armed beforehand: kills and hangs, and stops of services
}

// NewProcesses knows the hosts and asks them nothing.
func NewProcesses(f *Fleet, holder string) *Processes {
	return &Processes{fleet: f, holder: holder}
}

// Cannot says why no process can be struck, or none be started again where start is demanded.
func (p *Processes) Cannot(kind string, start bool) string {
	for _, m := range p.fleet.members {
		switch {
		case m.host.InstallFolder == "":
			return fmt.Sprintf("host %s of %s names no install_folder in its hosts file, so that its processes are not known", m.host.Address, p.fleet.name)
		case start && m.host.Service == nil:
			return fmt.Sprintf("host %s of %s names no service in its hosts file, so that it could not be started again", m.host.Address, p.fleet.name)
		}
	}
	if why := p.fleet.Cannot(kind); why != "" || !start {
		return why
	}
	return p.fleet.Cannot("service")
}

// byHost are the processes on each host.
func (p *Processes) byHost(ctx context.Context) ([][]protocol.Process, error) {
	list := make([][]protocol.Process, len(p.fleet.members))
	err := p.fleet.each(func(i int, m *member) error {
		if m.host.InstallFolder == "" {
			return errors.New("no install_folder is named in its hosts file")
		}
		return m.ask(ctx, func(ctx context.Context, c *conversation) (err error) {
			list[i], err = c.agent.List(ctx, m.host.InstallFolder)
			return err
		})
	})
	return list, err
}

// numbered makes process ids of several hosts differ: those of the first host are as they are.
func numbered(host, pid int) int { return host<<32 | pid }

// List returns the numbers of the processes that are alive now.
func (p *Processes) List(ctx context.Context) ([]int, error) {
	hosts, err := p.byHost(ctx)
	if err != nil {
		return nil, err
	}
	var list []int
	for i, processes := range hosts {
		for _, one := range processes {
			list = append(list, numbered(i, one.PID))
		}
	}
	return list, nil
}

// killing and stopping rounds: what is started between the list and the signal is found by the next.
const rounds = 5

// Arm prepares a crash or a hang, so that what follows is one short step. What is never fired disarms itself.
func (p *Processes) Arm(ctx context.Context, deed fault.Deed, lasts time.Duration) error {
	var orders []order
	var err error
	if deed == fault.Suspending {
		orders, err = p.hangs(ctx, lasts)
	} else if orders, err = p.kills(ctx, lasts); err == nil {
		orders = append(orders, p.stops(lasts)...)
	}
	if err != nil {
		return err
	}
	hits, err := p.arm(ctx, orders)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.loaded = hits
	return err
}

// unload takes what was armed beforehand, or arms it now.
func (p *Processes) unload(ctx context.Context, deed fault.Deed, lasts time.Duration) (hits []*hit, err error) {
	for range 2 {
		p.mu.Lock()
		hits, p.loaded = p.loaded, nil
		p.mu.Unlock()
		if len(hits) > 0 {
			return hits, nil
		}
		if err := p.Arm(ctx, deed, lasts); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("nothing runs from below the install folders of %s", p.fleet.name)
}

// Crash kills every process and keeps them from being started again, by stopping their service, for as long as it lasts.
func (p *Processes) Crash(ctx context.Context, lasts time.Duration) error {
	armed, err := p.unload(ctx, fault.Killing, lasts)
	if err != nil {
		return err
	}
	var kills, stops []*hit
	for _, h := range armed {
		if h.fault.Kill != nil {
			kills = append(kills, h)
		} else {
			stops = append(stops, h)
		}
	}
	if err := fire(ctx, kills); err != nil {
		return err
	}
	if err := fire(ctx, stops); err != nil {
		return err
	}
	for range rounds {
		again, err := p.kills(ctx, lasts)
		if err != nil || len(again) == 0 {
			return err
		}
		hits, err := arm(ctx, again) // killing is over once it is done: nothing of it is kept
		if err != nil {
			return err
		}
		err = fire(ctx, hits)
		_, ended := heal(ctx, hits)
		if err = errors.Join(err, ended); err != nil {
			return err
		}
	}
	return fmt.Errorf("processes of %s were started again as often as they were killed, %d times; see what supervises them besides its service", p.fleet.name, rounds)
}

// kills are SIGKILL to every process, hangs SIGSTOP.
func (p *Processes) kills(ctx context.Context, lasts time.Duration) ([]order, error) {
	hosts, err := p.byHost(ctx)
	return p.orders(hosts, func(list []protocol.Process) protocol.Fault {
		return protocol.Fault{For: lasts, Kill: &protocol.Kill{Processes: list}}
	}), err
}

func (p *Processes) hangs(ctx context.Context, lasts time.Duration) ([]order, error) {
	hosts, err := p.byHost(ctx)
	return p.orders(hosts, func(list []protocol.Process) protocol.Fault {
		return protocol.Fault{For: lasts, Hang: &protocol.Hang{Processes: list}}
	}), err
}

// stops are the stops of the services, which are started again at the end.
func (p *Processes) stops(lasts time.Duration) (list []order) {
	for _, m := range p.fleet.members {
		if s := m.host.Service; s != nil {
			list = append(list, order{m, protocol.Fault{For: lasts, Service: &protocol.Service{Do: s.Stop, Undo: s.Start, Limit: longest / 2}}})
		}
	}
	return list
}

// find is the process of that id below the install folder, and where. Where several hosts have one, address decides which is meant.
func (p *Processes) find(hosts [][]protocol.Process, pid int, address string) (*member, protocol.Process, error) {
	type place struct {
		on      *member
		process protocol.Process
	}
	var found []place
	for i, list := range hosts {
		for _, one := range list {
			if one.PID == pid {
				found = append(found, place{p.fleet.members[i], one})
			}
		}
	}
	if len(found) > 1 {
		found = slices.DeleteFunc(found, func(at place) bool { return !at.on.answersTo(address) })
	}
	if len(found) != 1 {
		return nil, protocol.Process{}, fmt.Errorf("process %d of %s is that of a program below the install folder on %d of its hosts, and must be on one", pid, p.fleet.name, len(found))
	}
	return found[0].on, found[0].process, nil
}

// KillOne kills the process of that id below the install folder. Where several hosts have one, address decides which is meant.
func (p *Processes) KillOne(ctx context.Context, pid int, address string) error {
	hosts, err := p.byHost(ctx)
	if err != nil {
		return err
	}
	on, one, err := p.find(hosts, pid, address)
	if err != nil {
		return err
	}
	hits, err := arm(ctx, []order{{on, protocol.Fault{For: armedFor, Kill: &protocol.Kill{Processes: []protocol.Process{one}}}}})
	if err != nil {
		return err
	}
	err = fire(ctx, hits)
	_, ended := heal(ctx, hits)
	return errors.Join(err, ended)
}

// answersTo says whether the address is one of the host's.
func (m *member) answersTo(address string) bool {
	c := m.now()
	if c == nil {
		return false
	}
	for _, i := range c.welcome.Interfaces {
		for _, own := range i.Prefixes {
			if len(own) > len(address) && own[:len(address)] == address && own[len(address)] == '/' {
				return true
			}
		}
	}
	return false
}

// Suspend stops every process for as long as it lasts.
func (p *Processes) Suspend(ctx context.Context, lasts time.Duration) error {
	hits, err := p.unload(ctx, fault.Suspending, lasts)
	if err != nil {
		return err
	}
	return fire(ctx, hits)
}

// orders are one fault for each host, or several where it has more processes than one takes.
func (p *Processes) orders(hosts [][]protocol.Process, do func([]protocol.Process) protocol.Fault) (list []order) {
	for i, processes := range hosts {
		for some := range slices.Chunk(processes, protocol.MaxProcesses) {
			list = append(list, order{p.fleet.members[i], do(some)})
		}
	}
	return list
}

// arm arms what is to be ended later.
func (p *Processes) arm(ctx context.Context, orders []order) ([]*hit, error) {
	hits, err := arm(ctx, orders)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hits = append(p.hits, hits...)
	return hits, err
}

// Heal ends what we did to the processes, and what claimed holders did.
func (p *Processes) Heal(ctx context.Context) error {
	p.mu.Lock()
	hits, claimed := slices.Clone(p.hits), slices.Clone(p.claimed)
	p.mu.Unlock()
	for _, holder := range claimed {
		left, err := p.fleet.left(ctx, holder, "hang", "kill", "service")
		if err != nil {
			return err
		}
		hits = append(hits, left...)
	}
	if _, err := heal(ctx, hits); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hits = slices.DeleteFunc(p.hits, func(h *hit) bool { return slices.Contains(hits, h) })
	return nil
}

// StartServices starts the service of every host where it does not run.
func (p *Processes) StartServices(ctx context.Context) error {
	return p.fleet.each(func(_ int, m *member) error {
		if m.host.Service == nil {
			return nil
		}
		if runs, err := m.runs(ctx, *m.host.Service); err != nil || runs {
			return err
		}
		c, err := m.reached(ctx)
		if err != nil {
			return err
		}
		result, err := c.ssh.Run(ctx, m.host.Command(m.host.Service.Start...), nil)
		if err == nil && result.Exit != 0 {
			err = fmt.Errorf("start its service: %q exits with %d: %.300q", m.host.Service.Start, result.Exit, result.Complaints)
		}
		return err
	})
}

// runs asks whether the service runs. What is neither yes nor no is an error: a command that could not be run says nothing of the service.

func (m *member) runs(ctx context.Context, s hostsfile.Service) (bool, error) {
	c, err := m.reached(ctx)
	if err != nil {
		return false, err
	}
	result, err := c.ssh.Run(ctx, m.host.Command(s.Status...), nil)
	if err != nil {
		return false, err
	}
	runs, known := s.Says(result.Exit)
	if !known {
		return false, fmt.Errorf("whether its service runs is not known: %q exits with %d: %.300q; 0 means that it runs, %v that it does not (service/stopped in the hosts file); see why it exits so, or add the code there",
			s.Status, result.Exit, result.Complaints, s.Stopped)
	}
	return runs, nil
}

// Holder implements fault.Held.
func (p *Processes) Holder() string { return p.holder }

// Claim implements fault.Held.
func (p *Processes) Claim(holder string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Contains(p.claimed, holder) {
		p.claimed = append(p.claimed, holder)
	}
}
