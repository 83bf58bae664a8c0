package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// fill takes the free space of a device by one file of bounded size.
var fill = kind{
	name: "fill",
	try:  func() (string, error) { return "one file, fallocate", nil },
	plan: func(h *host, r *record) ([]string, string, *protocol.Error) {
		f := r.Fault.Fill
		forbidden := func(text string) ([]string, string, *protocol.Error) {
			return nil, "", &protocol.Error{Code: protocol.CodeForbidden, Text: text, Remedy: "put the folder on a file system of its own"}
		}
		device, err := deviceOf(f.Folder)
		if err != nil {
			return forbidden(err.Error())
		}
		for _, other := range append([]string{"/", "/tmp", filepath.Dir(string(h.journal))}, f.LogRoots...) {
			if d, err := deviceOf(other); err != nil || d == device {
				return forbidden(fmt.Sprintf("filling %s would fill %s as well (or it cannot be told: %v)", f.Folder, other, err))
			}
		}
		size, err := toFill(f)
		if err != nil {
			return nil, "", &protocol.Error{Code: protocol.CodeUnavailable, Text: err.Error(), Remedy: "raise limitBytes, or use a smaller file system"}
		}
		return []string{fmt.Sprintf("allocate %d bytes in %s", size, fillFile(r))}, "one file, fallocate", nil
	},
	act: func(r *record) error {
		size, err := toFill(r.Fault.Fill)
		if err != nil {
			return err
		}
		file, err := os.OpenFile(fillFile(r), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := unix.Fallocate(int(file.Fd()), 0, 0, size); err == nil {
			return nil
		}
		zeros := make([]byte, 1<<20) // the file system cannot allocate, or has less than it says
		for done := int64(0); done < size; {
			n, err := file.Write(zeros[:min(int64(len(zeros)), size-done)])
			done += int64(n)
			if errors.Is(err, unix.ENOSPC) {
				return nil
			}
			if err != nil {
				return err
			}
		}
		return nil
	},
	heal: func(r *record) error {
		if err := os.Remove(fillFile(r)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	},
	report: func(r *record, out *protocol.Report) error {
		free, err := freeBytes(r.Fault.Fill.Folder)
		if err != nil {
			return err
		}
		info, err := os.Stat(fillFile(r))
		if errors.Is(err, fs.ErrNotExist) {
			out.Phase = protocol.PhaseLost
			return nil
		}
		if err != nil {
			return err
		}
		// A file system counts in blocks, and keeps some for itself.
		out.Bites = free <= r.Fault.Fill.Leave+1<<20
		out.Evidence = append(out.Evidence, fmt.Sprintf("our file has %d bytes, %d are free", info.Size(), free))
		return nil
	},
	owns: func(*record, trace) bool { return false },
}

func fillFile(r *record) string { return filepath.Join(r.Fault.Fill.Folder, "."+r.mark()) }

func toFill(f *protocol.Fill) (int64, error) {
	free, err := freeBytes(f.Folder)
	if err != nil {
		return 0, err
	}
	if free <= f.Leave {
		return 0, fmt.Errorf("%s has %d bytes free, leaveBytes is %d", f.Folder, free, f.Leave)
	}
	if free-f.Leave > f.Limit {
		return 0, fmt.Errorf("filling %s takes %d bytes, limitBytes is %d", f.Folder, free-f.Leave, f.Limit)
	}
	return int64(free - f.Leave), nil
}

func freeBytes(folder string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", folder, err)
	}
	return s.Bavail * uint64(s.Bsize), nil
}

func deviceOf(path string) (uint64, error) {
	var s unix.Stat_t
	if err := unix.Stat(path, &s); err != nil {
		return 0, fmt.Errorf("device of %s: %w", path, err)
	}
	return s.Dev, nil
}
