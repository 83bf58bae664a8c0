package fault

import (
	"context"
	"fmt"
)

// Storage is the folder in which a data center's toolkit keeps the replicas of its peer. Both calls may be repeated.
type Storage interface {
	// Hide moves the folder away with everything in it; Show brings it back.
	Hide(ctx context.Context) error
	Show(ctx context.Context) error
	// There says whether the folder is where the toolkit looks for it.
	There(ctx context.Context) (bool, error)
}

// Storer is a DataCenter whose storage can be reached; Storage is nil where it cannot.
type Storer interface {
	Storage() Storage
}

// LoseStorage takes away the folder in which a data center's toolkit keeps replicas: it can store none until it is back (S33).
func LoseStorage(dc string) Fault {
	return newFault("lose-storage", dc+" (storage)", fmt.Sprintf("the snapshot folder of %s is missing", dc), Parameters{DC: dc}, footprint{dc: dc},
		func(f Fault, env Environment) (action, string) {
			on, reason := side(env, dc)
			if reason != "" {
				return nil, reason
			}
			storer, ok := on.(Storer)
			if !ok || storer.Storage() == nil {
				return nil, dc + ": its snapshot folder cannot be reached: the environment did not make it"
			}
			storage := storer.Storage()
			if d, ok := storage.(DeadlinedStorage); ok {
				if why := d.Cannot(); why != "" {
					return nil, why
				}
				storage = d.Lasting(f.life())
			}
			return &loseStorage{on, storage}, ""
		})
}

type loseStorage struct {
	dc      DataCenter
	storage Storage
}

func (l *loseStorage) recall(memory string) { recalled(l.storage, memory) }

// prepare demands a folder that is there, and a toolkit that runs: without either nothing follows from its absence.
func (l *loseStorage) prepare(ctx context.Context) (string, error) {
	if _, err := serving(ctx, l.dc); err != nil {
		return "", err
	}
	there, err := l.storage.There(ctx)
	if err == nil && !there {
		err = fmt.Errorf("the snapshot folder of %s is missing already", l.dc.Name())
	}
	memory, _ := remembered(l.storage)
	return memory, err
}

func (l *loseStorage) act(ctx context.Context) error { return l.storage.Hide(ctx) }

func (l *loseStorage) bite(ctx context.Context) (string, error) {
	there, err := l.storage.There(ctx)
	if err == nil && there {
		err = fmt.Errorf("the snapshot folder of %s is still there", l.dc.Name())
	}
	return fmt.Sprintf("the snapshot folder of %s is missing", l.dc.Name()), err
}

func (l *loseStorage) heal(ctx context.Context) error { return l.storage.Show(ctx) }

func (l *loseStorage) gone(ctx context.Context) (string, error) {
	there, err := l.storage.There(ctx)
	if err == nil && !there {
		err = fmt.Errorf("the snapshot folder of %s is still missing", l.dc.Name())
	}
	return fmt.Sprintf("the snapshot folder of %s is there", l.dc.Name()), err
}
