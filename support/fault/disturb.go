package fault

import (
	"fmt"
	"time"
)

// Reorder holds a share of the packets back for a while, in both directions, so that what comes behind them overtakes them; wall time.
func Reorder(share float64, held time.Duration) Fault {
	return linkFault("reorder", fmt.Sprintf("the link reorders %.3g %% of the packets, each held for %v", 100*share, held), footprint{},
		[]Mode{Reordering}, LinkRule{Ports: AllPorts, Mode: Reordering, Share: share, Delay: held}, Parameters{Share: share, Delay: held})
}

// Duplicate sends a share of the packets twice, in both directions.
func Duplicate(share float64) Fault {
	return linkFault("duplicate", fmt.Sprintf("the link duplicates %.3g %% of the packets", 100*share), footprint{},
		[]Mode{Duplicating}, LinkRule{Ports: AllPorts, Mode: Duplicating, Share: share}, Parameters{Share: share})
}

// Corrupt flips a bit in a share of the packets, in both directions. Transports throw such packets away by their checksums.
func Corrupt(share float64) Fault {
	return linkFault("corrupt", fmt.Sprintf("the link corrupts %.3g %% of the packets", 100*share), footprint{},
		[]Mode{Corrupting}, LinkRule{Ports: AllPorts, Mode: Corrupting, Share: share}, Parameters{Share: share})
}

// disturbing are the modes that concern single packets: only who handles packets can do them, whereas TCP hides them from who handles
// connections.
var disturbing = []Mode{Reordering, Duplicating, Corrupting}

// OfPackets says whether the mode concerns single packets, which only who handles packets can do.
func (m Mode) OfPackets() bool {
	for _, other := range disturbing {
		if m == other {
			return true
		}
	}
	return false
}
