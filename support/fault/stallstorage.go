package fault

import (
	"context"
	"fmt"
)

// StallingStorage is a Storage that can keep whoever reads one replica waiting, as a file server does that has gone away. Both calls
// may be repeated.
type StallingStorage interface {
	Storage
	// Stall keeps readers of a replica, named "<data center>-<origin>", waiting from now on. The replica must be there.
	Stall(ctx context.Context, replica string) error
	// Flow lets those who wait have its content, and whoever comes later. A replica that was removed or replaced in the meantime is
	// left as it is.
	Flow(ctx context.Context, replica string) error
	// Stalled says whether readers of the replica wait.
	Stalled(ctx context.Context, replica string) (bool, error)
}

// StallStorage keeps whoever reads the replica of one fragment of the other data center waiting until it is healed: what the toolkit does
// with this replica and with those behind it does not happen until then (S53). fragment is the index of the channel, from 0.
func StallStorage(dc string, fragment int) Fault {
	return newFault("stall-storage", dc+" (storage)", fmt.Sprintf("whoever reads the replica of fragment %d at %s waits", fragment, dc), Parameters{DC: dc, Fragment: fragment}, footprint{dc: dc},
		func(_ Fault, env Environment) (action, string) {
			on, reason := side(env, dc)
			if reason != "" {
				return nil, reason
			}
			if fragment < 0 {
				return nil, fmt.Sprintf("fragment %d: give its index, from 0", fragment)
			}
			one, other := env.DataCenters()
			if other.Name() == dc {
				other = one
			}
			if storer, ok := on.(Storer); ok {
				if storage, ok := storer.Storage().(StallingStorage); ok {
					return &stallStorage{on, storage, fmt.Sprintf("%s-%d", other.Name(), fragment)}, ""
				}
			}
			return nil, dc + ": its snapshot folder cannot be reached: the environment did not make it"
		})
}

type stallStorage struct {
	dc      DataCenter
	storage StallingStorage
	replica string
}

func (s *stallStorage) recall(string) {}

// prepare demands a toolkit that runs, and a replica that can be read.
func (s *stallStorage) prepare(ctx context.Context) (string, error) {
	if _, err := serving(ctx, s.dc); err != nil {
		return "", err
	}
	stalled, err := s.storage.Stalled(ctx, s.replica)
	if err == nil && stalled {
		err = fmt.Errorf("whoever reads the replica %s at %s waits already", s.replica, s.dc.Name())
	}
	return "", err
}

func (s *stallStorage) act(ctx context.Context) error { return s.storage.Stall(ctx, s.replica) }

func (s *stallStorage) bite(ctx context.Context) (string, error) {
	stalled, err := s.storage.Stalled(ctx, s.replica)
	if err == nil && !stalled {
		err = fmt.Errorf("the replica %s at %s can still be read", s.replica, s.dc.Name())
	}
	return fmt.Sprintf("whoever reads the replica %s at %s waits", s.replica, s.dc.Name()), err
}

func (s *stallStorage) heal(ctx context.Context) error { return s.storage.Flow(ctx, s.replica) }

func (s *stallStorage) gone(ctx context.Context) (string, error) {
	stalled, err := s.storage.Stalled(ctx, s.replica)
	if err == nil && stalled {
		err = fmt.Errorf("whoever reads the replica %s at %s still waits", s.replica, s.dc.Name())
	}
	return fmt.Sprintf("nobody waits for the replica %s at %s", s.replica, s.dc.Name()), err
}
