// Package hostsfile reads the file that names the hosts of one data center (CROSSDC_DCn_HOSTS_FILE): how each is reached over SSH, what
// may be done there, and what of it belongs to the application. It holds no secrets, only paths of key files.
//
// It may import support/strictyaml.
package hostsfile

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/crossdc/failover/support/strictyaml"
)

// File is the hosts of one data center.
type File struct {
	Name  string `yaml:"name"`  // CROSSDC_ARMED must equal the names of both files before anything is broken
	Hosts []Host `yaml:"hosts"` // 1 to MaxHosts
}

// Login is how a machine is reached over SSH.
type Login struct {
	Address    string   `yaml:"address"`     // host or host:port as seen from here, or from the jump host; without a port 22
	User       string   `yaml:"user"`        // account on the machine
	Keys       []string `yaml:"keys"`        // private key files without a passphrase, absolute or relative to the file
	Agent      bool     `yaml:"agent"`       // keys of the agent at SSH_AUTH_SOCK as well
	KnownHosts string   `yaml:"known_hosts"` // file with its host key; required: an unknown host is refused
}

// Host is one machine of the data center.
type Host struct {
	Login              `yaml:",inline"`
	Jump               *Login   `yaml:"jump"`                // machine to go through
	Privilege          string   `yaml:"privilege"`           // how a command gets the rights of root; see Privileges
	InstallFolder      string   `yaml:"install_folder"`      // of the product: only processes below it are struck; without it none is
	ReplicaFolder      string   `yaml:"replica_folder"`      // of the toolkit's replicas; without it they are not looked at
	ApplicationNetwork string   `yaml:"application_network"` // prefix such as 10.1.0.0/16 that a partition cuts; without it the link is left alone
	Service            *Service `yaml:"service"`             // of the product's service, where it is registered; without it it is left alone
}

// Service is how the product's service is acted on: argument vectors that start with an absolute path and pass through no shell.
type Service struct {
	Stop   []string `yaml:"stop"`
	Start  []string `yaml:"start"`
	Status []string `yaml:"status"`
	// Stopped are the exit codes of status that say that the service does not run, 1 to 125; 3 where none is named, as the Linux Standard Base
	// and systemctl have it. 0 says that it runs. Any other code says neither: sudo that asks exits with 1 as well.
	Stopped []int `yaml:"stopped"`
}

// lsbStopped is what status exits with where a service does not run: LSB Core 5.0, 22.2.
const lsbStopped = 3

// Says reads an exit code of status: known is false where it says neither that the service runs nor that it does not.
func (s *Service) Says(exit int) (runs, known bool) {
	return exit == 0, exit == 0 || slices.Contains(s.Stopped, exit)
}

// Ways to the rights of root.
const (
	NoPrivilege = "none"    // the account has what it needs, or faults that need more are not available
	Sudo        = "sudo -n" // without a password; sudo that asks is an error
)

// Privileges are the values of privilege.
func Privileges() []string { return []string{NoPrivilege, Sudo} }

// MaxHosts bounds the hosts of a data center.
const MaxHosts = 64

// maxArguments bounds one argument vector.
const maxArguments = 64

// Command is an argument vector with what comes before it to get the rights of root.
func (h *Host) Command(argv ...string) []string {
	if h.Privilege == Sudo {
		return append([]string{"sudo", "-n", "--"}, argv...)
	}
	return argv
}

var kind = strictyaml.Kind{Name: "hosts file", Needs: "name and hosts"}

// Load reads a file of the disk.
func Load(file string) (*File, error) {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the hosts of a data center: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("read the hosts of a data center: %s is not a regular file", file)
	case info.Size() > strictyaml.MaxFile:
		return nil, &strictyaml.Error{File: file, Text: fmt.Sprintf("%d bytes are more than a hosts file may have (%d)", info.Size(), strictyaml.MaxFile)}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the hosts of a data center: %w", err)
	}
	return Parse(file, data)
}

// Parse reads the text of a file. The error joins a *strictyaml.Error for each thing that is wrong. Relative paths of key files and
// known_hosts become those of the file's folder, and defaults are filled in.
func Parse(file string, data []byte) (*File, error) {
	f := &File{}
	document, err := kind.Decode(file, data, f)
	if err != nil {
		return nil, err
	}
	c := checker{document: document, folder: filepath.Dir(file)}
	c.file(f)
	if len(c.problems) > 0 {
		return nil, errors.Join(c.problems...)
	}
	return f, nil
}

type checker struct {
	document *strictyaml.Document
	folder   string
	problems []error
}

func (c *checker) wrong(key, format string, values ...any) {
	c.problems = append(c.problems, c.document.Wrong(key, format, values...))
}

func (c *checker) file(f *File) {
	if !nameOK(f.Name) {
		c.wrong("name", "%q; want the data center's name, 1 to 100 bytes without control characters, slashes and commas", f.Name)
	}
	if len(f.Hosts) == 0 || len(f.Hosts) > MaxHosts {
		c.wrong("hosts", "%d of them; want 1 to %d, each with address, user, known_hosts, and keys or agent", len(f.Hosts), MaxHosts)
		return
	}
	seen := map[string]int{}
	for i := range f.Hosts {
		h, at := &f.Hosts[i], fmt.Sprintf("hosts/%d", i)
		c.login(at, &h.Login)
		if other, twice := seen[h.Address]; twice {
			c.wrong(at+"/address", "%s is that of hosts/%d as well; want each host once", h.Address, other)
		}
		seen[h.Address] = i
		if h.Jump != nil {
			c.login(at+"/jump", h.Jump)
		}
		c.host(at, h)
	}
}

// login checks how a machine is reached, and fills in what follows.
func (c *checker) login(at string, l *Login) {
	if address, ok := withPort(l.Address); ok {
		l.Address = address
	} else {
		c.wrong(at+"/address", "%q; want a host or host:port such as node1.example, 192.0.2.7:22 or [2001:db8::7]:22", l.Address)
	}
	if l.User == "" || strings.ContainsFunc(l.User, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		c.wrong(at+"/user", "%q; want the name of an account", l.User)
	}
	if len(l.Keys) == 0 && !l.Agent {
		c.wrong(at+"/keys", "none; want private key files, or agent: true for those of the agent at SSH_AUTH_SOCK")
	}
	for i := range l.Keys {
		c.local(fmt.Sprintf("%s/keys/%d", at, i), &l.Keys[i])
	}
	if l.KnownHosts == "" {
		c.wrong(at+"/known_hosts", "none; want a file with the machine's key: ssh-keyscan -H HOST > known_hosts, compared on the machine's console")
		return
	}
	c.local(at+"/known_hosts", &l.KnownHosts)
}

// local makes a path of this machine absolute to the file's folder.
func (c *checker) local(at string, name *string) {
	switch {
	case *name == "" || strings.ContainsRune(*name, 0) || strings.HasPrefix(*name, "~"):
		c.wrong(at, "%q; want a path of this machine, absolute or relative to the hosts file; ~ is not replaced", *name)
	case !filepath.IsAbs(*name):
		*name = filepath.Join(c.folder, *name)
	}
}

func (c *checker) host(at string, h *Host) {
	switch h.Privilege {
	case "":
		h.Privilege = NoPrivilege
	case NoPrivilege, Sudo:
	default:
		c.wrong(at+"/privilege", "%q; want %s", h.Privilege, strings.Join(Privileges(), " or "))
	}
	for _, folder := range []struct{ key, value string }{{"install_folder", h.InstallFolder}, {"replica_folder", h.ReplicaFolder}} {
		if folder.value != "" && (folder.value == "/" || !cleanPath(folder.value)) {
			c.wrong(at+"/"+folder.key, "%q; want an absolute path of the host below /, without . and ..", folder.value)
		}
	}
	if h.ApplicationNetwork != "" {
		prefix, err := netip.ParsePrefix(h.ApplicationNetwork)
		if err != nil || prefix.Bits() < 8 || prefix.Masked() != prefix || prefix.Addr().Is4In6() {
			c.wrong(at+"/application_network", "%q; want a prefix such as 10.1.0.0/16 or 2001:db8:1::/48, at least 8 bits long and with no bits beyond them", h.ApplicationNetwork)
		}
	}
	if h.Service == nil {
		return
	}
	for i, code := range h.Service.Stopped {
		if code < 1 || code > 125 {
			c.wrong(fmt.Sprintf("%s/service/stopped/%d", at, i), "%d; want exit codes of status from 1 to 125: 0 says that the service runs, and shells end with the others where they cannot run it", code)
		}
	}
	if len(h.Service.Stopped) == 0 {
		h.Service.Stopped = []int{lsbStopped}
	}
	for _, command := range []struct {
		key  string
		argv []string
	}{{"stop", h.Service.Stop}, {"start", h.Service.Start}, {"status", h.Service.Status}} {
		at := at + "/service/" + command.key
		if len(command.argv) == 0 || len(command.argv) > maxArguments {
			c.wrong(at, "%d arguments; want 1 to %d: a list such as [/usr/bin/systemctl, stop, streams]", len(command.argv), maxArguments)
			continue
		}
		if !cleanPath(command.argv[0]) {
			c.wrong(at+"/0", "%q; want the absolute path of a program: no shell looks for it", command.argv[0])
		}
		for i, argument := range command.argv {
			if strings.ContainsRune(argument, 0) {
				c.wrong(fmt.Sprintf("%s/%d", at, i), "%q; want no NUL", argument)
			}
		}
	}
}

func nameOK(name string) bool {
	return name != "" && len(name) <= 100 && strings.TrimSpace(name) == name && !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f || r == '/' || r == ',' })
}

func cleanPath(name string) bool {
	return path.IsAbs(name) && path.Clean(name) == name && !strings.ContainsRune(name, 0)
}

// withPort is an address with its port.
func withPort(address string) (string, bool) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port = strings.TrimSuffix(strings.TrimPrefix(address, "["), "]"), "22"
		if strings.Contains(host, ":") && net.ParseIP(host) == nil {
			return "", false
		}
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || host == "" || strings.ContainsFunc(host, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune("/@[]?#,", r) }) {
		return "", false
	}
	return net.JoinHostPort(host, strconv.FormatUint(n, 10)), true
}
