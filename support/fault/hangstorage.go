package fault

import (
	"context"
	"fmt"
)

// HangingStorage is a Storage that can keep everybody waiting who touches a replica, as a file server does that has gone away. Both calls
// may be repeated.
type HangingStorage interface {
	Storage
	// Hang keeps whoever reads, writes or removes a replica waiting from now on.
	Hang(ctx context.Context) error
	// GoOn lets them all go on.
	GoOn(ctx context.Context) error
	// Hung says whether they wait.
	Hung(ctx context.Context) (bool, error)
}

// HangStorage keeps everybody waiting who touches a replica at a data center until it is healed: nothing fails, and nothing happens either
// (S34).
func HangStorage(dc string) Fault {
	return newFault("hang-storage", dc+" (storage)", fmt.Sprintf("the storage of %s hangs", dc), Parameters{DC: dc}, footprint{dc: dc},
		func(_ Fault, env Environment) (action, string) {
			on, reason := side(env, dc)
			if reason != "" {
				return nil, reason
			}
			if storer, ok := on.(Storer); ok {
				if storage, ok := storer.Storage().(HangingStorage); ok {
					return &hangStorage{on, storage}, ""
				}
			}
			return nil, dc + ": its storage cannot be made to hang: only that of an emulated data center can, because the kernel of a host ends no such thing by itself"
		})
}

type hangStorage struct {
	dc      DataCenter
	storage HangingStorage
}

func (h *hangStorage) recall(string) {}

// prepare demands a toolkit that runs, and a storage that works.
func (h *hangStorage) prepare(ctx context.Context) (string, error) {
	if _, err := serving(ctx, h.dc); err != nil {
		return "", err
	}
	hung, err := h.storage.Hung(ctx)
	if err == nil && hung {
		err = fmt.Errorf("the storage of %s hangs already", h.dc.Name())
	}
	return "", err
}

func (h *hangStorage) act(ctx context.Context) error { return h.storage.Hang(ctx) }

func (h *hangStorage) bite(ctx context.Context) (string, error) {
	hung, err := h.storage.Hung(ctx)
	if err == nil && !hung {
		err = fmt.Errorf("the storage of %s does not hang", h.dc.Name())
	}
	return fmt.Sprintf("whoever touches a replica at %s waits", h.dc.Name()), err
}

func (h *hangStorage) heal(ctx context.Context) error { return h.storage.GoOn(ctx) }

func (h *hangStorage) gone(ctx context.Context) (string, error) {
	hung, err := h.storage.Hung(ctx)
	if err == nil && hung {
		err = fmt.Errorf("the storage of %s still hangs", h.dc.Name())
	}
	return fmt.Sprintf("nobody waits for the storage of %s", h.dc.Name()), err
}
