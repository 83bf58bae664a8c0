package environment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
)

// flowPatience is for how long a reader that waits may take to take the content of a replica, wall time.
const flowPatience = 5 * time.Second

// file is where the toolkit keeps a replica, and held is where it is kept meanwhile: beside the folder, because the toolkit takes
// every file in it whose name contains its suffix for a replica (Q41).
func (f folder) file(replica string) string {
	return filepath.Join(f.path, replica+crossdc.ReplicaSuffix)
}

func (f folder) held(replica string) string {
	return filepath.Join(f.path+".held", replica+crossdc.ReplicaSuffix)
}

// Stall implements fault.StallingStorage: a pipe takes the place of the file, and whoever opens a pipe waits for its writer.
func (f folder) Stall(ctx context.Context, replica string) error {
	if stalled, err := f.Stalled(ctx, replica); err != nil || stalled {
		return err
	}
	path, held := f.file(replica), f.held(replica)
	pipe := held + ".pipe"
	if err := os.MkdirAll(filepath.Dir(held), 0o700); err != nil {
		return fmt.Errorf("keep the replica %s aside: %w", replica, err)
	}
	for _, old := range []string{held, pipe} { // of an attempt that failed half way
		if err := os.Remove(old); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("keep the replica %s aside: %w", replica, err)
		}
	}
	if err := os.Link(path, held); err != nil {
		return fmt.Errorf("keep the replica %s aside: %w", replica, err)
	}
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		return fmt.Errorf("make a pipe for readers of the replica %s: %w", replica, err)
	}
	if err := os.Rename(pipe, path); err != nil {
		return fmt.Errorf("put a pipe in the place of the replica %s: %w", replica, err)
	}
	return nil
}

// Flow implements fault.StallingStorage.
func (f folder) Flow(ctx context.Context, replica string) error {
	path, held := f.file(replica), f.held(replica)
	stalled, err := f.Stalled(ctx, replica)
	if err != nil {
		return err
	}
	if !stalled { // the toolkit has removed or replaced it
		if err := os.RemoveAll(filepath.Dir(held)); err != nil {
			return fmt.Errorf("throw away the replica %s that was kept aside: %w", replica, err)
		}
		return nil
	}
	content, err := os.ReadFile(held)
	if err != nil {
		return fmt.Errorf("read the replica %s that was kept aside: %w", replica, err)
	}
	// Whoever waits has opened the pipe, so that it must be open here before the file is back.
	waiting, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil && !errors.Is(err, syscall.ENXIO) { // nobody waits
		return fmt.Errorf("open the pipe of the replica %s: %w", replica, err)
	}
	if err := os.Rename(held, path); err != nil {
		return errors.Join(fmt.Errorf("put the replica %s back: %w", replica, err), closed(waiting))
	}
	_ = os.Remove(filepath.Dir(held)) // another replica may be kept there
	if waiting == nil {
		return nil
	}
	limit := time.Now().Add(flowPatience)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(limit) {
		limit = deadline
	}
	err = waiting.SetWriteDeadline(limit)
	if err == nil {
		_, err = waiting.Write(content)
	}
	if errors.Is(err, syscall.EPIPE) { // who waited is gone
		err = nil
	}
	if err = errors.Join(err, waiting.Close()); err != nil {
		return fmt.Errorf("hand the replica %s to whoever waits for it: %w", replica, err)
	}
	return nil
}

func closed(file *os.File) error {
	if file == nil {
		return nil
	}
	return file.Close()
}

// Stalled implements fault.StallingStorage.
func (f folder) Stalled(_ context.Context, replica string) (bool, error) {
	info, err := os.Lstat(f.file(replica))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at the replica %s: %w", replica, err)
	}
	return info.Mode()&fs.ModeNamedPipe != 0, nil
}
