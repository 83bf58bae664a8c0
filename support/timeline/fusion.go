package timeline

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/crossdc/failover/reports/model"
)

// Fused is what several indicators together say about one event. Fusion is commutative, associative and idempotent:
// the order in which indicators report does not matter, and saying a thing twice adds nothing.
type Fused struct {
	common model.Interval // intersection; reversed when the indicators contradict each other
	hull   model.Interval
	by     []string // indicators, sorted
}

// None is the fusion of nothing: the neutral element.
func None() Fused {
	return Fused{
		common: model.Interval{Earliest: math.MinInt64, Latest: math.MaxInt64},
		hull:   model.Interval{Earliest: math.MaxInt64, Latest: math.MinInt64},
	}
}

// FromObservation is the fusion of a single observation.
func FromObservation(o model.Observation) Fused {
	return Fused{common: o.When, hull: o.When, by: []string{o.Indicator}}
}

// And fuses two statements about the same event.
func (f Fused) And(o Fused) Fused {
	by := slices.Concat(f.by, o.by)
	slices.Sort(by)
	return Fused{
		common: model.Interval{Earliest: max(f.common.Earliest, o.common.Earliest), Latest: min(f.common.Latest, o.common.Latest)},
		hull:   model.Interval{Earliest: min(f.hull.Earliest, o.hull.Earliest), Latest: max(f.hull.Latest, o.hull.Latest)},
		by:     slices.Compact(by),
	}
}

// Fuse fuses observations of the same event.
func Fuse(observations ...model.Observation) Fused {
	fused := None()
	for _, o := range observations {
		fused = fused.And(FromObservation(o))
	}
	return fused
}

// Seen reports whether any indicator contributed.
func (f Fused) Seen() bool { return len(f.by) > 0 }

// Contradicted reports that no instant satisfies all indicators.
func (f Fused) Contradicted() bool { return f.Seen() && f.common.Earliest > f.common.Latest }

// When returns the intersection, or the hull of everything said when the indicators contradict each other.
func (f Fused) When() model.Interval {
	if f.Contradicted() {
		return f.hull
	}
	return f.common
}

// By lists the indicators, sorted.
func (f Fused) By() []string { return slices.Clone(f.by) }

// contradiction says in words who disagrees about what.
func contradiction(site, event, subject string, observations []model.Observation, origin model.Instant) string {
	said := make([]string, 0, len(observations))
	for _, o := range observations {
		said = append(said, fmt.Sprintf("%s says %.3f..%.3f s", o.Indicator, seconds(o.When.Earliest-origin), seconds(o.When.Latest-origin)))
	}
	slices.Sort(said)
	if subject != "" {
		event += " (" + subject + ")"
	}
	return fmt.Sprintf("indicators contradict each other about %q at %s: %s (wall time since the fault)", event, site, strings.Join(slices.Compact(said), ", "))
}

func seconds(i model.Instant) float64 { return float64(i) / 1e9 }
