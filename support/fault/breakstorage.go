package fault

import (
	"context"
	"fmt"
	"time"
)

// Breakage is how a folder fails that is there all the same.
type Breakage string

// Breakages.
const (
	FullDisk     Breakage = "full"      // nothing more can be written to its device
	ReadOnlyDisk Breakage = "read-only" // nothing can be opened for writing in it
)

// StorageBreaker is a Storage whose target breaks the folder, and mends it by itself at the deadline.
type StorageBreaker interface {
	Storage
	Held
	// CannotBreak says why not, with what to do about it, or is empty. It asks nobody.
	CannotBreak(how Breakage) string
	// Break does it for as long as it lasts.
	Break(ctx context.Context, how Breakage, lasts time.Duration) error
	// Broken is the evidence that it is broken; an error where it is not, or not everywhere.
	Broken(ctx context.Context) (evidence string, err error)
	// Mend ends it before the deadline.
	Mend(ctx context.Context) error
	// Writable says whether something can be written to the folder, as far as its rights and its device tell.
	Writable(ctx context.Context) (bool, error)
}

// FillStorage fills the device of the folder in which a data center's toolkit keeps replicas (S33).
func FillStorage(dc string) Fault {
	return newFault("fill-storage", dc+" (storage)", fmt.Sprintf("the device of the snapshot folder of %s is full", dc), Parameters{DC: dc}, footprint{dc: dc}, breaking(dc, FullDisk))
}

// DenyStorage makes the folder in which a data center's toolkit keeps replicas read-only (S33).
func DenyStorage(dc string) Fault {
	return newFault("deny-storage", dc+" (storage)", fmt.Sprintf("the snapshot folder of %s is read-only", dc), Parameters{DC: dc}, footprint{dc: dc}, breaking(dc, ReadOnlyDisk))
}

func breaking(dc string, how Breakage) func(Fault, Environment) (action, string) {
	return func(f Fault, env Environment) (action, string) {
		on, reason := side(env, dc)
		if reason != "" {
			return nil, reason
		}
		storer, ok := on.(Storer)
		if !ok || storer.Storage() == nil {
			return nil, dc + ": its snapshot folder cannot be reached: the environment did not make it"
		}
		storage, ok := storer.Storage().(StorageBreaker)
		if !ok {
			return nil, dc + ": the device and the rights of its snapshot folder are ours: a host of its own has what can be broken"
		}
		if why := storage.CannotBreak(how); why != "" {
			return nil, why
		}
		return &breakStorage{on, storage, how, f.life()}, ""
	}
}

type breakStorage struct {
	dc      DataCenter
	storage StorageBreaker
	how     Breakage
	life    time.Duration
}

func (b *breakStorage) recall(memory string) { recalled(b.storage, memory) }

// prepare demands a folder that can be written, and a toolkit that runs.
func (b *breakStorage) prepare(ctx context.Context) (string, error) {
	if _, err := serving(ctx, b.dc); err != nil {
		return "", err
	}
	writable, err := b.storage.Writable(ctx)
	if err == nil && !writable {
		err = fmt.Errorf("the snapshot folder of %s cannot be written already", b.dc.Name())
	}
	memory, _ := remembered(b.storage)
	return memory, err
}

func (b *breakStorage) act(ctx context.Context) error { return b.storage.Break(ctx, b.how, b.life) }

func (b *breakStorage) bite(ctx context.Context) (string, error) { return b.storage.Broken(ctx) }

func (b *breakStorage) heal(ctx context.Context) error { return b.storage.Mend(ctx) }

func (b *breakStorage) gone(ctx context.Context) (string, error) {
	return until(ctx, func(ctx context.Context) (string, error) {
		writable, err := b.storage.Writable(ctx)
		if err == nil && !writable {
			err = fmt.Errorf("the snapshot folder of %s still cannot be written", b.dc.Name())
		}
		return fmt.Sprintf("the snapshot folder of %s can be written", b.dc.Name()), err
	})
}
