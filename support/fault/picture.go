package fault

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// footprint is what a fault may change; everything else is compared before and after.
type footprint struct {
	dc     string // a data center
	link   bool   // the link, in both directions unless oneWay
	sided  bool   // it is about one data center's side of the link: Parameters.From must name one
	oneWay bool   // only the requests of from are concerned
	from   string // a data center, with oneWay
}

// directions are those of the link that it covers; none where from is no data center of env.
func (f footprint) directions(env Environment) []string {
	one, two := env.DataCenters()
	switch {
	case !f.link:
		return nil
	case !f.oneWay:
		return Directions()
	case f.from == one.Name():
		return []string{ToDC2}
	case f.from == two.Name():
		return []string{ToDC1}
	}
	return nil
}

// target names the link by the data centers that it joins; known is what else was struck, or which ports.
func (f footprint) target(env Environment, known string) string {
	if !f.link {
		return known
	}
	one, two := env.DataCenters()
	ends := one.Name() + "<->" + two.Name()
	if ways := f.directions(env); len(ways) == 1 {
		ends = arrow(env, ways[0])
	}
	return "link " + ends + strings.TrimPrefix(known, theLink)
}

// theLink is the link as long as it is not known which data centers it joins.
const theLink = "the link"

// arrow is a direction with the names of the data centers.
func arrow(env Environment, direction string) string {
	one, two := env.DataCenters()
	if direction == ToDC1 {
		one, two = two, one
	}
	return one.Name() + "->" + two.Name()
}

// settling is the least life of a rule that takes part in the comparison: one about to end may end meanwhile.
const settling = 10 * time.Second

// picture is what the environment looks like outside a fault's footprint: subject -> state. What cannot be read is
// left out, so that it is not compared rather than guessed.
type picture map[string]string

// look takes the picture.
func look(ctx context.Context, env Environment, f footprint) picture {
	p := picture{}
	one, two := env.DataCenters()
	for _, dc := range []DataCenter{one, two} {
		if dc.Name() == f.dc {
			continue
		}
		if processes := dc.Processes(); processes != nil {
			if pids, err := processes.List(ctx); err == nil {
				slices.Sort(pids)
				p["processes of "+dc.Name()] = fmt.Sprint(pids)
			}
		}
		if job, running, err := dc.Management().JobRunning(ctx); err == nil && running {
			p["job of "+dc.Name()] = job
		}
		if pes, err := dc.Management().PEs(ctx); err == nil {
			var launches []string
			for _, id := range slices.SortedFunc(maps.Keys(pes), byNumber) {
				launches = append(launches, fmt.Sprintf("pe %s launch %d", id, pes[id]))
			}
			p["PEs of "+dc.Name()] = strings.Join(launches, ", ")
		}
	}
	if link := env.Link(); link != nil {
		if rules, err := link.Rules(ctx); err == nil {
			covered := f.directions(env)
			for _, direction := range Directions() {
				if !slices.Contains(covered, direction) {
					p["rules on "+arrow(env, direction)] = describe(rules, direction)
				}
			}
		}
	}
	return p
}

// describe lists the rules of a direction that will not end by themselves just now.
func describe(rules []LinkRule, direction string) string {
	var texts []string
	for _, rule := range rules {
		if rule.Direction == direction && rule.Lifetime > settling {
			texts = append(texts, string(rule.Mode)+" on "+string(rule.Ports))
		}
	}
	if len(texts) == 0 {
		return "none"
	}
	slices.Sort(texts)
	return strings.Join(texts, ", ")
}

// compare says what was compared, or what differs now.
func (p picture) compare(now picture) (string, error) {
	var same, different []string
	for _, subject := range slices.Sorted(maps.Keys(p)) {
		was := p[subject]
		is, read := now[subject]
		switch {
		case !read: // cannot be asked any more; a fault of the other side shows in the observations
		case is != was:
			different = append(different, fmt.Sprintf("%s: were %s, are %s", subject, was, is))
		default:
			same = append(same, subject)
		}
	}
	if len(different) > 0 {
		return "", fmt.Errorf("%w: %s", ErrTouchedOthers, strings.Join(different, "; "))
	}
	return "unchanged: " + strings.Join(same, ", "), nil
}
