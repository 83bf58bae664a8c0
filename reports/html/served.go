package html

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
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

// served draws the events per wall second of each data center, all on one scale, as steps: a bucket is a stretch of time.
func (d *drawing) served(sites []string) {
	if len(sites) == 0 {
		return
	}
	const height = 80.0
	top, bottom := d.y+22, d.y+22+height
	rates := map[string][]bucket{}
	highest := 0.0
	for _, site := range sites {
		rates[site] = buckets(d.scenario.Served, site)
		for _, b := range rates[site] {
			highest = max(highest, b.rate)
		}
	}
	if highest == 0 {
		highest = 1
	}
	d.text("label", labelWidth-8, top+12, "end", "events served per second")
	d.text("small", labelWidth-8, top+26, "end", "up to "+plain.Seconds(highest)+" (wall)")
	for i, site := range sites {
		class := fmt.Sprintf("dc%d", i%2+1)
		x := labelWidth + 4 + float64(i)*90
		d.line("rate "+class, x, d.y+12, x+18, d.y+12)
		d.text("small", x+24, d.y+16, "start", clipLabel(site, 9))
		var b strings.Builder
		for j, bucket := range rates[site] {
			x1, x2 := d.x.at(d.since(bucket.from)), d.x.at(d.since(bucket.to))
			y := bottom - bucket.rate/highest*height
			if j == 0 {
				b.WriteString("M" + px(x1) + " " + px(y))
			} else {
				b.WriteString("V" + px(y))
			}
			b.WriteString("H" + px(x2))
		}
		d.path("rate "+class, b.String())
	}
	d.line("grid", labelWidth, bottom, timelineWidth-20, bottom)
	d.y = bottom + 8
}

type bucket struct {
	from, to model.Instant
	rate     float64 // events per wall second
}

// buckets are a site's events, neighbours joined until there are few enough to draw.
func buckets(served []model.Served, site string) []bucket {
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
		out = append(out, bucket{from, to, float64(events) / (float64(to-from) / 1e9)})
	}
	return out
}
