package scenario

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/fault"
)

// closingPoll is how often listeners are asked whether they are closed, wall time.
const closingPoll = 10 * time.Millisecond

// controlListeners looks at the listeners of the struck data center while they must still answer: what refuses connections later
// counts only then.
func (d *Drill) controlListeners(ctx context.Context, f fault.Fault) {
	if !f.ClosesListeners {
		return
	}
	for _, side := range d.sides() {
		if side.Name() == f.Struck {
			call, cancel := context.WithTimeout(ctx, d.settings.CallTimeout)
			defer cancel()
			d.closing = &closing{closed: make(chan struct{})}
			d.closing.before, d.closing.unseen = d.env.Listeners(call, side.DataCenter)
		}
	}
}

// followListeners asks the listeners again and again, until they are closed: one that stays open for a while takes heartbeats and
// snapshots for a job that is gone, and nobody would see it by looking at the end. It begins before the act: how long it takes
// us to see that the job is gone, through a proxy that makes us wait, for instance, must not count as time that they were open.
func (d *Drill) followListeners() {
	c := d.closing
	if c == nil || c.unseen != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background()) // ends with the drill, or with the step that asks
	c.stop = stop
	go func() {
		defer close(c.closed)
		ticker := time.NewTicker(closingPoll)
		defer ticker.Stop()
		for {
			// One that is left hanging is asked again within an interval: that it was open before the limit says nothing of after it.
			call, cancel := context.WithTimeout(ctx, min(d.settings.CallTimeout, d.wall(d.Timing.Interval)/4))
			asked := time.Now()
			refusal := c.before.Refuse(call)
			cancel()
			if ctx.Err() != nil {
				return
			}
			if c.last = refusal; refusal.Open != nil {
				c.open = asked
			}
			if refusal == (environment.Refusal{}) {
				c.at = time.Now()
				return
			}
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	}()
}

// punctuality says whether listeners were closed in time.
type punctuality string

const (
	inTime  punctuality = "in time"
	tooLate punctuality = "too late" // they were seen open beyond the limit
	unknown punctuality = "unknown"  // they were closed before or after the limit: nobody looked in between
)

// late judges when the listeners were closed, which is between when they were last seen open and when they first refused, against
// a limit that counts from when the job was certainly gone.
func (c *closing) late(gone time.Time, limit time.Duration) punctuality {
	switch by := gone.Add(limit); {
	case !c.at.After(by):
		return inTime
	case c.open.After(by):
		return tooLate
	}
	return unknown
}

// RefusesConnections expects the listeners of the lost data center to be closed no later than one heartbeat interval after its
// job was gone, so that not one heartbeat is taken for it, and to stay closed: a connection is refused at once, not left
// hanging. It counts only where they were seen to answer before the fault.
func (d *Drill) RefusesConnections(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	lost := d.survivor().peer
	claim := "whether the listeners of " + lost.Name() + " refuse connections"
	c := d.closing
	switch {
	case c == nil:
		d.skipUnchecked(claim, errors.New("nobody looked whether they answer before the fault"))
	case c.unseen != nil:
		d.skipUnchecked(claim, c.unseen)
	}
	limit := d.wall(d.Timing.Interval) + d.allowance()
	rest := time.NewTimer(time.Until(d.injected.T0.Latest.Add(limit)))
	defer rest.Stop()
	select {
	case <-c.closed:
	case <-rest.C:
	case <-ctx.Done():
	}
	c.end()
	if c.last.Unclear != nil {
		d.skipUnchecked(claim, c.last.Unclear)
	}
	seen := d.claims(ctx, sight{since: d.t0})
	text := fmt.Sprintf("the listeners of %s must be closed within I = %s of the cancelled job", lost.Name(), inSeconds(d.Timing.Interval))
	seen.Expect(c.at.IsZero()).To(BeFalse(), "%s: %v", text, c.last.Open)
	if why := c.late(d.injected.T0.Latest, limit); why == unknown {
		d.skipUnchecked(claim, fmt.Errorf("nobody looked between %s and %s after it", inSeconds(d.toolkit(c.open.Sub(d.injected.T0.Latest))), inSeconds(d.toolkit(c.at.Sub(d.injected.T0.Latest)))))
	} else {
		seen.Expect(why).To(Equal(inTime), "%s; they were still open %s after it", text, inSeconds(d.toolkit(c.open.Sub(d.injected.T0.Latest))))
	}
	after := c.at.Sub(d.injected.T0.Latest)
	now := c.before.Refuse(ctx)
	if now.Unclear != nil {
		d.skipUnchecked(claim, now.Unclear)
	}
	Expect(now.Open).NotTo(HaveOccurred(), "the listeners of a cancelled job must stay closed")
	progress("    the listeners of %s were closed at most %s after its job was gone, and still are", lost.Name(), inSeconds(d.toolkit(max(0, after))))
}
