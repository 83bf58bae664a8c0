package protocol

import (
	"fmt"
	"time"
)

// MaxLease is the longest lease of a host. It is renewed, and expires soon after its holder has died.
const MaxLease = time.Hour

// minLease leaves a holder time to renew it.
const minLease = 100 * time.Millisecond

// Lease takes the host for the holder of the conversation, renews that, or gives it back. While it lasts other holders can neither take the
// host nor arm a fault.
type Lease struct {
	// For is how long from now; 0 gives it back.
	For time.Duration `json:"forNs"`
}

// Leased is a lease. Its stamps are of the host's boot clock, so that no holder's clock matters.
type Leased struct {
	Holder  string `json:"holder"`
	SinceNs int64  `json:"sinceNs,omitempty"` // 0 where it was given back
	UntilNs int64  `json:"untilNs,omitempty"`
	NowNs   int64  `json:"nowNs"`
}

// Left is how long it lasts unless it is renewed.
func (l Leased) Left() time.Duration { return time.Duration(l.UntilNs - l.NowNs) }

func (l Lease) validate() error {
	if l.For != 0 && (l.For < minLease || l.For > MaxLease) {
		return fmt.Errorf("forNs is %v: 0 to give it back, else %v to %v expected", l.For, minLease, MaxLease)
	}
	return nil
}
