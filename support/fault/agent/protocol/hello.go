package protocol

import (
	"fmt"
	"net/netip"
)

// MaxHolder is the length of the longest name of a holder, in bytes.
const MaxHolder = 200

func (h Hello) validate() error {
	if h.Version != Version {
		return fmt.Errorf("version is %d: %d expected; use the agent that was built with the suites", h.Version, Version)
	}
	if h.Holder == "" || len(h.Holder) > MaxHolder {
		return fmt.Errorf("holder has %d bytes: 1 to %d expected", len(h.Holder), MaxHolder)
	}
	if h.NoManagement && len(h.Management) > 0 {
		return fmt.Errorf("noManagement is set and management has %d entries: one of both expected", len(h.Management))
	}
	for _, e := range h.Management {
		if _, err := e.Addr(); err != nil {
			return in("management", err)
		}
	}
	return nil
}

// Addr is the address of the other side, unmapped.
func (e Endpoint) Addr() (netip.Addr, error) {
	address, err := netip.ParseAddr(e.Address)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("address is %q: an IPv4 or IPv6 address expected", e.Address)
	}
	if e.Port == 0 {
		return netip.Addr{}, fmt.Errorf("port of %s is 0: 1 to 65535 expected", e.Address)
	}
	return address.Unmap().WithZone(""), nil
}

// Touches says whether the traffic contains packets of the connection to the endpoint. The port counts on the target's side;
// a rule for a port may hit it on either side, which is why the peer's own port is no excuse.
func (t Traffic) Touches(e Endpoint) bool {
	address, err := e.Addr()
	if err != nil {
		return true // what we do not understand we do not cut
	}
	prefixes, err := t.Prefixes()
	if err != nil {
		return true
	}
	for _, prefix := range prefixes {
		if !prefix.Contains(address) {
			continue
		}
		if len(t.Ports) == 0 {
			return true
		}
		for _, port := range t.Ports {
			// Ports from 32768 on may be the one that the other side's kernel chose for the connection.
			if port == e.Port || port >= 32768 {
				return true
			}
		}
	}
	return false
}
