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

	"github.com/crossdc/failover/reports/model"
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

// tracesOf reads a side's traces, where they may be used.
func (d *Drill) tracesOf(ctx context.Context, side *Side) ([]toolkit.TraceLine, error) {
	if why := d.blind(toolkit.TraceLines); why != "" {
		return nil, fmt.Errorf("read the traces of %s: %s", side.Name(), why)
	}
	return side.Traces(ctx)
}
