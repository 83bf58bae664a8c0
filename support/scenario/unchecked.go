package scenario

import (
	"context"
	"errors"
	"time"

	"github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/toolkit"
)

// notChecked records that something the scenario claims could not be looked at here. The scenario goes on, because what
// else it shows is worth having, but its verdict is at best inconclusive. Nothing of the kind may pass in silence.
func (d *Drill) notChecked(claim string, why error) {
	ginkgo.GinkgoHelper()
	now := time.Now()
	d.observe(model.Observation{
		Indicator: "suite", Event: timeline.NotChecked, Subject: claim, When: d.interval(d.t0, now), Evidence: why.Error(),
	})
	progress("    not checked, the verdict is inconclusive: %s: %v", claim, why)
	d.store()
}

// skipUnchecked is notChecked for a step that claims nothing else: the step is skipped, with the reason in the report.
func (d *Drill) skipUnchecked(claim string, why error) {
	ginkgo.GinkgoHelper()
	d.notChecked(claim, why)
	ginkgo.Skip("not checked: " + claim + ": " + why.Error())
}

// blind says why an indicator cannot show anything here; empty when it can.
func (d *Drill) blind(indicator toolkit.Indicator) string {
	return environment.Blind(d.settings, indicator)
}

// looksUntilNow waits until as many indicators as needed have shown everything of an event's kind up to now: who claims that
// nothing happened must have looked. Where they fail, or fall silent, the claim is not checked. A monitor of a passive data
// center is left out, because its own script ends it.
func (s *Side) looksUntilNow(ctx context.Context, claim string, event toolkit.Event, needed int) {
	ginkgo.GinkgoHelper()
	d := s.drill
	if d.endsItself(s) {
		return
	}
	if why := d.looked(ctx, s, event, needed, time.Now()); why != "" {
		d.notChecked(claim, errors.New(why))
	}
}

// counted is the value of one of a side's toolkit counters; known is false where no source of counters showed it.
func (d *Drill) counted(ctx context.Context, side *Side, count toolkit.Count) (value int64, known bool, err error) {
	status, err := d.env.Client.Status(ctx) // an error may speak of the other side, which is gone
	for _, site := range status.Sites {
		if site.Name != side.Name() {
			continue
		}
		for _, source := range site.Evidence.Metrics {
			known = known || source.Counts[count].Known
		}
		if known {
			return countOf(site.Evidence, count), true, nil
		}
	}
	return 0, false, err
}

// countOf is the value of one of the toolkit's counters, 0 when it is not known.
func countOf(e toolkit.Evidence, count toolkit.Count) int64 {
	var value int64
	for _, source := range e.Metrics {
		if track := source.Counts[count]; track.Known {
			value = max(value, track.Value)
		}
	}
	return value
}
