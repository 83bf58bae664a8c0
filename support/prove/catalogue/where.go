package catalogue

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/crossdc/failover/support/fault"
)

// Where says in which environments faults can be injected. Every fault of the suite's catalogue says itself whether an
// environment can do it, so they are asked about environments of each kind.
func Where(faults []string) (string, error) {
	places := []string{"embedded", "hosts"}
	byURL, byRelay := true, true
	for _, name := range faults {
		at := slices.IndexFunc(fault.Kinds(), func(k fault.Kind) bool { return k.Name == name })
		if at < 0 {
			return "", fmt.Errorf("%q is no fault of the catalogue: a constructor must be called as its fault (see fault.Kinds)", name)
		}
		f := fault.Kinds()[at].Make(fault.Parameters{
			DC: "dc1", From: "dc1", Ports: fault.HeartbeatPort, Delay: time.Second, Lost: 0.1, Handshake: time.Second, Retransmit: time.Second, Down: time.Second, Up: time.Second,
		})
		if ok, _ := f.Available(distant{}); !ok {
			byURL = false
		}
		if ok, _ := f.Available(distant{relayed: true}); !ok {
			byRelay = false
		}
	}
	switch {
	case byURL:
		places = append(places, "URL")
	case byRelay:
		places = append(places, "URL with a relay")
	}
	return strings.Join(places, ", "), nil
}

// distant is an environment that is known by URL only: its processes cannot be reached.
type distant struct{ relayed bool }

// DataCenters implements fault.Environment.
func (distant) DataCenters() (one, two fault.DataCenter) { return remote("dc1"), remote("dc2") }

// Link implements fault.Environment.
func (s distant) Link() fault.Link {
	if s.relayed {
		return unasked{}
	}
	return nil
}

// remote is a data center that is known by URL only.
type remote string

// Name implements fault.DataCenter.
func (r remote) Name() string { return string(r) }

// Processes implements fault.DataCenter.
func (remote) Processes() fault.Processes { return nil }

// Management implements fault.DataCenter.
func (remote) Management() fault.Management { return nobody{} }

// nobody and unasked are there and never asked: whether a fault is available is told by what exists.
type (
	nobody  struct{ fault.Management }
	unasked struct{ fault.Link }
)
