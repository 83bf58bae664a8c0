package scenario

import (
	"context"
	"fmt"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// HealIntervals is the window within which a link that swallowed everything may come back and still be healed by a heartbeat that
// waited in a sender (toolkit contract 6.4), in heartbeat intervals.
func (d *Drill) HealIntervals() float64 {
	return float64(d.Timing.HealWindow(crossdc.PreparerFirst)) / float64(d.Timing.Interval)
}

// ReportsTheWindow says on which side of the window the link came back, and what was seen: beyond it by more than C silence is
// certain with toolkit 1.x, within it contact may come back by itself.
func (d *Drill) ReportsTheWindow(_ context.Context) {
	window := d.Timing.HealWindow(crossdc.PreparerFirst)
	lasted := d.toolkit(d.healed().Latest.Sub(d.injected.T0.Earliest))
	predicted := "contact may come back by itself"
	if lasted > window+d.Timing.ConnectTimeout {
		predicted = "silence"
	}
	observed := "silence"
	if d.recovered {
		observed = "contact came back by itself"
	}
	text := fmt.Sprintf("1.x contract: %s after %s (window %s, give or take C); observed: %s", predicted, inSeconds(lasted), inSeconds(window), observed)
	d.observe(model.Observation{Indicator: "suite", Event: "window of recontact", When: d.interval(d.healed().Earliest, d.healed().Latest), Evidence: text})
	progress("    %s", text)
	d.store()
}
