package store

import (
	"slices"
	"strings"

	"github.com/crossdc/failover/reports/model"
)

// complete gives faults of runs that were stored before faults said whom they strike what their target said then: the name of a
// data center, or of something in it, or of the link in one direction. The names are those that the run itself records.
func complete(run *model.Run) {
	var names []string
	for _, dc := range run.Environment.DataCenters {
		names = append(names, dc.Name)
	}
	for i := range run.Scenarios {
		if f := run.Scenarios[i].Fault; f != nil && len(f.Observers) == 0 {
			completeFault(f, names)
		}
	}
}

func completeFault(f *model.Fault, names []string) {
	others := func(gone string) []string {
		return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == gone })
	}
	for _, name := range names {
		part := strings.HasPrefix(f.Target, name+"/")
		if f.Target == name || part {
			f.Struck, f.TakesService, f.Observers = name, !part, others(name)
			return
		}
		for _, other := range others(name) {
			if f.Target == "link "+name+"->"+other {
				f.Observers = others(name)
				return
			}
		}
	}
}
