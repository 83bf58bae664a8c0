// Package fleet acts on the hosts of a data center: one SSH connection and one fault agent on each, opened when they are first needed and
// opened again when they were lost. What it does to a host ends by itself there (see support/fault/agent); this package arms it, fires it,
// asks what it does, and ends it early.
//
// It may import support/environment/hosts, hostsfile and ssh, support/fault, support/fault/agent/client and protocol.
package fleet

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/crossdc/failover/support/environment/hosts"
	"github.com/crossdc/failover/support/environment/hostsfile"
	"github.com/crossdc/failover/support/environment/ssh"
	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// Fleet is the hosts of one data center.
type Fleet struct {
	name    string
	members []*member
}

// Options of New.
type Options struct {
	Programs hosts.Programs // the fault agent
	Holder   string         // who does what is done there, in the targets' journals
	Limits   ssh.Limits
	// Lease is for how long Open takes each host for the holder; it is renewed four times as often, until Close gives it back. 0: none is taken.
	Lease time.Duration
}

// New knows the hosts of the data center and asks them nothing.
func New(name string, file *hostsfile.File, options Options) *Fleet {
	f := &Fleet{name: name}
	for _, h := range file.Hosts {
		f.members = append(f.members, &member{host: h, options: options})
	}
	return f
}

// Open reaches every host at once, lets the agent say what it can do there, and takes the host for the holder where a lease is asked for. A host
// that another holder has is an error that names holder and expiry.
func (f *Fleet) Open(ctx context.Context) error {
	return f.each(func(_ int, m *member) error {
		if _, err := m.reached(ctx); err != nil {
			return err
		}
		return m.take(ctx)
	})
}

// Close gives the hosts back, ends the conversations and takes the agents away. It heals nothing.
func (f *Fleet) Close(ctx context.Context) error {
	return f.each(func(_ int, m *member) error { return m.close(ctx) })
}

// each does something with every host at once.
func (f *Fleet) each(do func(i int, m *member) error) error {
	problems := make([]error, len(f.members))
	var all sync.WaitGroup
	for i, m := range f.members {
		all.Go(func() {
			if err := do(i, m); err != nil {
				problems[i] = fmt.Errorf("host %s: %w", m.host.Address, err)
			}
		})
	}
	all.Wait()
	return errors.Join(problems...)
}

// Cannot says on which host a fault of the agent's kind cannot be carried out, and why; empty where it can, or where nobody was asked yet.
func (f *Fleet) Cannot(kind string) string {
	for _, m := range f.members {
		c := m.now()
		if c == nil {
			continue
		}
		for _, ability := range c.welcome.Capabilities {
			if ability.Fault == kind && ability.Way == "" {
				return strings.TrimSuffix(fmt.Sprintf("host %s: %s; %s", m.host.Address, ability.Reason, ability.Remedy), "; ")
			}
		}
	}
	return ""
}

// networks are the application networks of the hosts; the reason says which host names none.
func (f *Fleet) networks() (list []string, reason string) {
	for _, m := range f.members {
		switch n := m.host.ApplicationNetwork; {
		case n == "":
			return nil, fmt.Sprintf("host %s of %s names no application_network in its hosts file", m.host.Address, f.name)
		case !slices.Contains(list, n):
			list = append(list, n)
		}
	}
	return list, ""
}

// onlyIPv4 says which host has an application network of another kind.
func (f *Fleet) onlyIPv4(what string) string {
	for _, m := range f.members {
		if n, err := netip.ParsePrefix(m.host.ApplicationNetwork); err == nil && !n.Addr().Is4() {
			return fmt.Sprintf("%s over IPv4 only, and the application_network of host %s is %s", what, m.host.Address, n)
		}
	}
	return ""
}

// applicationEnd is the host's address and interface in its application network.
func (m *member) applicationEnd(welcome protocol.Welcome) (address netip.Addr, device string, err error) {
	network, err := netip.ParsePrefix(m.host.ApplicationNetwork)
	if err != nil {
		return address, "", fmt.Errorf("application_network of host %s: %w", m.host.Address, err)
	}
	for _, i := range welcome.Interfaces {
		for _, text := range i.Prefixes {
			if own, err := netip.ParsePrefix(text); err == nil && network.Contains(own.Addr()) {
				return own.Addr(), i.Name, nil
			}
		}
	}
	return address, "", fmt.Errorf("host %s has no address in %s, which its hosts file gives as its application_network", m.host.Address, network)
}
