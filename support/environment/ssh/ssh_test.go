package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crossdc/failover/support/environment/ssh/sshtest"
)

// patient limits are for what must work, also where many wait for a core.
func patient() Limits {
	return Limits{Dial: 20 * time.Second, Handshake: 40 * time.Second, Request: 40 * time.Second, KeepAlive: time.Second}
}

// hasty limits are for what must end by them.
func hasty() Limits {
	return Limits{Dial: time.Second, Handshake: 700 * time.Millisecond, Request: 700 * time.Millisecond, KeepAlive: 200 * time.Millisecond}
}

func dial(t *testing.T, target Target) *Host {
	t.Helper()
	h, err := Dial(t.Context(), target, patient())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return h
}

// both runs a test against a server in this process and against the system's sshd.
func both(t *testing.T, test func(t *testing.T, target Target)) {
	t.Helper()
	t.Run("in process", func(t *testing.T) {
		_, target := serve(t, nil)
		test(t, target)
	})
	t.Run("sshd", func(t *testing.T) { test(t, openSSH(t)) })
}

func TestCommandsRun(t *testing.T) {
	both(t, func(t *testing.T, target Target) {
		h := dial(t, target)
		if err := h.Obeys(t.Context()); err != nil {
			t.Fatal(err)
		}
		// Arguments reach the program as they stand, whatever a shell would make of them.
		odd := []string{"a b", "$HOME", "`id`", "it's", `"\`, "*", "", "é\n;", "--", "&& false"}
		result, err := h.Run(t.Context(), append([]string{"printf", "<%s>"}, odd...), nil)
		if want := "<" + strings.Join(odd, "><") + ">"; err != nil || result.Exit != 0 || string(result.Out) != want {
			t.Errorf("%q, %v\nwant %q", result.Out, err, want)
		}
		result, err = h.Run(t.Context(), []string{"sh", "-c", "cat; echo no >&2; exit 3"}, strings.NewReader("in"))
		if err != nil || result.Exit != 3 || string(result.Out) != "in" || string(result.Complaints) != "no\n" {
			t.Errorf("%+v, %v", result, err)
		}
		result, err = h.Run(t.Context(), []string{"sh", "-c", "kill -9 $$"}, nil)
		if err != nil || result.Exit != -1 && result.Exit != 137 {
			t.Errorf("%+v, %v", result, err)
		}
		// Input that nobody reads hangs nothing.
		if result, err = h.Run(t.Context(), []string{"true"}, strings.NewReader(strings.Repeat("x", 4<<20))); err != nil || result.Exit != 0 {
			t.Errorf("%+v, %v", result, err)
		}
		for _, bad := range [][]string{nil, {""}, {"a\x00b"}} {
			if _, err := h.Run(t.Context(), bad, nil); problem(err) != BadSettings {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if got, err := h.Architecture(t.Context()); err != nil || got == "" {
			t.Errorf("%q, %v", got, err)
		}
		if path, err := h.Path(t.Context()); err != nil || path.Address != "127.0.0.1" || path.Port == 0 {
			t.Errorf("%+v, %v", path, err)
		}
	})
}

func TestAProgramIsPlacedAndRemoved(t *testing.T) {
	both(t, func(t *testing.T, target Target) {
		h := dial(t, target)
		local := filepath.Join(t.TempDir(), "agent")
		if err := os.WriteFile(local, []byte("#!/bin/sh\n# "+strings.Repeat("filler ", 300000)+"\nexec cat\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		placed, err := h.Place(t.Context(), local)
		if err != nil {
			t.Fatal(err)
		}
		session, err := h.Start(t.Context(), []string{placed.Program})
		if err != nil {
			t.Fatal(err)
		}
		back := make([]byte, 6)
		if _, err := io.WriteString(session, "hello\n"); err != nil {
			t.Error(err)
		}
		if _, err := io.ReadFull(session, back); err != nil || string(back) != "hello\n" {
			t.Errorf("%q, %v", back, err)
		}
		if err := session.Close(); err != nil {
			t.Error(err)
		}
		if _, err := session.Read(back); err == nil {
			t.Error("it is read after its end")
		}
		for range 2 {
			if err := placed.Remove(t.Context()); err != nil {
				t.Error(err)
			}
		}
		if exists(placed.Program) || exists(filepath.Dir(placed.Program)) {
			t.Errorf("%s is left", placed.Program)
		}
	})
}

func problem(err error) Problem {
	if one := new(Error); errors.As(err, &one) {
		return one.Problem
	}
	return ""
}

// What goes wrong has its class, its remedy, and no secret in it.
func TestWhatGoesWrongIsNamed(t *testing.T) {
	other, otherFile := sshtest.Pair(t, "other")
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	both(t, func(t *testing.T, target Target) {
		closed, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_ = closed.Close()
		for name, c := range map[string]struct {
			change func(*Target)
			want   Problem
		}{
			"another host key":   {func(l *Target) { l.KnownHosts = sshtest.Known(t, l.Address, other.PublicKey()) }, WrongHostKey},
			"an unknown host":    {func(l *Target) { l.KnownHosts = empty }, UnknownHost},
			"no known_hosts":     {func(l *Target) { l.KnownHosts = "/no/such" }, BadSettings},
			"a key not accepted": {func(l *Target) { l.Keys = []string{otherFile} }, LoginRefused},
			"no key":             {func(l *Target) { l.Keys = []string{"/no/such"} }, BadSettings},
			"a key that is none": {func(l *Target) { l.Keys = []string{l.KnownHosts} }, BadSettings},
			"no agent":           {func(l *Target) { l.Agent = "/no/such" }, BadSettings},
			"nobody listens":     {func(l *Target) { l.Address = closed.Addr().String() }, NotReached},
		} {
			changed := target
			c.change(&changed)
			h, err := Dial(t.Context(), changed, patient())
			if err == nil {
				_ = h.Close()
			}
			if problem(err) != c.want || strings.Contains(err.Error(), "PRIVATE") {
				t.Errorf("%s: %v\nwant %s", name, err, c.want)
			} else if one := new(Error); errors.As(err, &one) && one.Remedy == "" {
				t.Errorf("%s: %v: no remedy", name, err)
			}
		}
	})
}

// A host that says nothing costs the limit, and no more.
func TestAHostThatHangsIsGivenUp(t *testing.T) {
	within := func(t *testing.T, want Problem, attempt func() error) {
		t.Helper()
		begun := time.Now()
		err := attempt()
		if took := time.Since(begun); problem(err) != want || took > 15*time.Second {
			t.Errorf("after %v: %v, want %s", took, err, want)
		}
	}
	t.Run("in the handshake", func(t *testing.T) {
		_, target := serve(t, nil)
		l, err := net.Listen("tcp", "127.0.0.1:0") // the kernel accepts, nobody answers
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		target.Address = l.Addr().String()
		within(t, HandshakeHangs, func() error { _, err := Dial(t.Context(), target, hasty()); return err })
		// Behind a jump host, whose channels know no deadlines.
		_, hop := serve(t, nil)
		target.Jump = &hop.Login
		limits := patient()
		limits.Handshake = 3 * time.Second
		within(t, HandshakeHangs, func() error { _, err := Dial(t.Context(), target, limits); return err })
	})
	t.Run("in the login", func(t *testing.T) {
		hangs := make(chan struct{})
		_, target := serve(t, func(s *inProcess) { s.hangs = hangs })
		limits := patient()
		limits.Handshake = 3 * time.Second
		within(t, LoginHangs, func() error { _, err := Dial(t.Context(), target, limits); return err })
		close(hangs)
	})
	t.Run("afterwards", func(t *testing.T) {
		s, target := serve(t, nil)
		limits := patient()
		limits.Request, limits.KeepAlive = 2*time.Second, 200*time.Millisecond
		h, err := Dial(t.Context(), target, limits)
		if err != nil {
			t.Fatal(err)
		}
		session, err := h.Start(t.Context(), []string{"cat"})
		if err != nil {
			t.Fatal(err)
		}
		s.silent.Store(true)
		begun := time.Now()
		if _, err := session.Read(make([]byte, 1)); err == nil || time.Since(begun) > 15*time.Second {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		if _, err := h.Run(t.Context(), []string{"true"}, nil); problem(err) != Lost && problem(err) != TimedOut {
			t.Error(err)
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	both(t, func(t *testing.T, target Target) {
		h := dial(t, target)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		within(t, TimedOut, func() error { _, err := h.Run(ctx, []string{"sleep", "20"}, nil); return err })
		if result, err := h.Run(t.Context(), []string{"true"}, nil); err != nil || result.Exit != 0 {
			t.Errorf("the connection does not survive a command that took too long: %v", err)
		}
	})
}

func TestAHostBehindAnotherIsReached(t *testing.T) {
	both(t, func(t *testing.T, target Target) {
		_, hop := serve(t, nil)
		target.Jump = &hop.Login
		h := dial(t, target)
		if err := h.Obeys(t.Context()); err != nil {
			t.Error(err)
		}
		target.Jump = &Login{Address: hop.Address, User: hop.User, Keys: target.Keys, KnownHosts: hop.KnownHosts}
		if _, err := Dial(t.Context(), target, patient()); problem(err) != LoginRefused || !strings.Contains(err.Error(), "jump host") {
			t.Errorf("%v", err)
		}
	})
}

// sshd refuses more than ten sessions a connection; no more than eight are ever asked for.
func TestSessionsAreBounded(t *testing.T) {
	s, target := serve(t, nil)
	h := dial(t, target)
	var all sync.WaitGroup
	for range 3 * MaxSessions {
		all.Go(func() {
			if result, err := h.Run(t.Context(), []string{"sleep", "0.2"}, nil); err != nil || result.Exit != 0 {
				t.Error(result, err)
			}
		})
	}
	all.Wait()
	if most := s.most.Load(); most > MaxSessions+2 || most < 2 {
		t.Errorf("%d commands ran at once, want 2 to %d (one may be ending while the next begins)", most, MaxSessions)
	}
}

// tools is a folder with programs that do what is said, in front of the system's.
func tools(t *testing.T, scripts map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestAnAccountThatMayNotIsNamed(t *testing.T) {
	local := filepath.Join(t.TempDir(), "agent")
	if err := os.WriteFile(local, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	beside := ":" + os.Getenv("PATH")
	for name, c := range map[string]struct {
		configure func(*inProcess)
		ask       func(context.Context, *Host) error
		want      Problem
		says      string
	}{
		"sudo that asks": {func(s *inProcess) {
			s.path = tools(t, map[string]string{"sudo": "echo a password is required >&2; exit 1"}) + beside
		},
			func(ctx context.Context, h *Host) error { return h.BecomesRoot(ctx) }, SudoAsks, "a password is required"},
		"no sudo":          {func(s *inProcess) { s.path = tools(t, map[string]string{"true": "exit 0"}) }, func(ctx context.Context, h *Host) error { return h.BecomesRoot(ctx) }, MissingTool, "no sudo"},
		"a forced command": {func(s *inProcess) { s.forced = "echo go away; exit 1" }, func(ctx context.Context, h *Host) error { return h.Obeys(ctx) }, NoCommands, "go away"},
		"no place that can be written": {func(s *inProcess) { s.path = tools(t, map[string]string{"mktemp": "exit 1"}) + beside },
			func(ctx context.Context, h *Host) error { _, err := h.Place(ctx, local); return err }, CannotWrite, "cannot be written"},
		"a full folder": {func(s *inProcess) {
			s.path = tools(t, map[string]string{"cat": "echo no space left >&2; exit 1"}) + beside
		},
			func(ctx context.Context, h *Host) error { _, err := h.Place(ctx, local); return err }, CannotWrite, "no space left"},
		"a copy that differs": {func(s *inProcess) { s.path = tools(t, map[string]string{"sha256sum": "echo 00 -"}) + beside },
			func(ctx context.Context, h *Host) error { _, err := h.Place(ctx, local); return err }, CannotWrite, "00 -"},
	} {
		t.Run(name, func(t *testing.T) {
			_, target := serve(t, c.configure)
			h := dial(t, target)
			before := left(t)
			if err := c.ask(t.Context(), h); problem(err) != c.want || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v\nwant %s, %q", err, c.want, c.says)
			}
			if after := left(t); after != before {
				t.Errorf("%q is left, it was %q", after, before)
			}
		})
	}
}

// left are the folders in memory-backed storage that this process had made: other tests make theirs at the same time.
func left(t *testing.T) string {
	t.Helper()
	var all []string
	for _, folder := range []string{"/dev/shm", "/run", "/run/user/*"} {
		found, err := filepath.Glob(fmt.Sprintf("%s/crossdc-ssh-%d-*", folder, os.Getpid()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return strings.Join(all, " ")
}

func TestOffsetsThatAgree(t *testing.T) {
	one := Offset{Offset: 10 * time.Millisecond, Bound: 2 * time.Millisecond}
	if !one.Agrees(Offset{14 * time.Millisecond, 2 * time.Millisecond}) || one.Agrees(Offset{15 * time.Millisecond, 2 * time.Millisecond}) || one.Agrees(Offset{time.Second, time.Millisecond}) {
		t.Error("only intervals that touch agree")
	}
}
