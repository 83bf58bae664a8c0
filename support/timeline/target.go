package timeline

import (
	"maps"
	"slices"
	"strings"
)

// sites lists every data center that the scenario knows of.
func (j *judgement) sites() []string {
	names := map[string]bool{}
	for _, o := range j.s.Observations {
		names[o.Site] = true
	}
	for _, use := range j.s.Indicators {
		names[use.Site] = true
	}
	for _, served := range j.s.Served {
		names[served.Site] = true
	}
	if j.s.Ledger != nil {
		for name := range j.s.Ledger.ProcessedBy {
			names[name] = true
		}
	}
	delete(names, "")
	delete(names, TrafficIndicator)
	return slices.Sorted(maps.Keys(names))
}

// struck returns the data center that a fault's target names ("dc1", "dc1/job 7/pe 3"); ok is false for a link.
func struck(target string) (site string, ok bool) {
	if strings.Contains(target, "->") || strings.HasPrefix(target, "link") {
		return "", false
	}
	site, _, _ = strings.Cut(target, "/")
	return site, site != ""
}

// observers returns who has to detect the fault: the other side of a struck data center, the receiving end of a cut
// direction ("link dc1->dc2"), and every data center for everything else.
func (j *judgement) observers() []string {
	target, known := j.s.Fault.Target, j.sites()
	if site, ok := struck(target); ok && slices.Contains(known, site) {
		return slices.DeleteFunc(slices.Clone(known), func(name string) bool { return name == site })
	}
	if !strings.Contains(target, "<->") && strings.Count(target, "->") == 1 {
		_, receiver, _ := strings.Cut(target, "->")
		if fields := strings.Fields(receiver); len(fields) > 0 && slices.Contains(known, fields[0]) {
			return fields[:1]
		}
	}
	return known
}

// losesService reports that the fault takes a whole data center's traffic away and the traffic was accounted for.
func (j *judgement) losesService() bool {
	_, site := struck(j.s.Fault.Target)
	return site && !strings.Contains(j.s.Fault.Target, "/") && j.s.Ledger != nil
}
