package declared

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/crossdc/failover/toolkit/crossdc"
)

// again are the kinds that may be told again while the one before lasts: they end by themselves, or come in stages.
var again = []string{"no-op", "kill-pe", "restart-pe", "clock-step", orderlyShutdown, "degrade", "lose", "reorder", "duplicate", "corrupt"}

// checkOverlaps refuses a fault that comes while one of its kind, on the same target, still lasts: nobody could say which of the two
// did what was seen, and taking back one would take back both.
func (s *Scenario) checkOverlaps() (problems []error) {
	for i, f := range s.Faults {
		if slices.Contains(again, f.Kind) || !slices.Contains(kinds(), f.Kind) {
			continue
		}
		var since Length
		for k, next := range s.Faults[i+1:] {
			since = since.Plus(next.After)
			same := next.Kind == f.Kind && next.Target == f.Target && next.Ports == f.Ports && next.Fragment == f.Fragment
			if same && (f.For.IsZero() || since.Of(s.interval()) < f.For.Of(s.interval())) {
				problems = append(problems, s.wrong(fmt.Sprintf("faults/%d/fault", i+1+k), "%s of %s comes %s after fault %d of the same kind, which lasts %s: let that one end before",
					f.Kind, struck(f), since, i+1, lasts(f)))
				break
			}
		}
	}
	return problems
}

// interval is I where the scenario is meant for one, else the shipped one.
func (s *Scenario) interval() time.Duration {
	if seconds, err := strconv.ParseFloat(s.Toolkit["heartbeatExchangeInterval"], 64); err == nil && seconds > 0 && seconds < longest.Seconds() {
		return time.Duration(seconds * float64(time.Second))
	}
	shipped := crossdc.Shipped()
	return shipped.Timing().Interval
}

func struck(f Fault) string {
	if f.Target == "" {
		return "the link"
	}
	return f.Target
}

func lasts(f Fault) string {
	if f.For.IsZero() {
		return "until the end (it has no planned one)"
	}
	return f.For.String()
}

// checkToolkit holds the properties against those that the toolkit has, and gives each value the form in which a run states it.
func (s *Scenario) checkToolkit() (problems []error) {
	known := map[string]crossdc.Key{}
	var names []string
	for _, key := range crossdc.Keys() {
		if !key.Secret {
			known[key.Name] = key
			names = append(names, key.Name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Toolkit)) {
		value := s.Toolkit[name]
		key, is := known[name]
		if !is {
			problems = append(problems, s.wrong("toolkit/"+name, "no such property; want one of %s", strings.Join(names, ", ")))
			continue
		}
		read, err := crossdc.Load(crossdc.Source{Application: "a", Properties: map[string]string{"a_" + name: value}})
		if err != nil {
			problems = append(problems, s.wrong("toolkit/"+name, "%q; want a value of type %s, without a unit", value, key.Type))
			continue
		}
		s.Toolkit[name] = key.Get(&read)
	}
	return problems
}
