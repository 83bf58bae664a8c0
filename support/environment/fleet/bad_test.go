package fleet

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/crossdc/failover/support/environment/hostsfile"
	"github.com/crossdc/failover/support/environment/ssh"
	"github.com/crossdc/failover/support/environment/ssh/sshtest"
	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// built is the agent of all tests that need no more than that.
var built struct {
	sync.Once
	folder, path string
	err          error
}

func programs(ctx context.Context, architecture string) (string, error) {
	built.Do(func() {
		if built.folder, built.err = os.MkdirTemp("", "fleet"); built.err == nil {
			built.path, built.err = ssh.Build(context.WithoutCancel(ctx), built.folder, "github.com/crossdc/failover/support/fault/agent", architecture)
		}
	})
	return built.path, built.err
}

// oneHost is a data center of one host, which is this machine behind an sshd of its own.
func oneHost(t *testing.T) *hostsfile.File {
	t.Helper()
	server := sshtest.OpenSSH(t)
	return &hostsfile.File{Name: "one", Hosts: []hostsfile.Host{{
		Login:     hostsfile.Login{Address: server.Address, User: server.User, Keys: []string{server.Key}, KnownHosts: server.KnownHosts},
		Privilege: hostsfile.NoPrivilege,
	}}}
}

// fleetOf is a fleet whose hosts are reached when they are first needed.
func fleetOf(t *testing.T, file *hostsfile.File, holder string) *Fleet {
	t.Helper()
	f := New(file.Name, file, Options{Holder: holder, Limits: patient(), Programs: programs})
	t.Cleanup(func() {
		if err := f.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return f
}

// A status that fails, or cannot be run, says nothing of the service: it is not started, and nobody is told that it is down.
func TestAStatusThatSaysNothingIsNoServiceThatIsDown(t *testing.T) {
	for name, c := range map[string]struct {
		status, want string
		starts       bool
	}{
		"runs":            {"exit 0", "", false},
		"does not run":    {"exit 3", "", true},
		"fails":           {"echo no bus >&2; exit 1", `exits with 1: "no bus\n"; 0 means that it runs, [3] that it does not`, false},
		"ends by signal":  {"kill -9 $$", "exits with ", false},
		"cannot be run":   {"", "exits with 127", false},
		"may not be used": {"exit 126", "exits with 126", false},
	} {
		t.Run(name, func(t *testing.T) {
			file, folder := oneHost(t), t.TempDir()
			started := filepath.Join(folder, "started")
			status := filepath.Join(folder, "status")
			if c.status != "" {
				if err := os.WriteFile(status, []byte("#!/bin/sh\n"+c.status+"\n"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			file.Hosts[0].Service = &hostsfile.Service{Start: []string{"/bin/touch", started}, Stop: []string{"/bin/false"}, Status: []string{status}, Stopped: []int{3}}
			err := NewProcesses(fleetOf(t, file, "a test"), "a test").StartServices(t.Context())
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant %q", err, c.want)
			}
			if _, err := os.Stat(started); (err == nil) != c.starts {
				t.Errorf("it was started: %v, want %v", err == nil, c.starts)
			}
		})
	}
}

// Two runs at once: the second is told who has the host and until when, and does not take it from the first by leaving. A lease is renewed until
// its run ends.
func TestASecondRunIsRefusedByName(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a quarter of a minute, over several logins: make test-long runs it")
	}
	file := oneHost(t)
	runs := map[string]*Fleet{}
	for _, holder := range []string{"the first run", "the second run"} {
		runs[holder] = New(file.Name, file, Options{Holder: holder, Limits: patient(), Programs: programs, Lease: 20 * time.Second})
	}
	open := func(holder string) error { return runs[holder].Open(t.Context()) }
	end := func(holder string) {
		t.Helper()
		if err := runs[holder].Close(t.Context()); err != nil {
			t.Errorf("%s: %v", holder, err)
		}
	}
	refused := func() {
		t.Helper()
		err := open("the second run")
		var no *protocol.Error
		if !errors.As(err, &no) || no.Code != protocol.CodeBusy || !strings.Contains(no.Text, `"the first run" has a lease`) || !strings.Contains(no.Text, "expires in") || no.Remedy == "" {
			t.Errorf("the second run: %v", err)
		}
		end("the second run")
	}
	defer end("the first run")
	if err := open("the first run"); err != nil {
		t.Fatal(err)
	}
	refused()
	time.Sleep(21 * time.Second) // longer than the lease
	refused()
	end("the first run")
	if err := open("the second run"); err != nil {
		t.Errorf("after the first has ended: %v", err)
	}
	end("the second run")
}
