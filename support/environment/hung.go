package environment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// hung is the file that keeps whoever touches a replica of an emulated data center waiting.
func (f folder) hung() string { return f.path + ".hung" }

// Hang implements fault.HangingStorage.
func (f folder) Hang(context.Context) error {
	if err := os.WriteFile(f.hung(), nil, 0o600); err != nil {
		return fmt.Errorf("make the toolkit's storage hang: %w", err)
	}
	return nil
}

// GoOn implements fault.HangingStorage.
func (f folder) GoOn(context.Context) error {
	if err := os.Remove(f.hung()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("let the toolkit's storage go on: %w", err)
	}
	return nil
}

// Hung implements fault.HangingStorage.
func (f folder) Hung(context.Context) (bool, error) {
	_, err := os.Stat(f.hung())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look whether the toolkit's storage hangs: %w", err)
	}
	return true, nil
}
