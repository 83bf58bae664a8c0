package hosts

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crossdc/failover/support/environment/hostsfile"
	"github.com/crossdc/failover/support/environment/ssh"
	"github.com/crossdc/failover/support/environment/ssh/sshtest"
	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// A real sshd, with the real agent pushed to it: everything is looked at, and nothing is left.
func TestAHostIsLookedAt(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the agent")
	}
	server := sshtest.OpenSSH(t)
	folder := t.TempDir()
	h := hostsfile.Host{
		Login:     hostsfile.Login{Address: server.Address, User: server.User, Keys: []string{server.Key}, KnownHosts: server.KnownHosts},
		Privilege: hostsfile.NoPrivilege, ReplicaFolder: folder, InstallFolder: "/no/such", ApplicationNetwork: "127.0.0.0/8",
	}
	foreign, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer foreign.Close()
	listens := uint16(foreign.Addr().(*net.TCPAddr).Port)
	for _, name := range []string{"dc2-A.snapshot", "dc2-B.snapshot", "other"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	limits := ssh.Limits{Dial: 20 * time.Second, Handshake: 40 * time.Second, Request: 40 * time.Second, KeepAlive: 5 * time.Second}
	lines := Examine(t.Context(), h, []uint16{listens, 9}, func(ctx context.Context, architecture string) (string, error) {
		return ssh.Build(ctx, folder, "github.com/crossdc/failover/support/fault/agent", architecture)
	}, limits)
	for _, c := range []struct {
		what, says string
		wrong      bool
	}{
		{"login", "commands run", false}, {"way to it", "from 127.0.0.1", false}, {"network", "would cut us off", false}, {"install folder", "", true},
		{"replica folder", folder, false}, {"fault agent", "in memory only", false}, {"clock", "off by", false}, {"kernel faults", "", false},
		{"versions", "Linux", false}, {"ports", fmt.Sprintf("%d is taken by", listens), false}, {"replicas", "2, the newest dc2-", false},
	} {
		at := slices.IndexFunc(lines, func(l Line) bool { return l.What == c.what })
		if at < 0 || (lines[at].Err != nil) != c.wrong || !strings.Contains(lines[at].Says, c.says) {
			t.Errorf("%s: want %q, wrong %t:\n%+v", c.what, c.says, c.wrong, lines)
		}
	}
	if left, err := filepath.Glob(fmt.Sprintf("/dev/shm/crossdc-ssh-%d-*", os.Getpid())); err != nil || len(left) > 0 {
		t.Errorf("left: %q, %v", left, err)
	}
}

func TestAHostThatIsNotReachedHasOneLine(t *testing.T) {
	known := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(known, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, key := sshtest.Pair(t, "key")
	h := hostsfile.Host{Login: hostsfile.Login{Address: "127.0.0.1:1", User: "u", Keys: []string{key}, KnownHosts: known}}
	lines := Examine(t.Context(), h, nil, nil, ssh.DefaultLimits())
	if len(lines) != 1 || lines[0].Err == nil || Remedy(lines[0].Err) == "" {
		t.Errorf("%+v", lines)
	}
	h.Agent = true
	t.Setenv("SSH_AUTH_SOCK", "")
	if lines = Examine(t.Context(), h, nil, nil, ssh.DefaultLimits()); len(lines) != 1 || lines[0].Err == nil || !strings.Contains(lines[0].Err.Error(), "SSH_AUTH_SOCK") {
		t.Errorf("%+v", lines)
	}
}

func TestWhatAHostCannotDoHasItsReason(t *testing.T) {
	lines := can([]protocol.Capability{{Fault: "cut", Way: "nft"}, {Fault: "rate", Reason: "no tbf", Remedy: "load sch_tbf"}})
	if len(lines) != 2 || lines[0].Says != "cut (nft)" || !lines[1].Note || lines[1].Says != "cannot be carried out here: no tbf; load sch_tbf" {
		t.Errorf("%+v", lines)
	}
	if lines = can(nil); len(lines) != 1 || !lines[0].Note {
		t.Errorf("%+v", lines)
	}
}
