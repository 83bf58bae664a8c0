package scenario

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/scenario/ended"
	"github.com/crossdc/failover/toolkit"
)

// silence is what a data center's own traces say of how it noticed: the last heartbeat that it received, and when it
// declared its peer DOWN after that. Both are of one host's clock.
type silence struct {
	heartbeat, down time.Time
	text            string // of the heartbeat's line
}

func (s silence) length() time.Duration { return s.down.Sub(s.heartbeat) }

// lastSilence finds the newest DOWN that follows a heartbeat; ok is false where the traces do not show both.
func lastSilence(lines []toolkit.TraceLine) (found silence, ok bool) {
	var current silence
	for _, line := range lines {
		switch line.Kind() {
		case toolkit.TraceHeartbeat:
			current = silence{heartbeat: line.At, text: line.Text}
		case toolkit.TraceRemoteDown:
			if !current.heartbeat.IsZero() && current.down.IsZero() { // every fragment traces it: the first counts
				current.down = line.At
				found, ok = current, true
			}
		}
	}
	return found, ok
}

// stamping is how far, in heartbeat intervals, the silence may look shorter or longer than it was, because a line is
// stamped a moment after what it tells of and ticks drift by the time that their handling takes.
const stamping = 0.02

// silenceBounds are those of WD2 (toolkit contract 5.3): DOWN comes with tick N+1 after the last heartbeat, and the first
// of these ticks comes within one interval, so the silence lasts between N*I and (N+1)*I. Unlike the time since the
// fault it does not depend on the phase of the fault, which would hide a whole interval.
func silenceBounds(interval time.Duration, misses uint8) (least, most time.Duration) {
	n, slack := time.Duration(misses), time.Duration(stamping*float64(interval))
	return n*interval - slack, (n+1)*interval + slack
}

// silenceAt reads a side's traces until they show its silence: for one heartbeat interval, because what a PE traced is
// handed on with a delay, and not at all where no heartbeat is traced.
func (d *Drill) silenceAt(ctx context.Context, side *Side) (silence, error) {
	ginkgo.GinkgoHelper()
	if why := d.blind(toolkit.TraceLines); why != "" {
		return silence{}, errors.New(why)
	}
	for began := time.Now(); ; d.watchFor(ctx, d.Timing.Interval/10) {
		late := time.Since(began) > d.wall(d.Timing.Interval)
		lines, err := side.Traces(ctx)
		if err != nil && late {
			return silence{}, err
		}
		if err != nil { // such as a reading of the monitor's that is still under way
			continue
		}
		lines = d.senses.lines(lines)
		if !slices.ContainsFunc(lines, func(l toolkit.TraceLine) bool { return l.Kind() == toolkit.TraceHeartbeat }) {
			return silence{}, fmt.Errorf("%s traces no heartbeats: tracing at level info is needed", side.Name())
		}
		if found, ok := lastSilence(lines); ok {
			return found, nil
		}
		if late {
			return silence{}, fmt.Errorf("the application of %s traces no DOWN", side.Name())
		}
	}
}

// missesFit says why what those who had to notice the fault show of their own misses does not settle that each declared
// DOWN at tick N+1 after the last heartbeat that it received; nil when it does. Traces count before counters, which are
// sampled.
func (d *Drill) missesFit(ctx context.Context) error {
	ginkgo.GinkgoHelper()
	least, most := silenceBounds(d.Timing.Interval, d.Timing.Misses)
	for _, side := range d.noticing() {
		seen, err := d.silenceAt(ctx, side)
		if err == nil {
			err = d.clockStepped(side)
		}
		if err != nil {
			if verdict, why := d.tickedInTime(ctx, side); verdict != model.Met {
				return fmt.Errorf("%w; %s", err, why)
			}
			continue
		}
		if lasted := d.toolkit(seen.length()); lasted < least || lasted > most {
			return fmt.Errorf("%s declared DOWN %s after the last heartbeat; with N=%d and I=%s, tick N+1 comes between %s and %s (toolkit time)",
				side.Name(), inSeconds(lasted), d.Timing.Misses, d.Timing.Interval, inSeconds(least), inSeconds(most))
		}
	}
	return nil
}

// tickedInTime judges by the counters of a side whether it declared DOWN at tick N+1 after the last heartbeat, and says why:
// inconclusive where a heartbeat and a tick share a sample, or where no counter tells within an interval, because some are read
// more seldom than those that showed DOWN. Of several sources each must agree.
func (d *Drill) tickedInTime(ctx context.Context, side *Side) (model.Verdict, string) {
	ginkgo.GinkgoHelper()
	for began := time.Now(); ; d.watchFor(ctx, d.Timing.Interval/10) {
		verdict, why := missedTicks(side.Name(), d.Timing.Misses, d.t0, d.monitor.Misses(side.Name()))
		if verdict != model.Inconclusive || time.Since(began) > d.wall(d.Timing.Interval) {
			return verdict, why
		}
	}
}

// missedTicks is tickedInTime without a drill. misses is N: DOWN comes with tick N+1 (WD2, toolkit contract 5.3).
func missedTicks(site string, misses uint8, since time.Time, told map[toolkit.Indicator]toolkit.Misses) (model.Verdict, string) {
	wanted := int64(misses) + 1
	verdict, why := model.Inconclusive, "no counter of "+site+" was seen to tell of the ticks before a DOWN"
	var coarse []string
	for _, indicator := range slices.Sorted(maps.Keys(told)) {
		m := told[indicator]
		if m.Seen.Before(since) {
			continue
		}
		text := fmt.Sprintf("%s counted %d ticks after the last heartbeat until it declared DOWN (%s)", site, m.Least, indicator)
		if m.Least != m.Most {
			text = fmt.Sprintf("%s counted %d to %d ticks after the last heartbeat until it declared DOWN (%s)", site, m.Least, m.Most, indicator)
		}
		text += fmt.Sprintf("; N+1 = %d are right", wanted)
		switch {
		case wanted < m.Least || wanted > m.Most:
			return model.Missed, text
		case m.Least == m.Most:
			verdict, why = model.Met, text
		default:
			coarse = append(coarse, text)
		}
	}
	if verdict == model.Inconclusive && len(coarse) > 0 {
		why = strings.Join(coarse, "; ")
	}
	return verdict, why
}

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

// clockStepped says that the stamps between the last heartbeat and DOWN do not measure the time between them, as the instants
// tell at which we read the two lines.
func (d *Drill) clockStepped(side *Side) error {
	told, ok := d.monitor.Silence(side.Name())
	if !ok || told.Seen.Before(d.t0) || !told.Stepped(d.wall(d.Timing.Interval/2)) {
		return nil
	}
	return fmt.Errorf("the clock of %s stepped: its stamps say %s from the last heartbeat to DOWN, and by when they were read it was between %s and %s",
		side.Name(), inSeconds(d.toolkit(told.Stamped)), inSeconds(d.toolkit(told.Least)), inSeconds(d.toolkit(told.Most)))
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
