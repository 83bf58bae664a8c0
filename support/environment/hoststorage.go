package environment

import (
	"context"
	"time"

	"github.com/crossdc/failover/support/environment/fleet"
	"github.com/crossdc/failover/support/fault"
)

// hostStorage implements fault.Storage for a data center whose hosts are reached.
type hostStorage struct {
	*fleet.Storage
	refused string        // why nothing may be broken
	lasts   time.Duration // what is done now ends by itself after this
}

// Lasting implements fault.DeadlinedStorage.
func (s *hostStorage) Lasting(d time.Duration) fault.Storage {
	lasting := *s
	lasting.lasts = d
	return &lasting
}

// Cannot implements fault.DeadlinedStorage.
func (s *hostStorage) Cannot() string {
	if s.refused != "" {
		return s.refused
	}
	return s.Storage.Cannot()
}

// CannotBreak implements fault.StorageBreaker.
func (s *hostStorage) CannotBreak(how fault.Breakage) string {
	if s.refused != "" {
		return s.refused
	}
	return s.Storage.CannotBreak(how)
}

// Hide implements fault.Storage.
func (s *hostStorage) Hide(ctx context.Context) error { return s.Storage.Hide(ctx, s.lasts) }
