package scenario

import (
	"context"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/fault"
)

// StepsClock sets the clock of this data center's toolkit by a multiple of the heartbeat interval, back where it is negative.
func (s *Side) StepsClock(ctx context.Context, intervals float64) {
	ginkgo.GinkgoHelper()
	d := s.drill
	by := time.Duration(intervals * float64(d.wall(d.Timing.Interval)))
	d.Inject(ctx, fault.ClockStep(s.Name(), by))
}

// GoesOnByItself expects a data center whose clock was set back by a multiple of the heartbeat interval to be heard again by its peer once that
// time has passed, within one heartbeat more, although nobody set the clock right; and that the side that was blind all the while
// has never declared its peer DOWN (Q4, S39).
func (s *Side) GoesOnByItself(ctx context.Context, intervals float64) {
	ginkgo.GinkgoHelper()
	d := s.drill
	d.returning = d.injected.T0.Latest
	mute := time.Duration(intervals * float64(d.Timing.Interval))
	for left := mute - d.Timing.Interval - d.toolkit(time.Since(d.t0)); left > 0; left = mute - d.Timing.Interval - d.toolkit(time.Since(d.t0)) {
		d.watchFor(ctx, min(left, d.Timing.Interval))
		s.KeepsItsMind(ctx)
	}
	d.upWithin(ctx, "x + I", mute+d.Timing.Interval, d.injected.T0.Latest, s.peer)
	s.KeepsItsMind(ctx)
	progress("    %s, mute and blind for %s, was heard again, and never declared %s DOWN", s.Name(), inSeconds(mute), s.peer.Name())
}
