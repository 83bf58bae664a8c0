// Package hosts looks at the hosts of a data center over SSH: whether they are reached, what the account may do, how far their clocks
// are off, and which faults their kernels could carry out. It breaks nothing and leaves nothing.
//
// It may import support/environment/hostsfile, support/environment/ssh, support/fault/agent and toolkit/crossdc.
package hosts

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/crossdc/failover/support/environment/hostsfile"
	"github.com/crossdc/failover/support/environment/ssh"
	"github.com/crossdc/failover/support/fault/agent/client"
	"github.com/crossdc/failover/support/fault/agent/protocol"
)

// Line is one thing that was looked at.
type Line struct {
	What string
	Says string
	// Note says that somebody should know it although tests can run.
	Note bool
	Err  error // what is wrong; what rests on it was not looked at
}

// Programs gives the fault agent, built for an architecture such as amd64.
type Programs func(ctx context.Context, architecture string) (path string, err error)

// clockRounds is how many round trips bound a clock.
const clockRounds = 7

// farOff is from where a clock is worth a word: traces of two hosts are then hard to read side by side.
const farOff = time.Second

// Target is how SSH reaches a host of the file.
func Target(h hostsfile.Host) ssh.Target {
	login := func(l hostsfile.Login) ssh.Login {
		s := ssh.Login{Address: l.Address, User: l.User, Keys: l.Keys, KnownHosts: l.KnownHosts}
		if l.Agent {
			s.Agent = os.Getenv("SSH_AUTH_SOCK")
			if s.Agent == "" {
				s.Agent = "SSH_AUTH_SOCK (not set)" // fails with the name of what is missing
			}
		}
		return s
	}
	target := ssh.Target{Login: login(h.Login)}
	if h.Jump != nil {
		jump := login(*h.Jump)
		target.Jump = &jump
	}
	return target
}

// Examine looks at one host, one thing after another, and ends at the first that is wrong.
// ports are those that the toolkit listens on.
func Examine(ctx context.Context, h hostsfile.Host, ports []uint16, programs Programs, limits ssh.Limits) (lines []Line) {
	add := func(what, says string, err error) bool {
		lines = append(lines, Line{What: what, Says: says, Err: err})
		return err == nil
	}
	host, err := ssh.Dial(ctx, Target(h), limits)
	if err == nil {
		defer host.Close()
		err = host.Obeys(ctx)
	}
	if !add("login", "as "+h.User+", its key is that of known_hosts, commands run", err) {
		return lines
	}
	if h.Privilege == hostsfile.Sudo {
		if !add("rights", "root by sudo, without a password", host.BecomesRoot(ctx)) {
			return lines
		}
	} else {
		lines = append(lines, Line{What: "rights", Says: "those of " + h.User})
	}
	lines = append(lines, versions(ctx, host))
	path, err := host.Path(ctx)
	if !add("way to it", fmt.Sprintf("from %s to port %d; no fault may touch it", path.Address, path.Port), err) {
		return lines
	}
	lines = append(lines, network(h, path)...)
	for _, folder := range []struct{ what, name string }{{"install folder", h.InstallFolder}, {"replica folder", h.ReplicaFolder}} {
		if folder.name != "" {
			lines = append(lines, lookAt(ctx, host, h, folder.what, folder.name))
		}
	}
	return append(lines, abilities(ctx, host, h, path, ports, programs, limits)...)
}

// network says what a partition would cut.
func network(h hostsfile.Host, path protocol.Endpoint) []Line {
	if h.ApplicationNetwork == "" {
		return []Line{{What: "network", Says: "none is named (application_network): the link is left alone", Note: true}}
	}
	prefix, err := netip.ParsePrefix(h.ApplicationNetwork)
	if err != nil {
		return []Line{{What: "network", Err: fmt.Errorf("application_network: %w", err)}}
	}
	if address, err := netip.ParseAddr(path.Address); err == nil && prefix.Contains(address) {
		return []Line{{What: "network", Says: fmt.Sprintf("we reach the host from %s, within %s: a fault of the whole network is refused, as it would cut us off", address, prefix), Note: true}}
	}
	return []Line{{What: "network", Says: fmt.Sprintf("a partition cuts %s and nothing else", prefix)}}
}

// device prints the device of a folder, and whether it is that of the root or of /tmp, where the product logs.
const device = `test -d "$1" || exit 3
d=$(stat -c %d -- "$1") && r=$(stat -c %d /) && t=$(stat -c %d /tmp) || exit 4
if [ "$d" = "$r" ] || [ "$d" = "$t" ]; then echo shared; else echo own; fi`

func lookAt(ctx context.Context, host *ssh.Host, h hostsfile.Host, what, name string) Line {
	result, err := host.Run(ctx, h.Command("sh", "-c", device, "sh", name), nil)
	switch {
	case err != nil:
		return Line{What: what, Err: err}
	case result.Exit == 3:
		return Line{What: what, Err: fmt.Errorf("%s is not there, or %s may not look at it; check the hosts file", name, h.User)}
	case result.Exit != 0:
		return Line{What: what, Says: name + " is there; its device cannot be told", Note: true}
	case strings.TrimSpace(string(result.Out)) == "shared" && what == "replica folder":
		return Line{What: what, Says: name + " shares its device with / or /tmp: it is never filled up, because that would hit the product's logs", Note: true}
	}
	return Line{What: what, Says: name + " is there"}
}

// abilities puts the agent on the host, asks it, and takes it away again.
func abilities(ctx context.Context, host *ssh.Host, h hostsfile.Host, path protocol.Endpoint, ports []uint16, programs Programs, limits ssh.Limits) (lines []Line) {
	architecture, err := host.Architecture(ctx)
	if err != nil {
		return []Line{{What: "fault agent", Err: err}}
	}
	program, err := programs(ctx, architecture)
	if err != nil {
		return []Line{{What: "fault agent", Err: err}}
	}
	placed, err := host.Place(ctx, program)
	if err != nil {
		return []Line{{What: "fault agent", Err: err}}
	}
	defer func() {
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), limits.Request)
		defer cancel()
		if err := placed.Remove(after); err != nil {
			lines = append(lines, Line{What: "fault agent", Err: err})
		}
	}()
	session, err := host.Start(ctx, h.Command(placed.Program))
	if err != nil {
		return []Line{{What: "fault agent", Err: err}}
	}
	agent := client.New(session, client.WithLimit(limits.Request))
	defer agent.Close()
	welcome, err := agent.Hello(ctx, protocol.Hello{Holder: "doctor", Management: []protocol.Endpoint{path}})
	if err != nil {
		if complaint := strings.TrimSpace(string(session.Complaints())); complaint != "" {
			err = fmt.Errorf("%w (it complained %.300q)", err, complaint)
		}
		return []Line{{What: "fault agent", Err: err}}
	}
	lines = append(lines, Line{What: "fault agent", Says: fmt.Sprintf("runs on %s (%s), in memory only", welcome.Host, architecture)})
	offset, err := ssh.Clock(ctx, agent, clockRounds)
	lines = append(lines, Line{What: "clock", Says: "off by " + offset.String(), Note: offset.Offset.Abs() > farOff, Err: err})
	if taken := welcome.Lease; taken != nil {
		lines = append(lines, Line{What: "lease", Says: fmt.Sprintf("%q has the host; its lease expires in %v unless it is renewed, and until then no other run may use it",
			taken.Holder, taken.Left().Round(time.Second)), Note: true})
	}
	for _, open := range welcome.Open {
		if open.Phase == protocol.PhaseArmed || open.Phase == protocol.PhaseActive {
			lines = append(lines, Line{What: "open fault", Says: fmt.Sprintf("%s %s of %q is %s; it ends by itself", open.Kind, open.ID, open.Holder, open.Phase), Note: true})
		}
	}
	lines = append(lines, listeners(ctx, agent, h, ports))
	if h.ReplicaFolder != "" {
		lines = append(lines, replicas(ctx, agent, h.ReplicaFolder, offset.Offset))
	}
	return append(lines, can(welcome.Capabilities)...)
}

// can says which faults the host could carry out, and why others not.
func can(capabilities []protocol.Capability) []Line {
	var able []string
	var not []Line
	for _, c := range capabilities {
		if c.Way != "" {
			able = append(able, fmt.Sprintf("%s (%s)", c.Fault, c.Way))
			continue
		}
		says := "cannot be carried out here: " + c.Reason
		if c.Remedy != "" {
			says += "; " + c.Remedy
		}
		not = append(not, Line{What: c.Fault, Says: says, Note: true})
	}
	if len(able) == 0 {
		return append([]Line{{What: "kernel faults", Says: "none can be carried out here", Note: true}}, not...)
	}
	return append([]Line{{What: "kernel faults", Says: strings.Join(able, ", ")}}, not...)
}

// Remedy is what to do about an error of a line; empty where it says so itself.
func Remedy(err error) string {
	if one := new(ssh.Error); errors.As(err, &one) {
		return one.Remedy
	}
	return ""
}
