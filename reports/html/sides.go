package html

import (
	"fmt"
	"html/template"
	"sort"
	"strings"

	"github.com/crossdc/failover/reports/model"
	"github.com/crossdc/failover/reports/plain"
)

// side is what the indicators saw at one data center.
type side struct {
	Site string
	Rows []sideRow
	More string
}

// sideRow is one event by one indicator, in words and as a bar.
type sideRow struct {
	Label, When string
	Bar         template.HTML
}

const maxRows = 24 // of one side

// sidesOf groups what was seen by data center, each event by each indicator once, in the order of time. What the suite says
// of itself is among the observations.
func sidesOf(s model.Scenario) []side {
	c := clockOf(s)
	type key struct{ site, label string }
	at := map[key][]model.Observation{}
	var order []key
	from, to := 0.0, 1.0
	for _, o := range s.Observations {
		if o.Site == "" {
			continue
		}
		k := key{o.Site, o.Indicator + ": " + o.Event}
		if at[k] == nil {
			order = append(order, k)
		}
		at[k] = append(at[k], o)
		from, to = min(from, c.at(o.When.Earliest)), max(to, c.at(o.When.Latest))
	}
	sort.SliceStable(order, func(i, j int) bool {
		if order[i].site != order[j].site {
			return order[i].site < order[j].site
		}
		return at[order[i]][0].When.Earliest < at[order[j]][0].When.Earliest
	})
	x := scale{from: from, to: to, left: 2, width: 196}
	var out []side
	for _, k := range order {
		if len(out) == 0 || out[len(out)-1].Site != k.site {
			out = append(out, side{Site: k.site})
		}
		one := &out[len(out)-1]
		if len(one.Rows) == maxRows {
			one.More = "More of them are among the observations below."
			continue
		}
		all := at[k]
		row := sideRow{Label: plain.Line(k.label), When: c.words(all[0].When)}
		if len(all) > 1 {
			row.When += fmt.Sprintf(" … %s (%d times)", c.words(all[len(all)-1].When), len(all))
		}
		var b svg
		b.open(200, 12, row.When)
		b.line("base", x.at(0), 0, x.at(0), 12)
		for i, o := range all {
			if i == 50 {
				break
			}
			left, width := x.span(c.at(o.When.Earliest), c.at(o.When.Latest), thinnest)
			b.rect("seen", left, 2, width, 8, "")
		}
		row.Bar = b.close()
		one.Rows = append(one.Rows, row)
	}
	return out
}

// sideNames are the folded line: which sides there is something to see of.
func sideNames(sides []side) string {
	var parts []string
	for _, s := range sides {
		parts = append(parts, fmt.Sprintf("%s (%d)", s.Site, len(s.Rows)))
	}
	return strings.Join(parts, ", ")
}
