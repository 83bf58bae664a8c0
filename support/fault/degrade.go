package fault

import (
	"cmp"
	"fmt"
	"time"
)

// Quality is how bad a link is. Durations are wall time.
type Quality struct {
	Delay          time.Duration // added to everything, each way
	Jitter         time.Duration // peak to peak, on top of Delay
	BytesPerSecond int64         // of all connections that are slowed together, each way; 0 = no limit
	Ports          Ports         // which connections are slowed; empty = all
}

// Degrade slows the link in both directions without cutting it; nothing may fail over (S20, S21, S23).
func Degrade(q Quality) Fault {
	rule := LinkRule{Ports: cmp.Or(q.Ports, AllPorts), Mode: Delay, Delay: q.Delay, Jitter: q.Jitter, BytesPerSecond: q.BytesPerSecond}
	if q.Delay == 0 && q.Jitter == 0 {
		rule.Mode = Throttle
	}
	return linkFault("degrade", fmt.Sprintf("the link slows down: delay %v, jitter %v, %d bytes/s", q.Delay, q.Jitter, q.BytesPerSecond),
		footprint{}, []Mode{Delay, Throttle}, rule, Parameters{Delay: q.Delay, Jitter: q.Jitter, BytesPerSecond: q.BytesPerSecond, Ports: q.Ports})
}
