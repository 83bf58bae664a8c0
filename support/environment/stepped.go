package environment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/crossdc/failover/support/fault"
)

// steppedClock implements fault.TickClock for an emulated data center, whose toolkit waits on a clock that a file sets.
type steppedClock struct{ file string }

// clockLook is how often the toolkit is looked at until it has set its clock, wall time.
const clockLook = 2 * time.Millisecond

// TickClock implements fault.Ticking.
func (dc *DataCenter) TickClock() fault.TickClock {
	if dc.clockFile == "" {
		return nil
	}
	return steppedClock{dc.clockFile}
}

// Step implements fault.TickClock.
func (c steppedClock) Step(ctx context.Context, offset time.Duration) error {
	return c.set(ctx, offset, offset.String())
}

// Slew implements fault.TickClock.
func (c steppedClock) Slew(ctx context.Context, offset time.Duration) error {
	return c.set(ctx, offset, offset.String()+" slew")
}

func (c steppedClock) set(ctx context.Context, offset time.Duration, text string) error {
	if is, err := c.Offset(ctx); err == nil && is == offset {
		return nil
	}
	if err := os.WriteFile(c.file+".new", []byte(text), 0o600); err != nil {
		return fmt.Errorf("set the clock of the toolkit: %w", err)
	}
	if err := os.Rename(c.file+".new", c.file); err != nil {
		return fmt.Errorf("set the clock of the toolkit: %w", err)
	}
	ticker := time.NewTicker(clockLook)
	defer ticker.Stop()
	for {
		if is, err := c.Offset(ctx); err == nil && is == offset {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("set the clock of the toolkit by %v: its process has not done so: %w", offset, context.Cause(ctx))
		}
	}
}

// Offset implements fault.TickClock; what was never set is right.
func (c steppedClock) Offset(context.Context) (time.Duration, error) {
	raw, err := os.ReadFile(c.file + ".is")
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the clock of the toolkit: %w", err)
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(raw)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("read the clock of the toolkit: %w", err)
	}
	return time.Duration(n), nil
}
