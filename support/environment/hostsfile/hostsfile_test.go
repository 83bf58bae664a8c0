package hostsfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/crossdc/failover/support/strictyaml"
)

const good = `name: east
hosts:
  - address: node1.example
    user: streams
    keys: [id_ed25519]
    known_hosts: /etc/ssh/ssh_known_hosts
    jump:
      address: "[2001:db8::1]:2222"
      user: hop
      agent: true
      known_hosts: known
    privilege: sudo -n
    install_folder: /opt/streams
    replica_folder: /data/replicas
    application_network: 10.1.0.0/16
    service:
      stop: [/usr/bin/systemctl, stop, streams]
      start: [/usr/bin/systemctl, start, streams]
      status: [/usr/bin/systemctl, is-active, streams]
  - {address: 192.0.2.8, user: root, agent: true, known_hosts: known}
`

func TestAGoodFileIsUnderstood(t *testing.T) {
	f, err := Parse("/conf/east.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	one, two := f.Hosts[0], f.Hosts[1]
	if f.Name != "east" || one.Address != "node1.example:22" || one.Keys[0] != "/conf/id_ed25519" || one.KnownHosts != "/etc/ssh/ssh_known_hosts" ||
		one.Jump.Address != "[2001:db8::1]:2222" || one.Jump.KnownHosts != "/conf/known" || !one.Jump.Agent || one.Service.Status[1] != "is-active" {
		t.Errorf("%+v", f)
	}
	if two.Address != "192.0.2.8:22" || two.Privilege != NoPrivilege || two.Jump != nil || two.Service != nil {
		t.Errorf("%+v", two)
	}
	if got := one.Command("/bin/id", "a b"); !slices.Equal(got, []string{"sudo", "-n", "--", "/bin/id", "a b"}) {
		t.Errorf("%q", got)
	}
	if got := two.Command("/bin/id"); !slices.Equal(got, []string{"/bin/id"}) {
		t.Errorf("%q", got)
	}
}

// A status that is neither yes nor no is never taken for a service that does not run.
func TestExitCodesOfStatusMeanWhatTheFileSays(t *testing.T) {
	f, err := Parse("/conf/east.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	byDefault, named := *f.Hosts[0].Service, Service{Stopped: []int{1, 4}}
	for _, c := range []struct {
		service     Service
		exit        int
		runs, known bool
	}{
		{byDefault, 0, true, true}, {byDefault, 3, false, true}, {byDefault, 1, false, false}, {byDefault, 127, false, false}, {byDefault, -1, false, false},
		{named, 0, true, true}, {named, 4, false, true}, {named, 1, false, true}, {named, 3, false, false},
	} {
		if runs, known := c.service.Says(c.exit); runs != c.runs || known != c.known {
			t.Errorf("%v says of %d: runs %v, known %v", c.service.Stopped, c.exit, runs, known)
		}
	}
}

// What is wrong is named with file, line, key and what is allowed.
func TestWhatIsWrongIsNamed(t *testing.T) {
	replaced := func(old, with string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the good file has no %q", old)
		}
		return strings.Replace(good, old, with, 1)
	}
	const status = "      status: [/usr/bin/systemctl, is-active, streams]\n"
	for name, c := range map[string]struct{ text, want string }{
		"0 as stopped":            {replaced(status, status+"      stopped: [3, 0]\n"), "f.yaml:20: hosts/0/service/stopped/1: 0; want exit codes of status from 1 to 125"},
		"empty":                   {"", "f.yaml: it is empty: a hosts file needs name and hosts"},
		"an unknown key":          {replaced("privilege:", "sudo:"), `f.yaml:12: unknown key "sudo"; allowed here: address, agent, application_network`},
		"an unknown key of jump":  {replaced("      user: hop", "      login: hop"), `f.yaml:9: unknown key "login"; allowed here: address, agent, keys, known_hosts, user`},
		"no name":                 {replaced("name: east", "name: ''"), `f.yaml:1: name: ""; want the data center's name`},
		"a name with a slash":     {replaced("east", "a/b"), `f.yaml:1: name: "a/b"`},
		"no hosts":                {"name: east\nhosts: []\n", "f.yaml:2: hosts: 0 of them; want 1 to 64"},
		"no address":              {replaced("address: node1.example", "address: ''"), `f.yaml:3: hosts/0/address: ""; want a host or host:port`},
		"an address as URL":       {replaced("node1.example", "ssh://node1"), `f.yaml:3: hosts/0/address: "ssh://node1"`},
		"a port that is none":     {replaced("node1.example", "node1:99999"), "f.yaml:3: hosts/0/address:"},
		"a host twice":            {replaced("192.0.2.8", "node1.example:22"), "f.yaml:20: hosts/1/address: node1.example:22 is that of hosts/0 as well"},
		"no user":                 {replaced("    user: streams\n", ""), `f.yaml:3: hosts/0/user: ""; want the name of an account`},
		"no key and no agent":     {replaced("    keys: [id_ed25519]\n", ""), "f.yaml:3: hosts/0/keys: none; want private key files, or agent: true"},
		"a home that no one is":   {replaced("[id_ed25519]", "[~/id]"), `f.yaml:5: hosts/0/keys/0: "~/id"; want a path`},
		"no known_hosts":          {replaced("    known_hosts: /etc/ssh/ssh_known_hosts\n", ""), "f.yaml:3: hosts/0/known_hosts: none; want a file"},
		"another way to be root":  {replaced("sudo -n", "su"), `f.yaml:12: hosts/0/privilege: "su"; want none or sudo -n`},
		"a folder that is all":    {replaced("/opt/streams", "/"), `f.yaml:13: hosts/0/install_folder: "/"; want an absolute path`},
		"a relative folder":       {replaced("/data/replicas", "data"), `f.yaml:14: hosts/0/replica_folder: "data"`},
		"everything as network":   {replaced("10.1.0.0/16", "0.0.0.0/0"), `f.yaml:15: hosts/0/application_network: "0.0.0.0/0"; want a prefix`},
		"bits beyond the network": {replaced("10.1.0.0/16", "10.1.2.3/16"), "f.yaml:15: hosts/0/application_network:"},
		"a shell string":          {replaced("[/usr/bin/systemctl, stop, streams]", "systemctl stop streams"), "f.yaml:17: hosts/0/service/stop: \"systemc...\"; want a list"},
		"a program to look for":   {replaced("[/usr/bin/systemctl, stop", "[systemctl, stop"), `f.yaml:17: hosts/0/service/stop/0: "systemctl"; want the absolute path`},
		"half a service":          {replaced("      start: [/usr/bin/systemctl, start, streams]\n", ""), "f.yaml:16: hosts/0/service/start: 0 arguments; want 1 to 64"},
	} {
		f, err := Parse("f.yaml", []byte(c.text))
		if one := new(strictyaml.Error); err == nil || f != nil || !strings.Contains(err.Error(), c.want) || !errors.As(err, &one) {
			t.Errorf("%s: %v\nwant %q", name, err, c.want)
		}
	}
}

func TestAFileOfTheDiskIsRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "east.yaml")
	if err := os.WriteFile(file, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err := Load(file); err != nil || f.Hosts[0].Keys[0] != filepath.Join(filepath.Dir(file), "id_ed25519") {
		t.Errorf("%+v, %v", f, err)
	}
	for _, bad := range []string{file + ".none", filepath.Dir(file)} {
		if _, err := Load(bad); err == nil || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

var write = flag.Bool("write", false, "write schema.json anew")

// The schema that editors read has every key of the file, and no other.
func TestTheSchemaIsThatOfTheFile(t *testing.T) {
	schema, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	schema = append(schema, '\n')
	if *write {
		if err := os.WriteFile("schema.json", schema, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, err := os.ReadFile("schema.json"); err != nil || !bytes.Equal(have, schema) {
		t.Errorf("schema.json is not that of the file (%v): go test ./support/environment/hostsfile -write", err)
	}
	type node struct {
		Properties map[string]node
		Items      *node
	}
	var top node
	if err := json.Unmarshal(schema, &top); err != nil {
		t.Fatal(err)
	}
	host := top.Properties["hosts"].Items
	for name, c := range map[string]struct {
		schema node
		parts  []any
	}{"file": {top, []any{File{}}}, "host": {*host, []any{Host{}, Login{}}}, "jump": {host.Properties["jump"], []any{Login{}}}, "service": {host.Properties["service"], []any{Service{}}}} {
		var want, got []string
		for _, part := range c.parts {
			for i := range reflect.TypeOf(part).NumField() {
				if key, _, _ := strings.Cut(reflect.TypeOf(part).Field(i).Tag.Get("yaml"), ","); key != "" {
					want = append(want, key)
				}
			}
		}
		for key := range c.schema.Properties {
			got = append(got, key)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Errorf("%s: the schema has %q, the file %q", name, got, want)
		}
	}
}

// Whatever is read, it is refused with an error of the file, or everything in it is bounded.
func FuzzParse(f *testing.F) {
	f.Add(good)
	f.Add("name: a\nhosts: [{address: '::1', user: u, agent: true, known_hosts: k}]\n")
	f.Add("name: a\nhosts: [&x {address: a:1, jump: *x}]\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Parse("f.yaml", []byte(text))
		if err != nil {
			if one := new(strictyaml.Error); !errors.As(err, &one) {
				t.Fatalf("not an error of the file: %v", err)
			}
			return
		}
		if file.Name == "" || len(file.Hosts) == 0 || len(file.Hosts) > MaxHosts {
			t.Fatalf("%+v", file)
		}
		for _, h := range file.Hosts {
			if h.KnownHosts == "" || h.User == "" || len(h.Keys) == 0 && !h.Agent || !slices.Contains(Privileges(), h.Privilege) {
				t.Fatalf("%+v", h)
			}
		}
	})
}
