package fleet

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// renewal renews the lease of a host until it is ended.
type renewal struct {
	end  context.CancelFunc
	over sync.WaitGroup
}

// take takes the host for the holder and renews that from then on.
func (m *member) take(ctx context.Context) error {
	m.mu.Lock()
	has := m.taken != nil
	m.mu.Unlock()
	if m.options.Lease == 0 || has {
		return nil
	}
	if err := m.lease(ctx, m.options.Lease); err != nil {
		return fmt.Errorf("take the host for this run: %w", err)
	}
	renewing, end := context.WithCancel(context.WithoutCancel(ctx)) // until Close, not until who opened it is done
	r := &renewal{end: end}
	r.over.Go(func() {
		ticker := time.NewTicker(m.options.Lease / 4)
		defer ticker.Stop()
		for {
			select {
			case <-renewing.Done():
				return
			case <-ticker.C:
				_ = m.lease(renewing, m.options.Lease) // the next may succeed; while another holder has the host it arms nothing for us
			}
		}
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	m.taken = r
	return nil
}

// give gives the host back. One that is not reached any more is not dialled for that: its lease expires.
func (m *member) give(ctx context.Context) error {
	m.mu.Lock()
	r := m.taken
	m.taken = nil
	m.mu.Unlock()
	if r == nil {
		return nil
	}
	r.end()
	r.over.Wait()
	if m.now() == nil {
		return nil
	}
	if err := m.lease(context.WithoutCancel(ctx), 0); err != nil && m.now() != nil {
		return fmt.Errorf("give the host back: %w; its lease expires within %v", err, m.options.Lease)
	}
	return nil
}

func (m *member) lease(ctx context.Context, lasts time.Duration) error {
	return m.once(ctx, m.options.Limits.Request, func(ctx context.Context, c *conversation) error {
		_, err := c.agent.Lease(ctx, lasts)
		return err
	})
}
