package fleet

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// Storage is the folders of a data center's hosts in which its toolkit keeps replicas.
type Storage struct {
	fleet  *Fleet
	holder string

	mu      sync.Mutex
	hits    []*hit
	claimed []string
}

// NewStorage knows the hosts and asks them nothing.
func NewStorage(f *Fleet, holder string) *Storage { return &Storage{fleet: f, holder: holder} }

// Cannot says why the folders cannot be moved.
func (s *Storage) Cannot() string {
	for _, m := range s.fleet.members {
		if m.host.ReplicaFolder == "" {
			return fmt.Sprintf("host %s of %s names no replica_folder in its hosts file", m.host.Address, s.fleet.name)
		}
	}
	return s.fleet.Cannot("service")
}

// move renames a folder; one that has been renamed already, by us or on another host that shares it, is left alone.
const move = `if [ -e "$2" ] && [ ! -e "$1" ]; then exit 0; fi; exec mv -T -- "$1" "$2"`

// Hide moves the folders away for as long as it lasts: each host brings its own back at the deadline, whoever is alive.
func (s *Storage) Hide(ctx context.Context, lasts time.Duration) error {
	var orders []order
	for _, m := range s.fleet.members {
		at, away := m.host.ReplicaFolder, m.host.ReplicaFolder+".crossdc-away"
		orders = append(orders, order{m, protocol.Fault{For: lasts, Service: &protocol.Service{
			Do: []string{"/bin/sh", "-c", move, "sh", at, away}, Undo: []string{"/bin/sh", "-c", move, "sh", away, at}, Limit: 10 * time.Second,
		}}})
	}
	hits, err := arm(ctx, orders)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.hits = append(s.hits, hits...)
	s.mu.Unlock()
	return fire(ctx, hits)
}

// Show brings the folders back before the deadline, also those that claimed holders moved away.
func (s *Storage) Show(ctx context.Context) error { return s.end(ctx, "service") }

// end ends what we did, and what claimed holders did by faults of these kinds.
func (s *Storage) end(ctx context.Context, kinds ...string) error {
	s.mu.Lock()
	hits, claimed := slices.Clone(s.hits), slices.Clone(s.claimed)
	s.mu.Unlock()
	for _, holder := range claimed {
		left, err := s.fleet.left(ctx, holder, kinds...)
		if err != nil {
			return err
		}
		hits = append(hits, left...)
	}
	if _, err := heal(ctx, hits); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hits = slices.DeleteFunc(s.hits, func(h *hit) bool { return slices.Contains(hits, h) })
	return nil
}

// There says whether the folder is where the toolkit looks for it, on every host.
func (s *Storage) There(ctx context.Context) (bool, error) { return s.everywhere(ctx, "test", "-d") }

// everywhere runs a command with the folder as its last argument on every host, and says whether all of them succeeded.
func (s *Storage) everywhere(ctx context.Context, command ...string) (bool, error) {
	there := make([]bool, len(s.fleet.members))
	err := s.fleet.each(func(i int, m *member) error {
		c, err := m.reached(ctx)
		if err != nil {
			return err
		}
		result, err := c.ssh.Run(ctx, m.host.Command(append(slices.Clone(command), m.host.ReplicaFolder)...), nil)
		switch {
		case err != nil:
		case result.Exit == 0:
			there[i] = true
		case result.Exit != 1 || len(result.Complaints) > 0: // test says no with 1, and without a word; what else fails says nothing of the folder
			err = fmt.Errorf("%s %s on %s: it exits with %d: %s", command[0], m.host.ReplicaFolder, m.host.Address, result.Exit, result.Complaints)
		}
		return err
	})
	return err == nil && !slices.Contains(there, false), err
}

// Holder implements fault.Held.
func (s *Storage) Holder() string { return s.holder }

// Claim implements fault.Held.
func (s *Storage) Claim(holder string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.claimed, holder) {
		s.claimed = append(s.claimed, holder)
	}
}
