package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/ssh/sshtest"
)

// doctor runs it with settings, and gives what it printed.
func doctor(t *testing.T, environ map[string]string, arguments ...string) (code int, out, complaints string) {
	t.Helper()
	t.Setenv("CROSSDC_REPORTS", t.TempDir())
	t.Setenv("CROSSDC_HISTORY", "-")
	t.Setenv("CROSSDC_JOURNAL", t.TempDir())
	for name, value := range environ {
		t.Setenv(name, value)
	}
	var said, wrong bytes.Buffer
	code = run(t.Context(), arguments, &said, &wrong)
	return code, said.String(), wrong.String()
}

// closed is an address where nothing listens.
func closed(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "https://" + l.Addr().String() + "/streams/resources"
}

func remote(one, two string, more map[string]string) map[string]string {
	environ := map[string]string{
		"CROSSDC_ENVIRONMENT": "remote", "CROSSDC_DC1_ROOT": one, "CROSSDC_DC2_ROOT": two,
		"CROSSDC_DC1_USER": "u", "CROSSDC_DC2_USER": "u", "CROSSDC_DC1_PASSWORD": "planted-secret-1", "CROSSDC_DC2_PASSWORD": "planted-secret-2",
		"CROSSDC_DC1_JOB": "drill", "CROSSDC_DC2_JOB": "drill",
	}
	for name, value := range more {
		environ[name] = value
	}
	return environ
}

// Whatever is wrong has a line with the remedy, what rests on it is said not to have been looked at, and it is 1.
func TestWhatIsWrongHasItsRemedy(t *testing.T) {
	for name, c := range map[string]struct {
		environ map[string]string
		says    []string
	}{
		"settings that contradict each other": {map[string]string{"CROSSDC_RTO": "10s", "CROSSDC_SPEEDUP": "1"},
			[]string{"wrong", "CROSSDC_RTO=10s cannot be kept", "the nearest that can be kept is CROSSDC_RTO=2m30s", "not looked at everything"}},
		"a trap that makes tests meaningless": {map[string]string{"CROSSDC_TOOLKIT_SNAPSHOT_INTERVAL": "500ms"},
			[]string{"wrong", "(C6)", "CROSSDC_TOOLKIT_SNAPSHOT_INTERVAL"}},
		"a setting that nobody knows": {map[string]string{"CROSSDC_NO_SUCH_SETTING": "1"}, []string{"wrong", "CROSSDC_NO_SUCH_SETTING"}},
		"nobody listens": {remote(closed(t), closed(t), nil), []string{"dc1 refuses connections", "dc2 refuses connections", "check CROSSDC_DC1_ROOT",
			"not looked at job: needs login, certificate, instance", "not looked at status and faults"}},
		"an authority that is not there": {remote(closed(t), closed(t), map[string]string{"CROSSDC_DC1_CA_FILE": "/no/such.pem"}), []string{"wrong", "CROSSDC_DC1_CA_FILE"}},
		"hosts that are not there":       {remote(closed(t), closed(t), map[string]string{"CROSSDC_DC2_HOSTS_FILE": "/no/such.yaml"}), []string{"wrong", "CROSSDC_DC2_HOSTS_FILE", "dc2 has hosts that cannot be understood", "no such file"}},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, complaints := doctor(t, c.environ)
			if code != 1 || complaints != "" {
				t.Errorf("exit code %d, complaints %q", code, complaints)
			}
			for _, want := range c.says {
				if !strings.Contains(out, want) {
					t.Errorf("it does not say %q:\n%s", want, out)
				}
			}
			if strings.Contains(out, "planted-secret") {
				t.Errorf("a secret is shown:\n%s", out)
			}
		})
	}
}

func TestItIsCalledWithoutArguments(t *testing.T) {
	for _, arguments := range [][]string{{"dc1"}, {"-verbose"}} {
		if code, out, complaints := doctor(t, nil, arguments...); code != 2 || out != "" || complaints == "" {
			t.Errorf("%q: exit code %d, %q, %q", arguments, code, out, complaints)
		}
	}
}

// A healthy pair of real processes is found fit, and every fault available.
func TestAnEmulatedPairIsFit(t *testing.T) {
	code, out, complaints := doctor(t, nil, "-json")
	var rows []row
	if err := json.Unmarshal([]byte(out), &rows); err != nil || code != 0 || complaints != "" {
		t.Fatalf("exit code %d, %v, %q:\n%s", code, err, complaints, out)
	}
	for _, want := range []row{
		{Where: "dc1", What: "job"}, {Where: "dc2", What: "job"}, {Where: "dc1", What: "Data Exchange"}, {Where: "dc1", What: "status"}, {Where: "dc2", What: "status"},
		{Where: "link", What: "relay"}, {Where: "faults", What: "available"}, {Where: "scenarios", What: "can run"}, {Where: "settings", What: "configuration traps"},
	} {
		at := slices.IndexFunc(rows, func(r row) bool { return r.Where == want.Where && r.What == want.What })
		if at < 0 || rows[at].State != string(environment.Fits) {
			t.Errorf("%s %s is not found fit:\n%s", want.Where, want.What, out)
		}
	}
}

// Hosts are looked at also where nobody answers at the URLs, each with its remedy.
func TestHostsAreLookedAt(t *testing.T) {
	server := sshtest.OpenSSH(t)
	folder := t.TempDir()
	one, two := filepath.Join(folder, "one.yaml"), filepath.Join(folder, "two.yaml")
	for file, text := range map[string]string{
		one: fmt.Sprintf("name: dc1\nhosts: [{address: %q, user: %s, keys: [%q], known_hosts: %q}]\n", server.Address, server.User, server.Key, server.KnownHosts),
		two: fmt.Sprintf("name: dc2\nhosts: [{address: %q, user: %s, keys: [%q], known_hosts: %q}]\n", strings.Replace(server.Address, "127.0.0.1", "localhost", 1), server.User, server.Key, server.KnownHosts),
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, out, _ := doctor(t, remote(closed(t), closed(t), map[string]string{"CROSSDC_DC1_HOSTS_FILE": one, "CROSSDC_DC2_HOSTS_FILE": two}))
	for _, want := range []string{"dc1 host " + server.Address, "ok            login: as " + server.User, "ok            clock: off by", "kernel faults:", "network: none is named", "dc2 host localhost", "unknown host", "compare it on the host's console"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if code != 1 || strings.Contains(out, "PRIVATE") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}
