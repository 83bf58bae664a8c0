package scenario

import (
	"context"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/environment/obscure"
	"github.com/crossdc/failover/support/traffic"
)

// story is what the steps of a drill have done and seen so far: each writes what it did, and those that come later read it.
type story struct {
	observations []model.Observation // what the traffic shows
	account      *traffic.Account    // once the traffic has been stopped and accounted for
	stoppedAt    time.Time           // when the traffic was stopped
	lastTally    string

	baselines    map[string]baseline // by side, when the load began
	loadBefore   *model.LoadBefore   // what the fault met
	hazardFailed []string

	recovered bool          // contact came back by itself after a partition
	blocked   time.Duration // for how long no replica could get through, toolkit time
	storm     *storm        // a data center was killed again and again
	narrow    *narrow       // a link that was made too narrow for snapshots
	unread    int           // fragments whose replicas a survivor did not read
	halfway   int           // fragments that a survivor was handed before it died in the middle of its takeover
	obscured  *obscured     // our view of a side was made worse
	returning time.Time     // when the way home began

	scriptsBefore int       // how often the failover script had been started before the fault
	unharmed      *Side     // that nothing may happen to until the way home has ended; nil where no step says so
	launched      time.Time // when the application that it started was seen up

	begun       int    // steps
	unavailable string // why the fault cannot be injected here
	judged      bool   // by a step of its own; see concludes
	final       bool   // its last step is over: from here on it has an outcome
	ended       bool   // it stores nothing any more
}

// closing follows the listeners of a data center whose job a fault takes away, from just before the act until they are closed.
type closing struct {
	before environment.Listeners
	unseen error         // why they were not seen to answer before the fault
	closed chan struct{} // closed when each of them refuses connections, or following them has ended
	stop   context.CancelFunc

	open time.Time // when they were last seen open: asked then, and one of them answered
	at   time.Time // by when they were closed; zero: they were not
	last environment.Refusal
}

// end ends following, once or more often.
func (c *closing) end() {
	if c != nil && c.stop != nil {
		c.stop()
		<-c.closed
	}
}

// narrow is a link that was made too narrow for snapshots.
type narrow struct {
	since   time.Time
	round   time.Duration // Ls: what a round of snapshots takes, toolkit time
	period  time.Duration // P_s
	waiting time.Duration // what rounds may have waited for when the data center crashed, toolkit time
}

// obscured is what a drill knows of a view that was made worse.
type obscured struct {
	side    *Side
	trouble obscure.Trouble
	since   time.Time
	told    *model.Measure // detection, by what could still look
}

// storm is what a restart storm did.
type storm struct {
	cycles int
	up     time.Duration // for how long the data center ran in all, wall time
	missed int           // of its deaths, how often its peer declared it DOWN
}

// baseline is what a side had accepted of its peer's replicas when the load began.
type baseline struct {
	known    bool
	accepted int64     // by its counter
	newest   time.Time // of those that it traced, by its host's clock
}
