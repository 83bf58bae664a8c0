package scenario

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/toolkit"
)

// CountsItsMisses expects that the survivor declared DOWN at tick N+1 after the last heartbeat that it received, neither
// a heartbeat earlier nor one later. It is read from the survivor's traces; where those do not show it, because the
// application is not traced at level info, from its counters of ticks and heartbeats. Where neither tells, the step is
// skipped and the verdict is inconclusive, because the time since the fault alone cannot tell one heartbeat more or less.
func (d *Drill) CountsItsMisses(ctx ginkgo.SpecContext) {
	ginkgo.GinkgoHelper()
	survivor := d.survivor()
	seen, err := d.silenceAt(ctx, survivor)
	if err != nil {
		d.countsItsTicks(ctx, survivor, err)
		return
	}
	if err := d.clockStepped(survivor); err != nil {
		d.countsItsTicks(ctx, survivor, err)
		return
	}
	least, most := silenceBounds(d.Timing.Interval, d.Timing.Misses)
	lasted := d.toolkit(seen.length())
	text := fmt.Sprintf("%s declared DOWN %s after the last heartbeat (%q); with N=%d and I=%s, tick N+1 comes between %s and %s (toolkit time)",
		survivor.Name(), inSeconds(lasted), seen.text, d.Timing.Misses, d.Timing.Interval, inSeconds(least), inSeconds(most))
	d.missesCounted(survivor, toolkit.TraceLines, text)
	traced := onTime(lasted, least, most, d.toolkit(d.allowance()))
	counted, ticks := missedTicks(survivor.Name(), d.Timing.Misses, d.t0, d.monitor.Misses(survivor.Name()))
	if traced != model.Met && counted == model.Inconclusive { // give the counters the time that they take
		_, ticks = d.tickedInTime(ctx, survivor)
	}
	if why := contradicted(lasted, d.Timing.Interval, d.t0, d.monitor.Misses(survivor.Name())); why != "" {
		ended.Inconclusive("the stamps of %s and its counters contradict each other, so its clock may have stepped: %s; but %s", survivor.Name(), text, why)
	}
	d.claims(ctx, sight{since: d.t0}).Expect(traced).NotTo(Equal(model.Missed), "too early, or too late: %s; %s", text, ticks)
	ended.Doubt().Expect(traced).To(Equal(model.Met), "too late, or a scheduler that was late by up to %s: %s", inSeconds(d.toolkit(d.allowance())), text)
	progress("    %s", text)
}

// onTime judges a silence by its bounds. Beyond them by no more than the scheduler's allowance, it is not told.
func onTime(lasted, least, most, allowance time.Duration) model.Verdict {
	switch {
	case lasted < least, lasted > most+allowance:
		return model.Missed
	case lasted > most:
		return model.Inconclusive
	}
	return model.Met
}

// contradicted says which source of counters cannot be right where the stamps are, or the other way round; empty when they
// agree. A silence of so many intervals ends with the tick after them, whatever its phase.
func contradicted(lasted, interval time.Duration, since time.Time, told map[toolkit.Indicator]toolkit.Misses) string {
	slack := time.Duration(stamping * float64(interval))
	least, most := int64((lasted-slack)/interval)+1, int64((lasted+slack)/interval)+1
	for _, indicator := range slices.Sorted(maps.Keys(told)) {
		if m := told[indicator]; !m.Seen.Before(since) && (most < m.Least || least > m.Most) {
			return fmt.Sprintf("%d to %d ticks were counted from the last heartbeat to DOWN (%s)", m.Least, m.Most, indicator)
		}
	}
	return ""
}

// countsItsTicks is CountsItsMisses by the counters alone; untraced says why the traces do not tell.
func (d *Drill) countsItsTicks(ctx context.Context, survivor *Side, untraced error) {
	ginkgo.GinkgoHelper()
	verdict, text := d.tickedInTime(ctx, survivor)
	if verdict == model.Inconclusive {
		d.skipUnchecked(fmt.Sprintf("whether %s declared DOWN after exactly N=%d misses", survivor.Name(), d.Timing.Misses), fmt.Errorf("%w; %s", untraced, text))
	}
	d.missesCounted(survivor, toolkit.OperatorMetrics, text)
	d.claims(ctx, sight{since: d.t0}).Expect(verdict).To(Equal(model.Met), "too early, or too late: %s", text)
	progress("    %s; the traces do not tell (%v)", text, untraced)
}

func (d *Drill) missesCounted(survivor *Side, by toolkit.Indicator, text string) {
	d.observe(model.Observation{
		Site: survivor.Name(), Indicator: string(by), Event: "misses counted", Evidence: text, When: d.interval(d.t0, time.Now()),
	})
}
