package html

import (
	"fmt"
	"slices"
	"sort"

	"github.com/crossdc/failover/reports/model"
)

func sitesOf(served []model.Served) []string {
	var sites []string
	for _, s := range served {
		if !slices.Contains(sites, s.Site) {
			sites = append(sites, s.Site)
		}
	}
	sort.Strings(sites)
	return sites
}

type bucket struct {
	from, to model.Instant
	rate     float64 // events per toolkit second
}

// buckets are a site's events, neighbours joined until there are few enough to draw.
func buckets(served []model.Served, site string, speedup float64) []bucket {
	var own []model.Served
	for _, s := range served {
		if s.Site == site && s.To > s.From {
			own = append(own, s)
		}
	}
	sort.SliceStable(own, func(i, j int) bool { return own[i].From < own[j].From })
	join := len(own)/servedPoints + 1
	var out []bucket
	for i := 0; i < len(own); i += join {
		group := own[i:min(i+join, len(own))]
		events := int64(0)
		for _, s := range group {
			events += s.Events
		}
		from, to := group[0].From, group[len(group)-1].To
		out = append(out, bucket{from, to, float64(events) / (float64(to-from) / 1e9) / speedup})
	}
	return out
}

// servedInWords says for each data center how much it served before the fault and after it; without one, altogether. A stretch
// in which the fault came counts as neither: nobody knows how much of it was before.
func servedInWords(s model.Scenario) (parts []string) {
	for _, site := range sitesOf(s.Served) {
		all, before, after := int64(0), int64(0), int64(0)
		for _, one := range s.Served {
			switch {
			case one.Site != site:
				continue
			case s.Fault != nil && one.To <= s.Fault.Injected.Earliest:
				before += one.Events
			case s.Fault != nil && one.From >= s.Fault.Injected.Latest:
				after += one.Events
			}
			all += one.Events
		}
		if s.Fault != nil {
			parts = append(parts, fmt.Sprintf("%s served %d events before the fault and %d after it", site, before, after))
		} else {
			parts = append(parts, fmt.Sprintf("%s served %d events", site, all))
		}
	}
	return parts
}
