package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// readOnly mounts a folder read-only over itself. Files that are open already stay writable: what opens one later fails.
var readOnly = kind{
	name: "readOnly",
	try: func() (string, error) {
		if os.Geteuid() != 0 {
			return "", errors.New("mounting needs root")
		}
		return "read-only bind mount", nil
	},
	plan: func(h *host, r *record) ([]string, string, *protocol.Error) {
		folder := r.Fault.ReadOnly.Folder
		var s unix.Stat_t
		if err := unix.Lstat(folder, &s); err != nil || s.Mode&unix.S_IFMT != unix.S_IFDIR {
			return nil, "", &protocol.Error{Code: protocol.CodeInvalid, Text: fmt.Sprintf("readOnly.folder %s is no folder (%v)", folder, err)}
		}
		if _, err := mounts(); err != nil { // healing tells by them whether ours is there
			return nil, "", failed(fmt.Errorf("list the mounts before %s is mounted read-only: %w", folder, err))
		}
		if string(h.journal) == folder || strings.HasPrefix(string(h.journal), folder+"/") {
			return nil, "", &protocol.Error{Code: protocol.CodeForbidden, Text: folder + " contains the agent's journal"}
		}
		return []string{"mount --bind " + folder + " " + folder, "mount -o remount,bind,ro " + folder}, "read-only bind mount", nil
	},
	act: func(r *record) error {
		folder := r.Fault.ReadOnly.Folder
		if err := unix.Mount(folder, folder, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount %s over itself: %w", folder, err)
		}
		if err := unix.Mount("", folder, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
			return fmt.Errorf("make the mount of %s read-only: %w", folder, err)
		}
		return nil
	},
	heal: func(r *record) error {
		folder := r.Fault.ReadOnly.Folder
		now, err := mounts()
		if err != nil {
			return fmt.Errorf("look whether %s is still mounted read-only: %w", folder, err)
		}
		if mountsAt(now, folder) <= mountsAt(r.Before, folder) {
			return nil // it never came, or is gone
		}
		if err := unix.Unmount(folder, unix.MNT_DETACH|unix.UMOUNT_NOFOLLOW); err != nil {
			return fmt.Errorf("unmount %s: %w", folder, err)
		}
		return nil
	},
	report: func(r *record, out *protocol.Report) error {
		var s unix.Statfs_t
		if err := unix.Statfs(r.Fault.ReadOnly.Folder, &s); err != nil {
			return err
		}
		out.Bites = s.Flags&unix.ST_RDONLY != 0
		out.Evidence = append(out.Evidence, fmt.Sprintf("%s is mounted read-only: %v", r.Fault.ReadOnly.Folder, out.Bites))
		now, err := mounts()
		if err != nil {
			return fmt.Errorf("look whether %s is still mounted read-only: %w", r.Fault.ReadOnly.Folder, err)
		}
		if mountsAt(now, r.Fault.ReadOnly.Folder) <= mountsAt(r.Before, r.Fault.ReadOnly.Folder) {
			out.Phase = protocol.PhaseLost
		}
		return nil
	},
	owns: func(r *record, t trace) bool { return t.Kind == mountTrace && t.Of == r.Fault.ReadOnly.Folder },
}

func mountsAt(s survey, folder string) (n int) {
	for _, t := range s {
		if t.Kind == mountTrace && t.Of == folder {
			n++
		}
	}
	return n
}
