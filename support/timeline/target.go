package timeline

import (
	"maps"
	"slices"
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

// observers returns who has to detect the fault, of the data centers that were looked at.
func (j *judgement) observers() []string {
	known := j.sites()
	if len(j.s.Fault.Observers) == 0 {
		return known
	}
	return slices.DeleteFunc(known, func(name string) bool { return !slices.Contains(j.s.Fault.Observers, name) })
}

// losesService reports that the fault takes a whole data center's traffic away and the traffic was accounted for.
func (j *judgement) losesService() bool { return j.s.Fault.TakesService && j.s.Ledger != nil }
