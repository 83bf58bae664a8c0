package toolkit

import (
	"fmt"
	"time"
)

// Event names what changed.
type Event string

// The events that Monitor reports.
const (
	PeerUp              Event = "peer up"
	PeerDown            Event = "peer down"
	PeerUnknown         Event = "peer unknown" // the watchdog restarted and has not heard the peer yet
	FragmentTakenOver   Event = "fragment taken over"
	HeartbeatsMuted     Event = "heartbeats muted"
	HeartbeatsResumed   Event = "heartbeats resumed"
	ShutdownSent        Event = "orderly shutdown sent"
	ShutdownReceived    Event = "orderly shutdown received"
	PERestarted         Event = "pe restarted"
	PEStopped           Event = "pe stopped"
	PERunning           Event = "pe running"
	JobGone             Event = "job gone"
	JobRunning          Event = "job running" // listed, running and healthy
	JobUnhealthy        Event = "job unhealthy"
	InstanceUnreachable Event = "instance unreachable"
	InstanceReachable   Event = "instance reachable"
	InstanceStopped     Event = "instance not running"
	InstanceRunning     Event = "instance running"
	ResultsStopped      Event = "results stopped"
	ResultsResumed      Event = "results resumed"
	TuplesStopped       Event = "tuples stopped" // the serving counters stand still
	TuplesResumed       Event = "tuples resumed"
	// StreamIrregular: what a data center says one thing after the other breaks the order that the toolkit's contract gives
	// it (5.3, 3.3): a status that does not alternate, numbers or heartbeat counts that do not go up.
	StreamIrregular Event = "stream irregular"
)

// Change is one event seen by one indicator. It happened not before Earliest and not after Latest, both on our
// monotonic clock:
//
//   - A polled value: after the start of the last request that showed the old value (less the age that the value may
//     have had), before the end of the first request that showed the new one.
//   - A pushed tuple: before it was received; after the last proof that it had not been sent yet, which is the start of
//     the last ping that was answered before it (frames of one connection keep their order), the receipt of the tuple
//     before it, or the receipt less the known bound of the delay.
//   - A trace line: its own time stamp where the host's clock can be compared with ours, else as a polled value.
type Change struct {
	Site             string
	Indicator        Indicator
	Event            Event
	Subject          string // peer, PE, job or fragment
	Count            int64  // how many, for fragments; else 1
	Round            uint64 // of a fragment that was taken over: the peer's heartbeat counter of the replica; 0: not known
	Earliest, Latest time.Time
	Evidence         string
}

// Width is the uncertainty of the change.
func (c Change) Width() time.Duration { return c.Latest.Sub(c.Earliest) }

func (c Change) String() string {
	return fmt.Sprintf("%s: %s %s by %s within %v (%s)", c.Site, c.Event, c.Subject, c.Indicator, c.Width().Round(time.Microsecond), c.Evidence)
}
