// Package specs registers scenarios that were read from files: the same faults, the same steps, the same judgement as those that
// are written in Go.
//
// It may import support and toolkit.
package specs

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"

	"github.com/crossdc/failover/support/declared"
	"github.com/crossdc/failover/support/environment"
	"github.com/crossdc/failover/support/scenario"
	"github.com/crossdc/failover/toolkit/crossdc"
)

// Register makes specs of a scenario: hand it to Suite.Repeat.
func Register(s declared.Scenario) func(given func() scenario.Given) bool {
	return func(given func() scenario.Given) bool {
		return Describe(s.Words, Ordered, Label(s.AllLabels()...), func() {
			var options []scenario.Option
			if s.Unnoticed() {
				options = append(options, scenario.Unnoticed)
			}
			if s.Discards() {
				options = append(options, scenario.Discards)
			}
			drill := scenario.New(given, options...)

			It("serves events in both data centers", func(ctx SpecContext) {
				if why := unmet(s, given()); why != "" {
					drill.LeaveOut(why)
				}
				drill.IsSteady(ctx)
			})
			var since declared.Length
			for i, f := range s.Faults {
				if since = since.Plus(f.After); i == s.Measured()+1 {
					since = f.After // every "since" counts from the fault that is measured
				}
				at := since
				It(s.Step(i), func(ctx SpecContext) { inject(ctx, drill, s, i, at) })
			}
			for _, c := range s.Claims() {
				It(c.Words(), func(ctx SpecContext) { steps[c.Name](ctx, drill, side(drill, c.Side)) })
			}
			It("meets its objectives", drill.MeetsItsObjectives)
		})
	}
}

func side(d *scenario.Drill, name string) *scenario.Side {
	if name == declared.Second {
		return d.DC2
	}
	return d.DC1
}

// inject puts a fault in force: one is measured, the others come beside it, before or after.
func inject(ctx context.Context, d *scenario.Drill, s declared.Scenario, i int, since declared.Length) {
	interval := d.Timing.Interval
	wall := func(t time.Duration) time.Duration { return d.Intervals(float64(t) / float64(interval)) }
	f, err := s.Faults[i].Make(map[string]string{declared.First: d.DC1.Name(), declared.Second: d.DC2.Name()}, interval, wall)
	if err != nil {
		Fail(fmt.Sprintf("make the fault that %s declares: %v", s.File(), err)) // every kind was looked up when the file was read
	}
	if i > 0 {
		d.WatchUntil(ctx, float64(since.Of(interval))/float64(interval))
	}
	if i == s.Measured() {
		d.Inject(ctx, f)
	} else {
		d.Beside(ctx, f)
	}
}

// unmet says why a scenario is not meant for the settings in force; empty when it is.
func unmet(s declared.Scenario, given scenario.Given) string {
	configuration := environment.ToolkitConfig(given.Config)
	var why []string
	for _, name := range slices.Sorted(maps.Keys(s.Toolkit)) {
		for _, key := range crossdc.Keys() {
			if value := key.Get(&configuration); key.Name == name && value != s.Toolkit[name] {
				why = append(why, fmt.Sprintf("it is meant for %s=%s, the run has %s", name, s.Toolkit[name], value))
			}
		}
	}
	if s.Traffic.Rate > given.Config.Rate {
		why = append(why, fmt.Sprintf("it is meant for %g events/s, the run sends %g (CROSSDC_RATE)", s.Traffic.Rate, given.Config.Rate))
	}
	objectives := given.Config.Objectives()
	for _, o := range []struct {
		name       string
		want, have time.Duration
	}{{"RTO", s.Limits.RTO.Time, objectives.RTO}, {"RPO", s.Limits.RPO.Time, objectives.RPO}} {
		if o.want > 0 && o.want != o.have {
			why = append(why, fmt.Sprintf("it is meant for an %s of %s, the run has %s (CROSSDC_%s)", o.name, o.want, o.have, o.name))
		}
	}
	return strings.Join(why, "; ")
}
