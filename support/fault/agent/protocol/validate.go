package protocol

import (
	"errors"
	"fmt"
	"net/netip"
	"path"
	"regexp"
	"strings"
	"time"
)

// Bounds of what may be asked.
const (
	MaxFor       = 24 * time.Hour
	MaxWait      = time.Hour
	MaxDelay     = 10 * time.Second
	MinPhase     = 20 * time.Millisecond // of a cut that flaps
	MaxPeers     = 64
	MaxPorts     = 64
	MaxProcesses = 256
	MaxArguments = 64
)

var (
	safeID        = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)
	safeInterface = regexp.MustCompile(`^[^/\s\x00]{1,15}$`)
)

// ValidID says whether id can be the name of a fault: it becomes part of names of files and tables.
func ValidID(id string) error {
	if !safeID.MatchString(id) {
		return fmt.Errorf("id %q: 1 to 32 of a-z, 0-9 and - expected", id)
	}
	return nil
}

// Validate says what is wrong with the fault, by member and value.
func (f Fault) Validate() error {
	if f.For < time.Millisecond || f.For > MaxFor {
		return fmt.Errorf("fault.forNs is %v: 1ms to %v expected", f.For, MaxFor)
	}
	var set []string
	var err error
	for _, m := range f.members() {
		if m.set {
			set = append(set, m.name)
			err = errors.Join(err, m.validate())
		}
	}
	if len(set) != 1 {
		return fmt.Errorf("fault has %d members %v: exactly one of %s expected", len(set), set, strings.Join(Kinds(), ", "))
	}
	return err
}

// Prefixes are the peers, addresses as prefixes of their full length.
func (t Traffic) Prefixes() ([]netip.Prefix, error) {
	if len(t.Peers) == 0 || len(t.Peers) > MaxPeers {
		return nil, fmt.Errorf("peers has %d entries: 1 to %d expected", len(t.Peers), MaxPeers)
	}
	var all []netip.Prefix
	for _, text := range t.Peers {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			address, err := netip.ParseAddr(text)
			if err != nil || address.Zone() != "" {
				return nil, fmt.Errorf("peers has %q: an address or a prefix expected", text)
			}
			address = address.Unmap()
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		if prefix.Bits() == 0 || prefix.Addr().Is4In6() {
			return nil, fmt.Errorf("peers has %q: a prefix of hosts expected, not everything and no mapped address", text)
		}
		all = append(all, prefix.Masked())
	}
	return all, nil
}

func (t Traffic) validateTraffic() error {
	if _, err := t.Prefixes(); err != nil {
		return err
	}
	if len(t.Ports) > MaxPorts {
		return fmt.Errorf("ports has %d entries: at most %d expected", len(t.Ports), MaxPorts)
	}
	for _, port := range t.Ports {
		if port == 0 {
			return errors.New("ports has 0: 1 to 65535 expected")
		}
	}
	switch t.At {
	case "", Either:
	case OnHost, OnPeer:
		if len(t.Ports) == 0 {
			return fmt.Errorf("at is %q without ports: it says on which end the ports are", t.At)
		}
	default:
		return fmt.Errorf("at is %q: either, host or peer expected", t.At)
	}
	switch t.Direction {
	case "", Both, Incoming, Outgoing:
		return nil
	}
	return fmt.Errorf("direction is %q: both, in or out expected", t.Direction)
}

func (c *Cut) validate() error {
	if c.Verdict != "" && c.Verdict != Drop && c.Verdict != Reject {
		return fmt.Errorf("cut.verdict is %q: drop or reject expected", c.Verdict)
	}
	if (c.Down != 0 || c.Up != 0) && (c.Down < MinPhase || c.Up < MinPhase) {
		return fmt.Errorf("cut.downNs is %v and cut.upNs %v: both %v or more expected, or none of them", c.Down, c.Up, MinPhase)
	}
	return in("cut", errors.Join(share(c.Share), c.validateTraffic()))
}

func share(s float64) error {
	if !(s >= 0 && s <= 1) {
		return fmt.Errorf("share is %v: above 0 up to 1 expected", s)
	}
	return nil
}

func (c *Corrupt) validate() error {
	if c.Direction != Incoming {
		return fmt.Errorf("corrupt.direction is %q: in expected, as what goes out may get its checksum only afterwards", c.Direction)
	}
	return in("corrupt", errors.Join(share(c.Share), c.validateTraffic()))
}

func (d *Duplicate) validate() error {
	if d.Direction != Outgoing {
		return fmt.Errorf("duplicate.direction is %q: out expected", d.Direction)
	}
	prefixes, err := d.Prefixes()
	for _, p := range prefixes {
		if !p.Addr().Is4() {
			err = fmt.Errorf("peers has %v: IPv4 expected", p)
		}
	}
	return in("duplicate", errors.Join(err, share(d.Share), d.validateTraffic()))
}

func (n *Narrow) validate() error {
	if n.Direction != Outgoing {
		return fmt.Errorf("narrow.direction is %q: out expected", n.Direction)
	}
	if len(n.Ports) == 0 {
		return errors.New("narrow.ports is empty: the ports whose traffic is limited expected")
	}
	return in("narrow", errors.Join(limited(n.Interface, n.BytesPerSecond), n.validateTraffic()))
}

func (d *Delay) validate() error {
	if d.Delay <= 0 || d.Delay > MaxDelay {
		return fmt.Errorf("delay.delayNs is %v: above 0 up to %v expected", d.Delay, MaxDelay)
	}
	if d.Jitter < 0 || d.Jitter > d.Delay {
		return fmt.Errorf("delay.jitterNs is %v: 0 up to the delay, %v, expected", d.Jitter, d.Delay)
	}
	return in("delay", errors.Join(share(d.Share), d.validateTraffic()))
}

func (r *Rate) validate() error {
	return in("rate", limited(r.Interface, r.BytesPerSecond))
}

func limited(device string, bytesPerSecond uint64) error {
	if !safeInterface.MatchString(device) {
		return fmt.Errorf("interface is %q: a name of 1 to 15 characters without / or spaces expected", device)
	}
	if bytesPerSecond < 1000 {
		return fmt.Errorf("bytesPerSecond is %d: 1000 or more expected", bytesPerSecond)
	}
	return nil
}

func (h *Hang) validate() error { return in("hang", processes(h.Processes)) }
func (k *Kill) validate() error { return in("kill", processes(k.Processes)) }

func processes(list []Process) error {
	if len(list) == 0 || len(list) > MaxProcesses {
		return fmt.Errorf("processes has %d entries: 1 to %d expected", len(list), MaxProcesses)
	}
	for _, p := range list {
		if p.PID <= 1 {
			return fmt.Errorf("processes has pid %d: above 1 expected", p.PID)
		}
		if p.StartTicks == 0 {
			return fmt.Errorf("processes: pid %d has no startTicks (field 22 of /proc/%d/stat)", p.PID, p.PID)
		}
		if err := absolute("executable", p.Executable); err != nil {
			return err
		}
	}
	return nil
}

func (f *Fill) validate() error {
	if f.Limit == 0 {
		return errors.New("fill.limitBytes is 0: the largest size of the file expected")
	}
	for _, root := range f.LogRoots {
		if err := absolute("logRoots", root); err != nil {
			return in("fill", err)
		}
	}
	return in("fill", absolute("folder", f.Folder))
}

func (r *ReadOnly) validate() error {
	if r.Folder == "/" {
		return errors.New("readOnly.folder is /: a folder of the application expected")
	}
	return in("readOnly", absolute("folder", r.Folder))
}

func (s *Service) validate() error {
	if s.Limit <= 0 || s.Limit > 10*time.Minute {
		return fmt.Errorf("service.limitNs is %v: above 0 up to 10m expected", s.Limit)
	}
	return in("service", errors.Join(argv("do", s.Do), argv("undo", s.Undo)))
}

func argv(name string, list []string) error {
	if len(list) == 0 || len(list) > MaxArguments {
		return fmt.Errorf("%s has %d arguments: 1 to %d expected", name, len(list), MaxArguments)
	}
	for _, a := range list {
		if strings.ContainsRune(a, 0) {
			return fmt.Errorf("%s has an argument with a NUL", name)
		}
	}
	return absolute(name, list[0])
}

// absolute wants a path that says what it means: from the root, without . and ..
func absolute(name, text string) error {
	if !path.IsAbs(text) || path.Clean(text) != text || strings.ContainsRune(text, 0) {
		return fmt.Errorf("%s is %q: an absolute path without . and .. expected", name, text)
	}
	return nil
}

func in(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}
