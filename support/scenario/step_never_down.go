package scenario

import (
	"errors"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/support/watch/board"
	"github.com/crossdc/failover/toolkit"
)

// NeverDeclaresDown expects that, for longer than detection takes since the last fault, no indicator has seen this data center declare
// its peer DOWN. Whatever else it declares is left alone: what restarts says UP once more.
func (s *Side) NeverDeclaresDown(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	d := s.drill
	d.Watch(ctx, d.DetectionIntervals()+2)
	claim := "whether " + s.Name() + " ever declared its peer DOWN"
	if d.env.StatusIndicators == 0 {
		d.notChecked(claim, errors.New("no indicator shows the toolkit's status here"))
		return
	}
	s.looksUntilNow(ctx, claim, toolkit.PeerDown, d.required())
	for _, sighting := range d.board.Since(s.Name(), d.t0) {
		Expect(sighting.Event).NotTo(Equal(board.PeerDown), "%s should never have declared %s DOWN, but %s saw it: %s", s.Name(), s.peer.Name(), sighting.Indicator, sighting.Evidence)
	}
}
