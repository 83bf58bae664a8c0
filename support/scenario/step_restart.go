package scenario

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// Intervals is a number of heartbeat intervals in wall time, for faults that are stated in them.
func (d *Drill) Intervals(n float64) time.Duration {
	return d.wall(time.Duration(n * float64(d.Timing.Interval)))
}

// RestartsToolkit restarts the PE with the toolkit's operators of one side, without a fault: what it kept in memory is
// gone. It returns when both sides hold each other UP again and every fragment has been replicated anew. Where the
// application shares the toolkit's PE it loses its state too, so the step is skipped there.
func (d *Drill) RestartsToolkit(ctx context.Context, side *Side) {
	ginkgo.GinkgoHelper()
	pes, err := side.Management().PEs(ctx)
	Expect(err).NotTo(HaveOccurred())
	if len(pes) < 2 {
		d.skip("the application shares its only PE with the toolkit: restarting it would lose its own state")
	}
	before, err := d.env.Client.Status(ctx)
	Expect(err).NotTo(HaveOccurred())
	pe := slices.MinFunc(slices.Collect(maps.Keys(pes)), byNumber) // the composite is the first PE of the job
	Expect(side.Management().RestartPE(ctx, pe)).To(Succeed())
	progress("    restarted pe %s of %s with the toolkit's operators", pe, side.Name())
	d.returnsToNormal(ctx, before)
	d.awaitLoad(ctx)
}

// byNumber orders ids that are numbers by their value.
func byNumber(a, b string) int {
	x, errA := strconv.Atoi(a)
	y, errB := strconv.Atoi(b)
	if errA != nil || errB != nil {
		return len(a) - len(b)
	}
	return x - y
}
