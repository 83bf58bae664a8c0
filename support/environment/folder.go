package environment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/crossdc/failover/support/fault"
)

// folder implements fault.Storage for an emulated data center.
type folder struct{ path string }

// Storage implements fault.Storer: of an emulated data center, or on hosts that are reached, else nil.
func (dc *DataCenter) Storage() fault.Storage {
	if dc.folder == "" {
		return dc.storage
	}
	return folder{dc.folder}
}

func (f folder) away() string { return f.path + ".away" }

// Hide implements fault.Storage.
func (f folder) Hide(context.Context) error { return move(f.path, f.away()) }

// Show implements fault.Storage.
func (f folder) Show(context.Context) error { return move(f.away(), f.path) }

// move renames a folder; one that has been renamed already is left alone.
func move(from, to string) error {
	err := os.Rename(from, to)
	if _, there := os.Stat(to); errors.Is(err, fs.ErrNotExist) && there == nil {
		return nil
	}
	if err != nil {
		return fmt.Errorf("move the toolkit's snapshot folder: %w", err)
	}
	return nil
}

// There implements fault.Storage.
func (f folder) There(context.Context) (bool, error) {
	_, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the toolkit's snapshot folder: %w", err)
	}
	return true, nil
}
