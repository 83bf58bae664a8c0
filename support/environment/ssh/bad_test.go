package ssh

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// own is a real sshd whose memory-backed folders are its alone, so that they can be filled, taken away and made read-only.
func own(t *testing.T, prepare string) *Host {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root: it mounts folders in a namespace of the server's")
	}
	h := dial(t, openSSH(t)) // as root it lives in a mount namespace of its own, and its /run is its own
	result, err := h.Run(t.Context(), []string{"sh", "-c", "mount -t tmpfs -o size=64k tmpfs /dev/shm && " + prepare}, nil)
	if err != nil || result.Exit != 0 {
		t.Fatalf("%+v, %v", result, err)
	}
	return h
}

// empty expects that nothing of ours is in the server's own folders.
func empty(t *testing.T, h *Host) {
	t.Helper()
	result, err := h.Run(t.Context(), []string{"sh", "-c", "ls -d /dev/shm/crossdc* /run/crossdc* 2>/dev/null; true"}, nil)
	if err != nil || len(result.Out) > 0 {
		t.Errorf("left: %q, %v", result.Out, err)
	}
}

// What a real host refuses is named, and nothing is left there.
func TestARealHostWithoutAPlaceIsNamed(t *testing.T) {
	local := filepath.Join(t.TempDir(), "agent")
	if err := os.WriteFile(local, []byte(strings.Repeat("a program ", 100_000)), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ prepare, says string }{
		"no room for the program": {"mount -o remount,size=64k /run", "No space left on device"},
		"no room for anything":    {"mount -o remount,size=64k /run; cat /dev/zero >/dev/shm/full 2>/dev/null; cat /dev/zero >/run/full 2>/dev/null; true", "no program can be written or run there"},
		"a read-only account":     {"mount -o remount,ro /dev/shm && mount -o remount,ro /run", "it cannot be written"},
		"no program may run":      {"mount -o remount,noexec /dev/shm && mount -o remount,noexec /run", "no program can be written or run there"},
	} {
		t.Run(name, func(t *testing.T) {
			h := own(t, c.prepare)
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := h.Place(ctx, local)
			if problem(err) != CannotWrite || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v\nwant %s, %q", err, CannotWrite, c.says)
			}
			empty(t, h)
		})
	}
}

// Tools of the host that are missing are named by what was tried and by what the host said.
func TestAToolThatIsMissingIsNamed(t *testing.T) {
	local := filepath.Join(t.TempDir(), "agent")
	if err := os.WriteFile(local, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"mktemp", "stat", "sha256sum"} {
		t.Run(tool, func(t *testing.T) {
			h := own(t, `mount --bind /dev/null "$(readlink -f "$(command -v `+tool+`)")"`) // it is there no more to be run
			_, err := h.Place(t.Context(), local)
			var one *Error
			if !errors.As(err, &one) || one.Problem != CannotWrite || one.Says == "" || one.Remedy == "" {
				t.Errorf("%v\nwant %s, what the host says, and a remedy", err, CannotWrite)
			}
			empty(t, h)
		})
	}
}

// A port whose queue is full does not even answer to a connection: that costs the limit of dialling, and no more.
func TestAHostThatDoesNotAcceptIsGivenUp(t *testing.T) {
	_, target := serve(t, nil)
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(fd)
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil { // room for one, whom nobody accepts
		t.Fatal(err)
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	target.Address = (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: at.(*syscall.SockaddrInet4).Port}).String()
	for full := false; !full; { // until the kernel takes no more
		conn, err := net.DialTimeout("tcp", target.Address, time.Second)
		if full = err != nil; !full {
			defer conn.Close()
		}
	}
	limits := hasty()
	limits.Handshake = time.Minute // it must not be what ends it
	begun := time.Now()
	_, err = Dial(t.Context(), target, limits)
	if took := time.Since(begun); problem(err) != NotReached || took > 30*time.Second {
		t.Errorf("after %v: %v\nwant %s", took, err, NotReached)
	}
}
