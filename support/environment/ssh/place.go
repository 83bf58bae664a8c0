package ssh

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Placed is a program that lies in memory-backed storage of a host.
type Placed struct {
	Program string // its path there
	host    *Host
	folder  string
}

// memoryFolders are the places to try, in this order; %s is the account's number.
var memoryFolders = [...]string{"/run/user/%s", "/dev/shm", "/run"}

// find makes a folder of our own in the first of the given ones that is memory-backed, can be written and may run programs. The number of
// the process that asks stands in its name, so that whoever finds one knows whose it is. It prints "at FOLDER", or "no FOLDER: why" for each.
const find = `umask 077
whose=$1; shift
for d in "$@"; do
  t=$(stat -f -c %T -- "$d" 2>/dev/null) || { echo "no $d: it is not there"; continue; }
  case $t in tmpfs|ramfs) ;; *) echo "no $d: it is $t, not memory-backed"; continue;; esac
  f=$(mktemp -d "$d/crossdc-ssh-$whose-XXXXXXXX" 2>/dev/null) || { echo "no $d: it cannot be written"; continue; }
  if { printf '#!/bin/sh\n' > "$f/try"; } 2>/dev/null && chmod 700 "$f/try" && "$f/try" 2>/dev/null; then rm -f "$f/try"; echo "at $f"; exit 0; fi
  rm -f "$f/try"; rmdir "$f"
  echo "no $d: no program can be written or run there"
done
exit 4`

const (
	write  = `cat > "$1/program" && chmod 700 "$1/program" && sha256sum < "$1/program"`
	remove = `rm -f "$1/program" && { test ! -e "$1" || rmdir "$1"; }`
)

// Place copies a program into memory-backed storage of the host and checks that it arrived whole. Remove takes it away again.
func (h *Host) Place(ctx context.Context, local string) (*Placed, error) {
	program, err := os.ReadFile(local)
	if err != nil {
		return nil, &Error{BadSettings, h.target.Address, "read the program to copy", local, "", reason(err)}
	}
	user, err := h.Run(ctx, []string{"id", "-u"}, nil)
	if err != nil {
		return nil, err
	}
	arguments := []string{"sh", "-c", find, "sh", strconv.Itoa(os.Getpid())}
	for _, folder := range memoryFolders {
		if strings.Contains(folder, "%s") {
			folder = fmt.Sprintf(folder, strings.TrimSpace(string(user.Out)))
		}
		arguments = append(arguments, folder)
	}
	found, err := h.Run(ctx, arguments, nil)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSpace(string(found.Out)), "\n")
	folder, ok := strings.CutPrefix(lines[len(lines)-1], "at ")
	if found.Exit != 0 || !ok {
		return nil, &Error{CannotWrite, h.target.Address, "find a place for the fault agent", said(append(found.Out, found.Complaints...)),
			"give the account a folder in memory that it can write and run programs in, such as /dev/shm without noexec", nil}
	}
	placed := &Placed{Program: folder + "/program", host: h, folder: folder}
	result, err := h.Run(ctx, []string{"sh", "-c", write, "sh", folder}, bytes.NewReader(program))
	sum := sha256.Sum256(program)
	if err == nil && (result.Exit != 0 || firstField(result.Out) != hex.EncodeToString(sum[:])) {
		err = &Error{CannotWrite, h.target.Address, "copy a program to " + folder, said(append(result.Complaints, result.Out...)), "see whether there is room, and sha256sum is installed", nil}
	}
	if err != nil {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.limits.Request)
		defer cancel()
		if left := placed.Remove(after); left != nil {
			err = fmt.Errorf("%w (and %s is left there: %w)", err, folder, left)
		}
		return nil, err
	}
	return placed, nil
}

// Remove takes the program and its folder away; twice is no error.
func (p *Placed) Remove(ctx context.Context) error {
	result, err := p.host.Run(ctx, []string{"sh", "-c", remove, "sh", p.folder}, nil)
	if err == nil && result.Exit != 0 {
		err = &Error{CannotWrite, p.host.target.Address, "remove " + p.folder, said(result.Complaints), "remove it by hand", nil}
	}
	return err
}

func firstField(text []byte) string {
	if fields := strings.Fields(string(text)); len(fields) > 0 {
		return fields[0]
	}
	return ""
}

// buildLimit is how long the go command may take, on a busy machine with a cold cache.
const buildLimit = 5 * time.Minute

// Build builds a static program of Linux for an architecture into a folder, and returns its path.
func Build(ctx context.Context, folder, name, architecture string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, buildLimit)
	defer cancel()
	path := filepath.Join(folder, filepath.Base(name)+"-"+architecture)
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, name)
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+architecture)
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s for linux/%s: %w: %s", name, architecture, err, out)
	}
	return path, nil
}
