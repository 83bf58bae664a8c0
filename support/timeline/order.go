package timeline

import (
	"fmt"

	"github.com/crossdc/failover/reports/model"
)

// Disorder finds indicators that contradict themselves, in observations that are listed as they arrived: one indicator
// at one site sees changes of status one after the other, so one that it reported later cannot have ended before one that
// it reported earlier began. Each finding is an observation of its own, OutOfOrder, over the stretch that it makes
// doubtful, so that the judge needs no order.
func Disorder(arrived []model.Observation) []model.Observation {
	type source struct{ site, indicator string }
	last := map[source]model.Observation{}
	var found []model.Observation
	for _, o := range arrived {
		if o.Event != PeerDown && o.Event != PeerUp {
			continue
		}
		from := source{o.Site, o.Indicator}
		if before, ok := last[from]; ok && o.When.Latest < before.When.Earliest {
			found = append(found, model.Observation{
				Site: o.Site, Indicator: o.Indicator, Event: OutOfOrder,
				When: model.Interval{Earliest: o.When.Earliest, Latest: before.When.Latest},
				Evidence: fmt.Sprintf("%s at %s reported %q after %q, which it says began %.3f s later",
					o.Indicator, o.Site, o.Event, before.Event, seconds(before.When.Earliest-o.When.Latest)),
			})
		}
		last[from] = o
	}
	return found
}
