// Package seen turns what the monitor of package toolkit reports into the observations that package timeline judges. It
// is what scenarios store and what the accuracy benchmark holds against the truth.
package seen

import (
	"fmt"
	"time"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/support/timeline"
	"github.com/crossdc/failover/toolkit"
)

// Window says which changes belong to a scenario.
type Window struct {
	From      time.Time // changes that were over before do not belong to it
	Fault     time.Time // from here on, fragments that are taken over count
	Fragments int       // how many there are; the last one completes the takeover
	Instant   func(time.Time) model.Instant
}

// Observations translates changes, in their order.
func Observations(changes []toolkit.Change, w Window) []model.Observation {
	var list []model.Observation
	taken := map[string]int{}             // per site and indicator
	latest := map[string]model.Interval{} // of them: what is reported last need not have happened last
	for _, c := range changes {
		if c.Latest.Before(w.From) {
			continue
		}
		o := model.Observation{
			Site: c.Site, Indicator: string(c.Indicator), Event: string(c.Event), Subject: c.Subject,
			When: model.Interval{Earliest: w.Instant(c.Earliest), Latest: w.Instant(c.Latest)}, Evidence: c.Evidence,
		}
		fragment := c.Event == toolkit.FragmentTakenOver
		if fragment && c.Count > 1 {
			o.Subject = fmt.Sprintf("%s x%d", c.Subject, c.Count)
		}
		list = append(list, o)
		if !fragment || c.Latest.Before(w.Fault) {
			continue
		}
		key := c.Site + "/" + string(c.Indicator)
		if taken[key] == 0 {
			latest[key] = o.When
		}
		latest[key] = model.Interval{Earliest: max(latest[key].Earliest, o.When.Earliest), Latest: max(latest[key].Latest, o.When.Latest)}
		taken[key] += int(max(c.Count, 1))
		if taken[key] == w.Fragments {
			list = append(list, model.Observation{
				Site: c.Site, Indicator: string(c.Indicator), Event: timeline.TakeoverComplete, When: latest[key],
				Evidence: fmt.Sprintf("fragment %d of %d", w.Fragments, w.Fragments),
			})
		}
	}
	return list
}
