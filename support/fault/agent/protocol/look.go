package protocol

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// MaxProbe is the longest that a probe may wait.
const MaxProbe = 30 * time.Second

// Probe asks the target to open a connection, as its application would, and to ask for a page by HTTP. It runs beside other requests.
type Probe struct {
	// Address and port as the target reaches them.
	Address string `json:"address"`
	// Path of the page, such as /ports/info.
	Path string `json:"path"`
	// Limit is how long it waits, 1 ms to MaxProbe.
	Limit time.Duration `json:"limitNs"`
}

// Outcome of a probe.
type Outcome string

// Outcomes.
const (
	Answered Outcome = "answered" // by HTTP, whatever the status
	Refused  Outcome = "refused"  // no connection was made: nobody listens, or so it looks
	WasReset Outcome = "reset"    // a connection was made and reset
	Silent   Outcome = "silent"   // nothing came in time
	Failed   Outcome = "failed"   // anything else, such as no route
)

// Probed answers Probe.
type Probed struct {
	Outcome Outcome `json:"outcome"`
	TookNs  int64   `json:"tookNs"` // on the target
	Status  int     `json:"status,omitempty"`
	Text    string  `json:"text,omitempty"` // for people, where it was not answered
}

// Below selects processes whose program lies below a folder of the target.
type Below struct {
	Folder string `json:"folder"`
}

// MaxListed is how many processes are listed at most.
const MaxListed = 1000

// Listed answers Below. The agent's own and those that carry it are left out.
type Listed struct {
	Processes []Process `json:"processes"`
}

// Interface of the target's network that is up, but for loopback.
type Interface struct {
	Name string `json:"name"`
	// Prefixes are its addresses with the length of their network: 10.1.0.7/24.
	Prefixes []string `json:"prefixes,omitempty"`
}

func (p Probe) validate() error {
	if _, err := netip.ParseAddrPort(p.Address); err != nil {
		return fmt.Errorf("address is %q: an address with a port such as 10.1.0.7:25091 expected", p.Address)
	}
	if !strings.HasPrefix(p.Path, "/") || strings.ContainsFunc(p.Path, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return fmt.Errorf("path is %q: one that starts with / and has no blanks expected", p.Path)
	}
	if p.Limit < time.Millisecond || p.Limit > MaxProbe {
		return fmt.Errorf("limitNs is %v: 1ms to %v expected", p.Limit, MaxProbe)
	}
	return nil
}

func (b Below) validate() error {
	if b.Folder == "/" {
		return errors.New("folder is /: the folder of the application or the product expected")
	}
	return absolute("folder", b.Folder)
}
