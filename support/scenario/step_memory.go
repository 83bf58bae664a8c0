package scenario

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/toolkit"
)

// How much more the processes of a data center may hold after a stretch of steady operation. The floor is what a runtime with a
// garbage collector takes and gives back by itself; a process that keeps something of every event passes the rest sooner or later.
const (
	memoryFloor    = 64 << 20 // bytes a PE
	memoryPerEvent = 4 << 10  // bytes an event, much less than what an event and its result are on any wire
)

// holding is what the processes of a data center held at one moment.
type holding struct {
	bytes    map[string]int64 // resident, by PE
	launches map[string]int64
}

// memoryOf reads what both data centers hold. Where a PE does not state it, there is nothing to judge, and the report says so: memory
// is looked at beside what a scenario claims, which does not become doubtful by it.
func (d *Drill) memoryOf(ctx context.Context) map[string]holding {
	ginkgo.GinkgoHelper()
	all := map[string]holding{}
	for _, side := range d.sides() {
		began := time.Now()
		bytes, launches, err := side.ResidentMemory(ctx)
		for err != nil && d.passes(err, began) && ctx.Err() == nil {
			d.watchFor(ctx, d.Timing.Interval/10)
			bytes, launches, err = side.ResidentMemory(ctx)
		}
		if err != nil {
			text := "the memory of its processes was not judged: " + err.Error()
			d.observe(model.Observation{Site: side.Name(), Indicator: string(toolkit.OperatorMetrics), Event: "memory held", When: d.interval(began, time.Now()), Evidence: text})
			progress("    %s: %s", side.Name(), text)
			continue
		}
		all[side.Name()] = holding{bytes, launches}
	}
	return all
}

// keepsNoEvents expects that no PE holds more and more while events pass through it, since an instant at which before was read.
func (d *Drill) keepsNoEvents(ctx context.Context, before map[string]holding, since time.Time) {
	ginkgo.GinkgoHelper()
	after := d.memoryOf(ctx)
	events := int64(time.Since(since).Seconds() * d.settings.Rate / 2) // each side gets half of them
	for _, side := range d.sides() {
		for _, found := range grown(before[side.Name()], after[side.Name()], events) {
			progress("    %s/%s", side.Name(), found.text)
			d.observe(model.Observation{Site: side.Name(), Indicator: string(toolkit.OperatorMetrics), Event: "memory held", When: d.interval(time.Now(), time.Now()), Evidence: found.text})
			Expect(found.leaks).To(BeFalse(), "%s/%s: it keeps something of what it has processed", side.Name(), found.text)
		}
	}
}

// grownPE is what one PE holds more, in words, and whether that is more than a garbage collector explains.
type grownPE struct {
	text  string
	leaks bool
}

// grown compares what each PE held before and after; a PE that was launched in between is left out.
func grown(before, after holding, events int64) []grownPE {
	var list []grownPE
	allowed := max(memoryFloor, events*memoryPerEvent)
	for pe, now := range after.bytes {
		was, known := before.bytes[pe]
		if !known || before.launches[pe] != after.launches[pe] {
			continue
		}
		list = append(list, grownPE{
			text: fmt.Sprintf("pe %s held %.1f MiB, and %.1f MiB after %d events were due (allowed: %.0f MiB more)", pe, mebibytes(was), mebibytes(now), events,
				mebibytes(allowed)),
			leaks: now-was > allowed,
		})
	}
	slices.SortFunc(list, func(a, b grownPE) int { return cmp.Compare(a.text, b.text) })
	return list
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }
